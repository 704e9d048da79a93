// The least that a Node process can do for a stream: read ffmpeg's pipe and write what it reads to a socket. What this costs
// beside plain ffmpeg is the price of a relay in Node as such; what Bulkhead costs more than this is Bulkhead's.
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { startPlain } from '../support/plain-ffmpeg.js';

const [port = '', ...command] = process.argv.slice(2);
const socket = connect(Number(port), '127.0.0.1');
(startPlain(command, 'pipe').stdout as Readable).pipe(socket);
