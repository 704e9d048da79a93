import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TestStream } from '../../../src/core/publish/upload-test/test-stream.js';
import { FLV_PREAMBLE, flvTag } from '../../../src/media/flv-writer.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { createNetwork, networkProblem } from '../../support/network/namespaces.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { freePort } from '../../support/ports.js';
import { tempDir } from '../../support/temp.js';
import { CliFixture } from './cli-run.js';

const run = promisify(execFile);

describe('bulkhead output test', () => {
  let cli: CliFixture;
  let nginx: NginxRtmp;
  const cleanUp: (() => unknown)[] = [];

  before(async () => {
    nginx = await startNginxRtmp();
  });
  after(() => nginx.stop());

  beforeEach(() => {
    cli = new CliFixture();
  });
  afterEach(async () => {
    for (const undo of cleanUp.splice(0).reverse()) await undo();
    await cli.end();
  });

  async function test(outputs: readonly object[], args: readonly string[] = [], video: object = {}) {
    const config = join(cli.folder, 'show.json');
    writeFileSync(config, JSON.stringify({ video: { bitrateKbps: 2000, ...video }, outputs }));
    const command = cli.run(['output', 'test', '--config', config, ...args]);
    const exitCode = await command.exitCode;
    return { exitCode, stdout: command.stdout, stderr: command.stderr };
  }

  const server = () => `rtmp://127.0.0.1:${nginx.port}/live`;
  const published = (key: string) => nginx.log().includes(`publish: name='${key}`);

  it('reaches the server, and publishes nothing without being asked to', async () => {
    const { exitCode, stdout } = await test([{ id: 'main', url: server(), key: 'first-key' }]);
    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /reached in \d+ ms \(connection \d+, handshake \d+, application \d+ ms\)/);
    assert.match(stdout, /Not measured: viewers may see it: add --publish/);
    assert.ok(!published('first-key'));
    assert.ok(!stdout.includes('first-key'));
  });

  it('measures what is carried with --publish, and ends the stream in order', async () => {
    const outputs = [{ id: 'main', url: server(), key: 'second-key' }];
    const { exitCode, stdout } = await test(outputs, ['--publish', '--seconds', '6', '--json']);
    assert.equal(exitCode, 0, stdout);
    const { isGood, outputs: tested } = JSON.parse(stdout);
    const { upload } = tested[0].servers[0];
    assert.deepEqual([isGood, upload.verdict, upload.isAcknowledged], [true, 'good', true]);
    assert.ok(upload.carriedKbps > 2500 && upload.carriedKbps < 3000, String(upload.carriedKbps));
    assert.ok(published('second-key'));
    assert.ok(nginx.log().includes('deleteStream'));
    assert.ok(!stdout.includes('second-key'));
  });

  it('publishes to Twitch in its test mode alone', async () => {
    const outputs = [{ id: 'main', platform: 'twitch', url: server(), key: 'live_key' }];
    const { exitCode, stdout } = await test(outputs, ['--seconds', '5']);
    assert.equal(exitCode, 0, stdout);
    assert.match(nginx.log(), /publish: name='live_key' args='bandwidthtest=true'/);
    assert.doesNotMatch(nginx.log(), /publish: name='live_key' args=''/);
  });

  it('tests a backup as well, which is sent to only where both are sent to at once', async () => {
    const other = `rtmp://127.0.0.1:${nginx.port}/other`;
    const output = { id: 'main', url: server(), key: 'third-key', backupUrl: other, backupKey: 'fourth-key' };
    const { stdout } = await test([output], ['--publish', '--seconds', '5']);
    assert.match(stdout, /primary rtmp:[^ ]*\/live\/\*\*\*: carries/);
    assert.match(stdout, /backup rtmp:[^ ]*\/other\/\*\*\*: reached/);
    assert.ok(published('third-key') && !published('fourth-key'));
    assert.doesNotMatch(stdout, /third-key|fourth-key/);
  });

  it('says why a server is not reached, and of each output', async () => {
    const closing: Server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    cleanUp.push(() => closing.close());
    await new Promise((resolve) => closing.once('listening', resolve));
    const { port } = closing.address() as { port: number };
    const { exitCode, stdout } = await test([
      { id: 'absent', url: `rtmp://127.0.0.1:${await freePort()}/live`, key: 'k' },
      { id: 'closing', url: `rtmp://127.0.0.1:${port}/live`, key: 'k' },
      { id: 'keyless', url: server(), key: 'env:NO_SUCH_VARIABLE' },
      { id: 'works', url: server(), key: 'k' },
      { id: 'web', type: 'hls', url: `http://127.0.0.1:${await freePort()}/stream.m3u8` },
    ]);
    assert.equal(exitCode, 69);
    assert.match(stdout, /absent\n {2}✗ [^\n]*nothing is listening/);
    assert.match(stdout, /closing\n {2}✗ [^\n]*closed the connection before the RTMP handshake/);
    assert.match(stdout, /keyless\n {2}✗ [^\n]*NO_SUCH_VARIABLE/);
    assert.match(stdout, /works\n {2}✓/);
    assert.match(stdout, /web\n {2}✗ [^\n]*does not respond/);
  });

  it('refuses an output that the configuration does not have', async () => {
    const { exitCode, stderr } = await test([{ id: 'main', url: server(), key: 'k' }], ['mian']);
    assert.equal(exitCode, 64);
    assert.match(stderr, /no output "mian"[\s\S]*main/);
  });

  it('says that a slow network does not carry the bitrate, and what it carries', async function () {
    if (networkProblem() !== undefined) this.skip();
    const network = await createNetwork('up');
    cleanUp.push(() => network.end());
    const delayMs = 15;
    network.set({ up: { rateKbps: 1500, delayMs }, down: { rateKbps: 20_000, delayMs } });
    const slow = await startNginxRtmp({ within: network.server });
    cleanUp.push(() => slow.stop());
    const config = join(cli.folder, 'show.json');
    const outputs = [{ id: 'main', url: `rtmp://${network.serverHost}:${slow.port}/live`, key: 'slow-key' }];
    writeFileSync(config, JSON.stringify({ video: { bitrateKbps: 2500 }, outputs }));
    const args = ['output', 'test', '--config', config, '--publish', '--json'];
    const command = new Bulkhead(args, { within: network.streamer });
    cleanUp.push(() => command.dispose());
    assert.equal(await command.exit(), 69);
    const { upload } = JSON.parse(command.stdout).outputs[0].servers[0];
    assert.equal(upload.verdict, 'too-slow');
    // Headers of the network's packets count as well.
    assert.ok(upload.carriedKbps > 1200 && upload.carriedKbps <= 1500, String(upload.carriedKbps));
    assert.ok(
      upload.recommendedKbps >= 800 && upload.recommendedKbps <= 1100,
      String(upload.recommendedKbps),
    );
  });

  it('sends a stream that ffmpeg decodes without errors', async () => {
    const dir = tempDir('stream');
    cleanUp.push(() => dir.dispose());
    const file = join(dir.path, 'test.flv');
    const stream = new TestStream(1000);
    const tags = [...stream.begin(), ...Array.from({ length: 150 }, () => stream.next()).flat()];
    const carrier = (kind: string) =>
      kind === 'metadata' ? 'metadata' : kind.startsWith('audio') ? 'audio' : 'video';
    const bytes = tags.map(({ kind, timestampMs, payload }) => flvTag(carrier(kind), timestampMs, payload));
    writeFileSync(file, Buffer.concat([FLV_PREAMBLE, ...bytes]));
    const total = bytes.reduce((sum, { length }) => sum + length, 0);
    assert.ok(Math.abs((total * 8) / 5 / 1000 - 1000) < 60, `${total} bytes in 5 s`);
    const brightness = 'signalstats,metadata=print:key=lavfi.signalstats.YMAX:file=-';
    const { stdout, stderr } = await run('ffmpeg', [
      ...['-v', 'info', '-xerror', '-err_detect', 'explode', '-i', file],
      ...['-vf', brightness, '-f', 'null', '-'],
    ]);
    const brightest = [...stdout.matchAll(/YMAX=(\d+)/g)].map(([, value]) => value);
    assert.deepEqual([brightest.length, new Set(brightest)], [150, new Set(['128'])]);
    assert.match(stderr, /h264.*1280x720/);
    assert.doesNotMatch(stderr, /error|corrupt|concealing/i);
  });
});
