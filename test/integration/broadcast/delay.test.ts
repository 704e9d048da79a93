import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DelayCut } from '../../../src/protocol/delay.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { readNumbers, writeNumberedClip } from '../../support/numbered-frames.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { SmallDisk } from '../../support/small-disk.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const DELAY_SECONDS = 5;
const { width, height, fps } = SMALL_VIDEO;

describe('an output with a delay', function () {
  this.timeout(120_000);
  const folder = tempDir('delay');
  let nginx: NginxRtmp;
  let run: Bulkhead | undefined;
  let viewer: LiveViewer | undefined;

  before(async () => {
    nginx = await startNginxRtmp({ recordingFolder: folder.path });
  });

  afterEach(async () => {
    await viewer?.stop();
    await run?.end();
  });

  after(async () => {
    await nginx?.stop();
    folder.dispose();
  });

  function filesIn(path: string): number {
    return readdirSync(path, { recursive: true }).filter((name) => String(name).endsWith('.chunk')).length;
  }

  /** The frames of an output's only session, where the same one is not shown again: a busy machine repeats some. */
  async function framesOf(name: string): Promise<number[]> {
    const file = await eventually(`the recording of ${name}`, () => {
      const [first, second] = readdirSync(folder.path).filter((entry) => entry.startsWith(`${name}-`));
      assert.equal(second, undefined, 'a second session');
      return first && join(folder.path, first);
    });
    return readNumbers(file).filter((number, index, all) => number !== all[index - 1]);
  }

  for (const place of ['memory', 'disk'])
    it(`airs from ${place} what is not cut, once, and nothing of what is; one without a delay airs all of it`, async () => {
      const delayFolder = join(folder.path, 'delays');
      const [laterId, nowId] = [`later-${place}`, `now-${place}`];
      const clip = join(folder.path, 'clip.mp4');
      writeNumberedClip(clip, { size: `${width}x${height}`, fps, seconds: 120, sampleRate: 48_000 });
      const config = writeConfig(folder.path, {
        input: { type: 'file', path: clip },
        ...(place === 'disk' ? { delayFolder } : {}),
        outputs: [
          { id: laterId, url: nginx.url('recorded', laterId), delaySeconds: DELAY_SECONDS },
          { id: nowId, url: nginx.url('recorded', nowId) },
        ],
      });
      const started = new Bulkhead(['live', config]);
      run = started;
      const stateOf = (id: string, wanted: string) =>
        started.until(`${id} is ${wanted}`, ({ outputs }) =>
          outputs.some((output) => output.id === id && output.state === wanted),
        );
      const early = await stateOf(nowId, 'live');
      assert.equal(early.outputs[0]?.state, 'connecting');
      assert.equal(early.outputs[1]?.delayMs, undefined);
      await stateOf(laterId, 'live');
      viewer = watchLive(nginx.url('recorded', laterId));
      await viewer.next(({ stream }) => stream === 'video');
      const { stdout: status } = await runBulkhead(['status'], { address: run.address });
      assert.match(
        status,
        place === 'disk'
          ? /later-disk .* \d\.\d s behind, on disk/
          : /later-memory .* \d\.\d s behind,(?! on disk)/,
      );
      if (place === 'disk') assert.ok(filesIn(delayFolder) > 0, 'nothing is on disk');

      const { code, stdout, stderr } = await runBulkhead(['delay', 'cut', '2', '--json'], {
        address: run.address,
      });
      assert.equal(code, 0, stderr);
      const { removed, undelayed } = JSON.parse(stdout) as DelayCut;
      assert.deepEqual(undelayed, [nowId]);
      const [{ id, removedMs, leftMs } = assert.fail()] = removed;
      assert.equal(id, laterId);
      assert.ok(removedMs >= 2000 && removedMs <= 4200, `${removedMs} ms removed`);
      assert.ok(leftMs + removedMs <= DELAY_SECONDS * 1000 + 500, `${leftMs} ms left`);

      const { timeline } = await run.status();
      await run.until(
        'what came after the cut has aired',
        ({ timeline: now }) => now.lastTimestampMs > timeline.lastTimestampMs + (DELAY_SECONDS + 1) * 1000,
      );
      const { longestStepMs, backwards, soundMs, frameMs } = viewer.report();
      assert.equal(await run.stop(), 0, run.stderr);
      if (place === 'disk') assert.deepEqual(readdirSync(delayFolder), []);

      const now = await framesOf(nowId);
      const later = await framesOf(laterId);
      assert.ok(
        later.every((number, index) => index === 0 || number > (later[index - 1] ?? 0)),
        `each once, in order: ${later}`,
      );
      const [first = 0, last = 0] = [Math.max(later[0] ?? 0, now[0] ?? 0), later.at(-1)];
      const missing = now.filter((number) => number >= first && number <= last && !later.includes(number));
      const unbroken = now.slice(now.indexOf(missing[0] ?? -1)).slice(0, missing.length);
      assert.deepEqual(missing, unbroken, 'one piece is missing');
      const expected = (removedMs * fps) / 1000;
      assert.ok(
        Math.abs(missing.length - expected) <= 2,
        `${missing.length} frames were cut, not ${expected}`,
      );

      assert.equal(backwards, 0);
      assert.ok(longestStepMs <= 2000 / fps + 2, `a step of ${longestStepMs} ms`);
      assert.ok(Math.abs(soundMs - frameMs) < 200, `${soundMs} ms of sound, ${frameMs} of frames`);
    });

  it('on a disk without room is refused, while other outputs are live; what a killed core leaves is removed', async () => {
    const small = new SmallDisk(join(folder.path, 'small'), 8);
    try {
      const left = join(small.path, `${spawnSync('true').pid}-0123abcd`);
      mkdirSync(left, { mode: 0o700 });
      writeFileSync(join(left, '1.chunk'), 'old');
      const config = writeConfig(folder.path, {
        delayFolder: small.path,
        outputs: [
          { id: 'hour', url: nginx.url('live', 'hour'), delaySeconds: 1800 },
          { id: 'other', url: nginx.url('live', 'other') },
        ],
      });
      run = new Bulkhead(['live', config]);
      const { outputs } = await run.until('one is refused', (status) => {
        const states = status.outputs.map(({ state }) => state);
        return states[0] === 'failed' && states[1] === 'live';
      });
      assert.equal(outputs[0]?.error?.code, 'output.delay');
      assert.match(outputs[0]?.error?.message ?? '', /needs about \d+ MB of disk, and \d+ MB are free/);
      await eventually('what was left is removed', () => (existsSync(left) ? undefined : true));
    } finally {
      await run?.end();
      small.dispose();
    }
  });
});
