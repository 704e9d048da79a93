import assert from 'node:assert/strict';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { isAlive } from '../../support/children.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writePlugin } from '../../support/plugins.js';
import { assertNoFrameMissing, writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** The names in `status --json` that scripts may rely on, with a value of each type. */
const PROMISED_STATUS = {
  state: 'live',
  mode: 'spawn',
  address: '…',
  uptimeMs: 0,
  core: { pid: 0, rssBytes: 0 },
  encoder: {
    ...{ pid: 0, epoch: 1, restarts: 0, state: 'running', isolated: true },
    ...{ videoPid: 0, audioPid: 0, heldVideoPid: 0, heldAudioPid: 0 },
    ...{ preset: 'ultrafast', queuedFrames: 0, skippedSlots: 0, repeatedFrames: 0 },
  },
  sources: [{ id: 'input', type: 'test-pattern', state: 'live', pid: 0, positionMs: 0 }],
  canvases: [{ id: 'main', width: 320, height: 180, fps: 15 }],
  extensionHosts: [{ pid: 0, plugins: ['id'], restarts: 0, state: 'running', isolated: true }],
  outputs: [
    { id: '…', url: 'rtmp://host/app/***', state: 'live', sessions: 1, bytesSent: 0, droppedFrames: 0 },
  ],
  timeline: {
    videoFrames: 0,
    audioFrames: 0,
    lastTimestampMs: 0,
    splices: 0,
    slates: 0,
    lastGapMs: 0,
    maxGapMs: 0,
  },
};

/** Where `value` lacks a name of `promised`, or has another type. */
function broken(promised: unknown, value: unknown, at = 'status'): string[] {
  if (typeof promised !== typeof value || Array.isArray(promised) !== Array.isArray(value)) {
    return [`${at}: expected ${typeof promised}, got ${JSON.stringify(value)}`];
  }
  if (typeof promised !== 'object' || promised === null) return [];
  return Object.entries(promised).flatMap(([name, part]) =>
    broken(part, (value as Record<string, unknown>)[name], `${at}.${name}`),
  );
}

describe('a core at a preset address', function () {
  this.timeout(90_000);
  const folder = tempDir('attach');
  let nginx: NginxRtmp;
  let core: Bulkhead;
  const others: Bulkhead[] = [];
  let viewer: LiveViewer | undefined;

  beforeEach(async () => {
    nginx = await startNginxRtmp();
    core = new Bulkhead(['core']);
  });

  afterEach(async () => {
    await viewer?.stop();
    for (const other of others.splice(0)) await other.end();
    await core.end();
    await nginx.stop();
    folder.dispose();
  });

  const attach = (...args: string[]) => {
    const cli = new Bulkhead(['live', '--mode', 'attach', ...args], { address: core.address });
    others.push(cli);
    return cli;
  };

  it('keeps streaming while commands attach, crash and attach again, until it is stopped', async () => {
    writePlugin(folder.path, 'quiet', { type: 'cjs', source: 'exports.activate = () => {};' });
    const config = writeConfig(folder.path, { plugins: ['quiet'] });
    await core.until('the core answers', ({ state }) => state === 'idle');

    const first = attach(config, '--output', nginx.url('live', 's3cret'));
    await core.until(
      'on air with its plugin',
      ({ state, extensionHosts: [host] }) => state === 'live' && host?.state === 'running',
    );
    viewer = watchLive(nginx.url('live', 's3cret'));
    await viewer.next(({ keyframe }) => keyframe);
    first.signal('SIGKILL');
    await first.exit();
    await viewer.next(({ keyframe }) => keyframe);

    const second = attach();
    await eventually('it shows what is on air', () => (second.stdout.includes('● live') ? true : undefined));
    assert.match(second.stdout, /A broadcast is already running there\./);

    const shown = await runBulkhead(['status', '--json'], { address: core.address });
    assert.equal(shown.code, ExitCodes.ok, shown.stderr);
    const status = JSON.parse(shown.stdout);
    assert.deepEqual(broken(PROMISED_STATUS, status), []);
    assert.equal(status.mode, 'attach');
    assert.equal(status.address, core.address);
    assert.equal(status.core.pid, core.pid);
    assert.deepEqual(status.extensionHosts[0].plugins, ['quiet']);
    assert.equal(status.outputs[0].url, `rtmp://127.0.0.1:${nginx.port}/live/***`);
    assert.deepEqual([status.outputs[0].sessions, status.encoder.epoch], [1, 1]);
    await assertNoFrameMissing(viewer.packets, () => core.status());

    const stopped = await runBulkhead(['stop'], { address: core.address });
    assert.deepEqual([stopped.code, stopped.stderr], [ExitCodes.ok, '']);
    assert.match(stopped.stdout, /^The broadcast has ended; the core keeps running\.\nOn air for /);
    assert.equal(await second.exit(), ExitCodes.ok, 'whoever is attached sees it end');
    assert.match(second.stdout, /The broadcast has ended\.\nOn air for /);
    assert(!isAlive(status.encoder.videoPid));
    assert.equal((await core.status()).state, 'idle');

    const ended = await runBulkhead(['stop', '--core'], { address: core.address });
    assert.equal(ended.code, ExitCodes.ok, ended.stderr);
    assert.equal(await core.exit(), ExitCodes.ok);
  });
});
