import { once } from 'node:events';
import { connect } from 'node:net';
import { RtmpConnection } from '../../src/rtmp/rtmp-connection.js';

/** The message stream of what {@link openPublishing} publishes. */
export const PUBLISHING_STREAM = 1;

/** Publishes to a server on this machine: the connection, once the server has accepted. Rejects if it is closed before. */
export async function openPublishing(rtmpPort: number, app: string, key: string): Promise<RtmpConnection> {
  const socket = connect(rtmpPort, '127.0.0.1');
  await once(socket, 'connect');
  let onStart = () => {};
  const started = new Promise<void>((resolve, reject) => {
    onStart = resolve;
    socket.once('close', () => reject(new Error('the publisher was closed')));
  });
  const connection = new RtmpConnection(socket, {
    onStatus: ({ code }) => code === 'NetStream.Publish.Start' && onStart(),
    onClosed: () => {},
    onFlush: () => {},
    onDrain: () => {},
  });
  await connection.handshake();
  await connection.call('connect', { app, tcUrl: `rtmp://127.0.0.1:${rtmpPort}/${app}` });
  await connection.call('createStream', null);
  connection.send(PUBLISHING_STREAM, 'publish', null, key, 'live');
  await started;
  return connection;
}
