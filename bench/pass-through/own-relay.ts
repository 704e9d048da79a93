// What our code does to each byte, with nothing around it: the front process is an RTMP server that writes FLV tags to a
// Unix socket, the back process puts them on the timeline and publishes them.
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RtmpOutput } from '../../src/core/publish/rtmp/rtmp-output.js';
import { Timeline } from '../../src/core/timeline/timeline.js';
import { FLV_PREAMBLE, flvTag } from '../../src/media/flv-writer.js';
import { GopCache } from '../../src/media/gop-cache.js';
import { RtmpServerSession } from '../../src/rtmp/rtmp-server-session.js';
import { tempDir } from '../../test/support/temp.js';

/**
 * @param readMs how long the front process leaves bytes with the kernel, ms; 0: not at all
 * @param writeMs how long it collects tags before it writes them, ms
 */
function serve(path: string, readMs: number, writeMs: number): void {
  const server = createServer({ noDelay: true }, (socket) => {
    const media = connect(path);
    media.write(FLV_PREAMBLE);
    media.on('error', () => socket.destroy());
    new RtmpServerSession(socket, {
      checkApp: () => {},
      publish: () => {
        if (readMs > 0)
          socket.on('data', () => {
            socket.pause();
            setTimeout(() => socket.resume(), readMs);
          });
        return {
          take: (kind, timestampMs, payload) => {
            if (media.writableCorked === 0) {
              media.cork();
              if (writeMs > 0) setTimeout(() => media.uncork(), writeMs);
              else process.nextTick(() => media.uncork());
            }
            media.write(flvTag(kind, timestampMs, payload));
          },
          end: () => media.end(),
        };
      },
      play: () => ({ end: () => {} }),
    });
  }).listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address !== 'string') console.log(address.port);
  });
}

function publish(path: string, urls: readonly string[], then: () => void): void {
  const timeline = new Timeline();
  const cache = new GopCache();
  const outputs = urls.map((url, n) => new RtmpOutput({ id: `o${n}`, url }, () => cache.snapshot()));
  timeline.onTag((tag) => {
    cache.push(tag);
    for (const output of outputs) output.push(tag);
  });
  createServer((media) => {
    const epoch = timeline.beginEpoch();
    media.on('data', (bytes: Buffer) => epoch.write(bytes, performance.now()));
    media.on('error', () => {});
    media.on('close', () => epoch.end());
  }).listen(path, then);
  for (const output of outputs) output.start();
}

const [role = '', readMs = '0', writeMs = '0', ...rest] = process.argv.slice(2);
if (role === 'front') {
  serve(rest[0] ?? '', Number(readMs), Number(writeMs));
} else {
  const dir = tempDir('relay');
  const path = join(dir.path, 'media');
  publish(path, rest, () => {
    spawn(process.execPath, [fileURLToPath(import.meta.url), 'front', readMs, writeMs, path], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  });
}
