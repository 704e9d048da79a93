import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { encodeSettingsOf } from '../../../src/config/ingests.js';
import { BroadcastConfigSchema, type SourceConfig } from '../../../src/config/schema.js';
import { pulledArguments } from '../../../src/encoder/arguments/source-arguments.js';
import { DiskCache } from '../../../src/encoder/disk-cache.js';
import { MediaInspector } from '../../../src/encoder/media-inspector.js';
import { prepareContext } from '../../../src/encoder/prepare-context.js';
import { expandPlaylist } from '../../../src/encoder/sources/playlist.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const FORMAT = { sampleRate: 48_000, channels: 2 } as const;

describe('odd inputs', function () {
  this.timeout(20_000);
  const settings = encodeSettingsOf(BroadcastConfigSchema.parse({ video: { width: 64, height: 36 } }));
  let folder: TempDir;
  const servers: (Server | HttpServer)[] = [];

  before(() => {
    folder = tempDir('odd-inputs');
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=64x36', '-t', '0.4', at('clip.ts'));
    ffmpeg('-f', 'lavfi', '-i', 'color=red:s=64x36', '-frames:v', '1', at('red.png'));
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });
  after(() => folder.dispose());

  const at = (name: string) => join(folder.path, name);
  function ffmpeg(...args: string[]): void {
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...args]);
  }
  function contextOf(input: SourceConfig) {
    const cache = new DiskCache(join(folder.path, 'cache'));
    const { signal } = new AbortController();
    const inspector = new MediaInspector(cache);
    return prepareContext({ ...settings, input }, { ffmpegPath: 'ffmpeg', cache, inspector, signal });
  }
  async function portOf(server: Server | HttpServer): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }
  const list = (segment: string) =>
    `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n${segment}\n#EXT-X-ENDLIST\n`;

  it('opens no file of this computer for a server that sends a list of them', async () => {
    for (const text of [list(`file://${at('clip.ts')}`), `ffconcat version 1.0\nfile '${at('clip.ts')}'\n`]) {
      const server = createTcpServer((socket) => {
        socket.on('error', () => {});
        socket.end(text);
      });
      const url = `tcp://127.0.0.1:${await portOf(server)}`;
      await assert.rejects(contextOf({ type: 'url', url }), { code: 'input.denied' }, text);
    }
  });

  it('says of a web server that it refuses, or leads to no web server', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/denied') response.writeHead(403).end();
      else response.writeHead(302, { location: `file://${at('clip.ts')}` }).end();
    });
    const url = `http://127.0.0.1:${await portOf(server)}`;
    await assert.rejects(contextOf({ type: 'url', url: `${url}/denied` }), /refused it with "403"/);
    await assert.rejects(contextOf({ type: 'url', url: `${url}/file` }), /redirects to one that is none/);
  });

  it('refuses at once what is no file, rather than wait for the other end of a pipe', async () => {
    for (const name of ['pipe.png', 'pipe.m3u']) execFileSync('mkfifo', [at(name)]);
    const refused = { code: 'input.invalid', message: /a pipe or a device|not a file/ };
    await assert.rejects(contextOf({ type: 'image', path: at('pipe.png') }), refused);
    await assert.rejects(contextOf({ type: 'file', path: at('pipe.png'), loop: true }), refused);
    await assert.rejects(expandPlaylist([at('pipe.m3u')]), refused);
  });

  it('shows an image that is given as a file without end, rather than open it for each frame', async () => {
    copyFileSync(at('red.png'), at('%d %s.png'));
    ffmpeg('-i', at('red.png'), at('red.gif'));
    for (const name of ['red.png', 'red.gif', '%d %s.png']) {
      const input = { type: 'file', path: at(name), loop: true } as const;
      const context = { ...(await contextOf(input)), video: settings.video, format: FORMAT };
      const { endless, frames, sound } = pulledArguments(input, context);
      assert.deepEqual([endless, sound], [true, undefined], name);
      assert.ok(isRed(shown(frames?.(0))), name);
    }
    const clip = { type: 'file', path: at('clip.ts'), loop: true } as const;
    const context = { ...(await contextOf(clip)), video: settings.video, format: FORMAT };
    assert.equal(pulledArguments(clip, context).endless, false);
  });

  it('reads an image whose format is known by its name alone, whatever that is', async () => {
    ffmpeg('-i', at('red.png'), at('red.tga'));
    copyFileSync(at('red.tga'), at('%d.tga'));
    const input = { type: 'image', path: at('%d.tga') } as const;
    const context = { ...(await contextOf(input)), video: settings.video, format: FORMAT };
    assert.ok(isRed(shown(pulledArguments(input, context).frames?.(0))));
  });

  /** In BT.709, its luma is 63. */
  const isRed = (luma: Buffer) => Math.abs((luma[0] ?? 0) - 63) < 4;

  /** The luma of the frame that these arguments give. */
  function shown(args: readonly string[] = []): Buffer {
    const raw = [...args.slice(0, args.lastIndexOf('-f')), '-f', 'rawvideo', 'pipe:1'];
    return execFileSync('ffmpeg', ['-v', 'error', ...raw]).subarray(0, 64 * 36);
  }
});
