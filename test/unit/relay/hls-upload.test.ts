import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HlsUpload, segmentUrl } from '../../../src/relay/hls-upload.js';
import { PutServer } from '../../support/put-server.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe('the upload of HLS', function () {
  this.timeout(30_000);
  let folder: TempDir;
  let server: PutServer;
  let upload: HlsUpload | undefined;
  let uploads: number;

  beforeEach(async () => {
    folder = tempDir('upload');
    server = await PutServer.start();
    uploads = 0;
  });

  afterEach(async () => {
    upload?.dispose();
    await server.stop();
    folder.dispose();
  });

  function begin(path = '/live/index.m3u8', authorization?: string): HlsUpload {
    upload = new HlsUpload({
      folder: folder.path,
      url: server.url(path),
      authorization,
      server: server.host,
      onUpload: () => {
        uploads++;
      },
    });
    return upload;
  }

  /** Writes as ffmpeg does: segments, then the playlist with them. */
  function write(...segments: readonly string[]): void {
    for (const name of segments) writeFileSync(join(folder.path, name), `bytes of ${name}`);
    writeFileSync(join(folder.path, 'stream.m3u8'), `#EXTM3U\n${segments.join('\n')}\n`);
  }

  const done = () => server.requests.map(({ method, path }) => `${method} ${path}`);

  it('sends segments before the playlist that names them, each once, and deletes old ones', async () => {
    begin();
    write('segment-1.ts', 'segment-2.ts');
    await eventually('it is uploaded', () => (uploads === 1 ? true : undefined));
    write('segment-2.ts', 'segment-3.ts');
    await eventually('the next one is', () =>
      done().some((what) => what.startsWith('DELETE')) ? true : undefined,
    );
    assert.deepEqual(done(), [
      'PUT /live/segment-1.ts',
      'PUT /live/segment-2.ts',
      'PUT /live/index.m3u8',
      'PUT /live/segment-3.ts',
      'PUT /live/index.m3u8',
      'DELETE /live/segment-1.ts',
    ]);
    assert.equal(server.files.get('/live/segment-3.ts')?.toString(), 'bytes of segment-3.ts');
    assert.equal(uploads, 2);
  });

  it('sends what is left when it is finished, and logs in', async () => {
    const running = begin('/live/index.m3u8', 'Basic eDp5');
    write('segment-1.ts');
    await running.finish();
    assert.deepEqual(done(), ['PUT /live/segment-1.ts', 'PUT /live/index.m3u8']);
    assert.ok(server.requests.every(({ authorization }) => authorization === 'Basic eDp5'));
  });

  it('goes on where another upload from this folder was ended, and sends nothing again', async () => {
    await begin().finish();
    write('segment-1.ts', 'segment-2.ts');
    await begin().finish();
    writeFileSync(join(folder.path, 'segment-3.ts'), 'bytes of segment-3.ts');
    writeFileSync(join(folder.path, 'stream.m3u8'), '#EXTM3U\nsegment-2.ts\nsegment-3.ts\n');
    server.requests.length = 0;
    await begin().finish();
    assert.deepEqual(done(), ['PUT /live/segment-3.ts', 'PUT /live/index.m3u8']);
    assert.equal(server.files.get('/live/segment-2.ts')?.toString(), 'bytes of segment-2.ts');
  });

  it('leaves out a segment that is gone', async () => {
    const running = begin();
    write('segment-1.ts', 'segment-2.ts');
    rmSync(join(folder.path, 'segment-1.ts'));
    await running.finish();
    assert.deepEqual(done(), ['PUT /live/segment-2.ts', 'PUT /live/index.m3u8']);
  });

  it('tries again what a server has failed at', async () => {
    let failures = 2;
    server.answer = () => (failures-- > 0 ? 503 : 200);
    const running = begin();
    write('segment-1.ts');
    await running.finish();
    assert.equal(done().filter((what) => what === 'PUT /live/segment-1.ts').length, 3);
  });

  for (const [status, code, message] of [
    [401, 'output.authFailed', /refused the upload: HTTP 401/],
    [403, 'output.authFailed', /refused the upload: HTTP 403/],
    [404, 'output.refused', /does not take the upload: HTTP 404/],
    [301, 'output.refused', /redirects uploads .*: HTTP 301/],
    [500, 'output.unreachable', /does not take the upload: HTTP 500/],
  ] as const) {
    it(`fails with the reason when the server answers ${status}`, async () => {
      server.answer = () => status;
      const running = begin();
      write('segment-1.ts');
      await assert.rejects(running.failed, (error: { code?: string; message: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.ok(error.message.includes(server.host));
        return true;
      });
    });
  }

  it('fails when nothing listens', async () => {
    const running = begin();
    await server.stop();
    write('segment-1.ts');
    await assert.rejects(running.failed, /cannot upload to 127\.0\.0\.1:\d+: nothing is listening there/);
  });

  it('puts segments beside the playlist, also where its name is in the query', () => {
    assert.equal(segmentUrl('https://h/live/x.m3u8', 's.ts'), 'https://h/live/s.ts');
    assert.equal(segmentUrl('https://h/live/x.m3u8?key=a/b', 's.ts'), 'https://h/live/s.ts?key=a/b');
    assert.equal(
      segmentUrl('https://h/http_upload_hls?cid=KEY&copy=0&file=x.m3u8', 's.ts'),
      'https://h/http_upload_hls?cid=KEY&copy=0&file=s.ts',
    );
  });
});
