// The least that two hops in Node cost: a front process takes a publisher's connection and hands its bytes to a back process
// on a Unix socket, which writes them to the live server. Nobody looks into them; answers go the other way.
import { spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../../test/support/temp.js';

/** Hands on what comes: at once, or every `batchMs`. */
function forward(from: Socket, to: Socket, batchMs = 0): void {
  from.on('error', () => {});
  from.on('close', () => to.destroy());
  if (batchMs === 0) {
    from.pipe(to);
    return;
  }
  from.on('data', (bytes: Buffer) => {
    if (to.writableCorked === 0) {
      to.cork();
      setTimeout(() => to.uncork(), batchMs);
    }
    to.write(bytes);
  });
}

function serveFront(front: Socket, outputPort: number): void {
  const output = connect({ port: outputPort, host: '127.0.0.1', noDelay: true });
  forward(front, output);
  forward(output, front);
}

/** `back BATCH_MS OUTPUT_PORT`; it starts `front BATCH_MS PATH`. */
const [role = '', batchMs = '0', place = ''] = process.argv.slice(2);
if (role === 'front') {
  const server = createServer({ noDelay: true }, (publisher) => {
    const back = connect(place);
    forward(publisher, back, Number(batchMs));
    forward(back, publisher);
  }).listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address !== 'string') console.log(address.port);
  });
} else {
  const path = join(tempDir('relay').path, 'hop');
  createServer((front) => serveFront(front, Number(place))).listen(path, () =>
    spawn(process.execPath, [fileURLToPath(import.meta.url), 'front', batchMs, path], {
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
}
