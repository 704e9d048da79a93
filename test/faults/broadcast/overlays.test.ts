import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../../src/control-client/control-client.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { childrenOf } from '../../support/children.js';
import { type ColourAt, showsLive } from '../../support/live-picture.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import {
  assertFramesInOrder,
  orderOf,
  readNumbers,
  writeNumberedClip,
} from '../../support/numbered-frames.js';
import { SMALL_VIDEO } from '../../support/small-broadcast.js';
import { hasBegun, recordStream } from '../../support/stream-recording.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const SIZE = { width: 480, height: 270 };

describe('overlays on air', function () {
  this.timeout(120_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let run: Bulkhead;
  let client: ControlClient;

  before(async () => {
    folder = tempDir('overlays');
    nginx = await startNginxRtmp();
    writeNumberedClip(join(folder.path, 'clip.mp4'), {
      ...{ size: '320x180', fps: SMALL_VIDEO.fps, seconds: 120, sampleRate: 48_000 },
    });
    const box = (colour: string) => ({ id: 'box', type: 'box', colour, width: 100, height: 60 });
    writeFileSync(
      join(folder.path, 'show.jsonc'),
      JSON.stringify({
        sources: [
          { id: 'clip', type: 'file', path: 'clip.mp4' },
          { id: 'words', type: 'text', text: 'WORDS', size: 60, colour: '#0000ff' },
        ],
        scenes: [
          { id: 'main', layers: [{ id: 'clip', source: 'clip' }] },
          {
            id: 'text',
            layers: [
              { id: 'clip', source: 'clip' },
              { id: 'words', source: 'words', x: 260, y: 140, width: 200, height: 100 },
            ],
          },
        ],
        overlays: [
          { id: 'box', x: 20, y: 180, width: 100, height: 60, elements: [box('#ff0000')] },
          {
            id: 'ticker',
            ...{ x: 140, y: 240, width: 340, height: 30 },
            elements: [
              { id: 'clock', type: 'clock', size: 20 },
              { id: 'news', type: 'text', x: 120, size: 20, text: 'scrolling 直播 text', scroll: 60 },
            ],
          },
        ],
        video: { ...SMALL_VIDEO, ...SIZE, bitrateKbps: 1200 },
      }),
    );
    run = new Bulkhead(['live', join(folder.path, 'show.jsonc'), '--output', nginx.url('live', 'overlays')]);
    await run.until('live', ({ state }) => state === 'live');
    client = await ControlClient.connect(run.address);
  });
  after(async () => {
    client?.dispose();
    await run?.end();
    await nginx?.stop();
    folder?.dispose();
  });

  const command = (...args: string[]) => runBulkhead(['overlay', ...args], { address: run.address });
  /** Waits until a viewer sees this at a place. */
  const seen = (x: number, y: number, expected: string) =>
    showsLive(nginx.url('live', 'overlays'), SIZE, (at) => at(x, y), expected);
  const overlayPid = async () => {
    const { encoder } = await run.status();
    return eventually(
      'the process that draws',
      () => childrenOf(encoder.pid).find((child) => child.command.endsWith('overlay.cjs'))?.pid,
    );
  };

  it('are seen above the scene, and change by commands, as their elements do', async () => {
    await seen(70, 210, '200');
    const changed = await command('set', 'box', '--element', 'box', '{ "colour": "#00ff00" }');
    assert.equal(changed.stdout, 'The element "box" of the overlay "box" was changed.\n');
    await seen(70, 210, '020');
    const saved = await command('set', 'box', '{ "x": 360, "y": 100 }', '--save');
    const file = join(folder.path, 'show.jsonc');
    assert.equal(saved.stdout, `The overlay "box" was changed. Saved in ${file}.\n`);
    const { overlays } = JSON.parse(readFileSync(file, 'utf8'));
    assert.deepEqual([overlays[0].x, overlays[0].elements[0].colour], [360, '#00ff00']);
    await seen(410, 130, '020');
    assert.match((await command('hide', 'box')).stdout, /hidden/);
    await showsLive(nginx.url('live', 'overlays'), SIZE, (at) => at(410, 130) === '020', false);
    assert.match(
      (await command('list')).stdout,
      /^ {2}box {2}box\n● ticker {2}clock, "scrolling 直播 text"\n$/,
    );
    await runBulkhead(['scene', 'undo'], { address: run.address });
    await seen(410, 130, '020');
  });

  it('cost no frame when the process that draws them is killed or hangs, and go on by themselves', async () => {
    const recording = join(folder.path, 'kills.flv');
    const endRecording = recordStream(nginx.url('live', 'overlays'), recording);
    await hasBegun(recording);
    const signals = ['SIGKILL', 'SIGKILL', 'SIGSTOP', 'SIGKILL'] as const;
    for (const signal of signals) {
      const pid = await overlayPid();
      process.kill(pid, signal);
      await eventually('another one', async () => ((await overlayPid()) === pid ? undefined : true));
      await delay(500);
    }
    await client.overlays.setElement({ overlay: 'box', id: 'box', change: { colour: '#0000ff' } });
    // The last one draws.
    await seen(410, 130, '002');
    await endRecording();
    const status = await run.status();
    const { encoder, outputs, timeline } = status;
    assert.deepEqual([encoder.restarts, outputs[0]?.sessions, timeline.splices], [0, 1, 0]);
    assertFramesInOrder(readNumbers(recording), status);
  });

  it('are not in a clean feed, which has every frame as the programme has it', async () => {
    const output = (...args: string[]) => runBulkhead(['output', ...args], { address: run.address });
    await client.overlays.setElement({ overlay: 'box', id: 'box', change: { colour: '#0000ff' } });
    const added = await output('add', 'clean', nginx.url('live', 'clean'), '--clean-feed');
    assert.equal(added.code, 0, added.stderr);
    await run.until('it is encoded', ({ encoder }) => (encoder.renditions?.[0]?.fps ?? 0) > 0);
    const clean = join(folder.path, 'clean.flv');
    const endRecording = recordStream(nginx.url('live', 'clean'), clean);
    await seen(410, 130, '002');
    await showsLive(nginx.url('live', 'clean'), SIZE, (at) => at(410, 130) === '002', false);
    await hasBegun(clean);
    await delay(2000);
    await endRecording();
    const status = await run.status();
    assert.equal(status.outputs.find(({ id }) => id === 'clean')?.overlays, false);
    const { missing, backwards } = orderOf(readNumbers(clean));
    assert.deepEqual([backwards, missing <= (status.encoder.renditions?.[0]?.skippedSlots ?? 0)], [0, true]);
    assert.equal((await output('remove', 'clean')).code, 0);
  });

  it('name what is missing, and the show goes on', async () => {
    await command('set', 'ticker', '--element', 'news', '{ "font": "No Such Font" }');
    await run.said(/overlays\.ticker\.news: there is no font "No Such Font"/);
    const wrong = await command('set', 'tickr', '{ "x": 1 }');
    assert.deepEqual([wrong.code, wrong.stdout], [64, '']);
    assert.match(wrong.stderr, /there is no overlay "tickr"; did you mean "ticker"\?/);
    const invalid = await command('set', 'box', '{ "opacity": 7 }');
    assert.equal(invalid.code, 64);
    assert.match(invalid.stderr, /overlays\.box.*opacity/s);
  });

  it('include text as a source of scenes', async () => {
    await client.scenes.switchTo({ id: 'text' });
    const isBlue = (at: ColourAt) => Array.from({ length: 200 }, (_, x) => at(260 + x, 180)).includes('002');
    await showsLive(nginx.url('live', 'overlays'), SIZE, isBlue, true);
  });

  it('are as they were changed after the encoder process was killed, and after the core', async () => {
    const { encoder, core } = await run.status();
    process.kill(encoder.pid, 'SIGKILL');
    await run.until(
      'another encoder',
      (status) => status.encoder.epoch > encoder.epoch && status.state === 'live',
    );
    await seen(410, 130, '002');
    process.kill(core.pid, 'SIGKILL');
    await run.until('another core', (status) => status.core.pid !== core.pid && status.state === 'live');
    await seen(410, 130, '002');
    client.dispose();
    client = await ControlClient.connect(run.address);
    const { overlays } = await client.overlays.list();
    assert.deepEqual(
      overlays.map(({ id, x }) => [id, x]),
      [
        ['box', 360],
        ['ticker', 140],
      ],
    );
  });
});
