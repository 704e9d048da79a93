import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { RpcConnection } from '../../rpc/rpc-connection.js';
import { OverlayPart } from './overlay-part.js';

/** The descriptors that the encoder process gives it: messages, and pixels. */
const [CONTROL_FD, REGIONS_FD] = [3, 4];

process.on('SIGINT', () => {});
const control: Duplex = new Socket({ fd: CONTROL_FD, readable: true, writable: true });
const regions = new Socket({ fd: REGIONS_FD, readable: false, writable: true });
regions.on('error', () => process.exit());
const connection = new RpcConnection(control, { peer: 'encoder' });
connection.onDidClose(() => process.exit());
new OverlayPart(connection, regions, new URL('./fonts/', import.meta.url));
connection.listen();
