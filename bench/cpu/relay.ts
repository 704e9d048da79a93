// The least that a Node process can do for a stream: read ffmpeg's pipe and write what it reads to a socket.
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { startDirect } from '../support/direct-ffmpeg.js';

const [port = '', ...command] = process.argv.slice(2);
const socket = connect(Number(port), '127.0.0.1');
(startDirect(command, 'pipe').stdout as Readable).pipe(socket);
