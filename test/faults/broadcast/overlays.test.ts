import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../../src/control-client/control-client.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { childrenOf } from '../../support/children.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { assertFramesInOrder, readNumbers, writeNumberedClip } from '../../support/numbered-frames.js';
import { recordSeconds, recordStream } from '../../support/stream-recording.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const FPS = 24;
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
      ...{ size: `${SIZE.width}x${SIZE.height}`, fps: FPS, seconds: 300, sampleRate: 44_100 },
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
        video: { ...SIZE, fps: FPS, bitrateKbps: 1200, keyframeIntervalSeconds: 1 },
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
  /** What a viewer sees at a place, for red, green and blue 0 to 2, once it is this. */
  const seen = async (what: string, x: number, y: number, expected: string) => {
    let tries = 0;
    await eventually(what, async () => {
      tries += 1;
      const recording = join(folder.path, `${what.replaceAll(' ', '-')}-${tries}.flv`);
      await recordSeconds(nginx.url('live', 'overlays'), recording, 1.5);
      return colourIn(recording, x, y) === expected ? true : undefined;
    });
  };
  const overlayPid = async () => {
    const { encoder } = await run.status();
    return eventually(
      'the process that draws',
      () => childrenOf(encoder.pid).find((child) => child.command.endsWith('overlay.cjs'))?.pid,
    );
  };

  it('are seen above the scene, and change by commands, as their elements do', async () => {
    await seen('red', 70, 210, '200');
    const changed = await command('set', 'box', '--element', 'box', '{ "colour": "#00ff00" }');
    assert.equal(changed.stdout, 'The element "box" of the overlay "box" was changed.\n');
    await seen('green', 70, 210, '020');
    const saved = await command('set', 'box', '{ "x": 360, "y": 100 }', '--save');
    const file = join(folder.path, 'show.jsonc');
    assert.equal(saved.stdout, `The overlay "box" was changed. Saved in ${file}.\n`);
    const { overlays } = JSON.parse(readFileSync(file, 'utf8'));
    assert.deepEqual([overlays[0].x, overlays[0].elements[0].colour], [360, '#00ff00']);
    await seen('moved', 410, 130, '020');
    assert.match((await command('hide', 'box')).stdout, /hidden/);
    assert.match(
      (await command('list')).stdout,
      /^ {2}box {2}box\n● ticker {2}clock, "scrolling 直播 text"\n$/,
    );
    await runBulkhead(['scene', 'undo'], { address: run.address });
    await seen('shown again', 410, 130, '020');
  });

  it('cost no frame when the process that draws them is killed or hangs, and go on by themselves', async () => {
    const recording = join(folder.path, 'kills.flv');
    const endRecording = recordStream(nginx.url('live', 'overlays'), recording);
    await delay(1500);
    const signals = ['SIGKILL', 'SIGKILL', 'SIGSTOP', 'SIGKILL'] as const;
    for (const signal of signals) {
      const pid = await overlayPid();
      process.kill(pid, signal);
      await eventually('another one', async () => ((await overlayPid()) === pid ? undefined : true));
      await delay(500);
    }
    await client.overlays.setElement({ overlay: 'box', id: 'box', change: { colour: '#0000ff' } });
    await delay(1500);
    await endRecording();
    assert.equal(colourIn(recording, 410, 130), '002', 'the last one draws');
    const status = await run.status();
    const { encoder, outputs, timeline } = status;
    assert.deepEqual([encoder.restarts, outputs[0]?.sessions, timeline.splices], [0, 1, 0]);
    assertFramesInOrder(readNumbers(recording), status);
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
    const recording = join(folder.path, 'text.flv');
    await recordSeconds(nginx.url('live', 'overlays'), recording, 2);
    const row = pixelsIn(recording, '200:2:260:180');
    assert.ok(row.includes('002'), [...new Set(row)].join());
  });

  it('are as they were changed after the encoder process was killed, and after the core', async () => {
    const { encoder, core } = await run.status();
    process.kill(encoder.pid, 'SIGKILL');
    await run.until(
      'another encoder',
      (status) => status.encoder.epoch > encoder.epoch && status.state === 'live',
    );
    await seen('blue after the encoder', 410, 130, '002');
    process.kill(core.pid, 'SIGKILL');
    await run.until('another core', (status) => status.core.pid !== core.pid && status.state === 'live');
    await seen('blue after the core', 410, 130, '002');
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

/** The colour in a recording's last frame. */
function colourIn(recording: string, x: number, y: number): string | undefined {
  return pixelsIn(recording, `2:2:${x}:${y}`)[0];
}

/** The same of a part of it: width, height, left and top. */
function pixelsIn(recording: string, part: string): string[] {
  const bytes = execFileSync('ffmpeg', [
    ...['-v', 'error', '-sseof', '-1', '-i', recording, '-frames:v', '1'],
    ...['-vf', `crop=${part}`, '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'],
  ]);
  const level = (value: number) => (value > 200 ? 2 : value > 60 ? 1 : 0);
  return Array.from({ length: bytes.length / 3 }, (_, pixel) =>
    [...bytes.subarray(3 * pixel, 3 * pixel + 3)].map(level).join(''),
  );
}
