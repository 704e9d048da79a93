// The least that two hops in Node cost: a front process takes a publisher's connection and hands its bytes to a back process
// on a Unix socket, which writes them to the live server. Nobody looks into them; answers go the other way.
import { spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../../test/support/temp.js';

/** How long a hop that reads in batches leaves bytes with the kernel, ms. */
const BATCH_MS = 16;
const BUFFER_BYTES = 64 * 1024;

type Shape = 'pipe' | 'batch' | 'onread';

/** Hands on what comes, at once or every {@link BATCH_MS}. */
function forward(from: Socket, to: Socket, shape: Shape): void {
  from.on('error', () => {});
  from.on('close', () => to.destroy());
  if (shape !== 'batch') {
    from.pipe(to);
    return;
  }
  from.on('data', (bytes: Buffer) => {
    to.write(bytes);
    from.pause();
    setTimeout(() => from.resume(), BATCH_MS);
  });
}

/** Connects, and hands on what comes from there; into one buffer that is used again where it may be. */
function connectBack(path: string, publisher: Socket): void {
  const back = connect(path);
  forward(back, publisher, 'pipe');
  forward(publisher, back, shape);
}

/** The output's connection reads answers alone; what the front sends is read in the shape that is tried. */
function serveFront(front: Socket, outputPort: number): void {
  const output = connect({ port: outputPort, host: '127.0.0.1', noDelay: true });
  forward(front, output, shape);
  forward(output, front, 'pipe');
}

/** The back hop as the connecting side, since only that can read into a buffer of its own. */
function readFront(path: string, outputPort: number): void {
  const output = connect({ port: outputPort, host: '127.0.0.1', noDelay: true });
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  const front = connect({
    path,
    onread: {
      buffer,
      callback: (length) => output.write(Buffer.from(buffer.subarray(0, length))),
    },
  });
  front.on('error', () => {});
  front.on('close', () => output.destroy());
  forward(output, front, 'pipe');
}

const [role = '', shapeName = 'pipe', place = '', path = ''] = process.argv.slice(2);
const shape = shapeName as Shape;
if (role === 'front') {
  let waiting: Socket | undefined;
  const server = createServer({ noDelay: true }, (publisher) => {
    if (shape !== 'onread') {
      connectBack(path, publisher);
      return;
    }
    waiting = publisher;
    process.send?.('publisher');
  }).listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address !== 'string') console.log(address.port);
  });
  if (shape === 'onread') {
    createServer((back) => {
      if (waiting === undefined) return;
      forward(waiting, back, 'pipe');
      forward(back, waiting, 'pipe');
    }).listen(path);
  }
} else {
  const dir = tempDir('relay');
  const socketPath = join(dir.path, 'hop');
  const startFront = () =>
    spawn(process.execPath, [fileURLToPath(import.meta.url), 'front', shape, '', socketPath], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  if (shape === 'onread') startFront().on('message', () => readFront(socketPath, Number(place)));
  else createServer((front) => serveFront(front, Number(place))).listen(socketPath, startFront);
}
