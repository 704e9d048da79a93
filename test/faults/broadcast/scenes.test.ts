import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../../src/control-client/control-client.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { type ColourAt, colourAt, showsLive } from '../../support/live-picture.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { readNumbers, writeNumberedClip } from '../../support/numbered-frames.js';
import { SMALL_VIDEO } from '../../support/small-broadcast.js';
import { hasBegun, recordSeconds, recordStream } from '../../support/stream-recording.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const FPS = 25;
const SIZE = { width: 320, height: 180 };

describe('scenes on air', function () {
  this.timeout(120_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let run: Bulkhead;

  before(async () => {
    folder = tempDir('scenes');
    nginx = await startNginxRtmp();
    const size = `${SIZE.width}x${SIZE.height}`;
    for (const [name, sampleRate] of [
      ['one', 44_100],
      ['two', 48_000],
    ] as const)
      writeNumberedClip(join(folder.path, `${name}.mp4`), { size, fps: FPS, seconds: 60, sampleRate });
    const colour = (name: string, of: string) =>
      execFileSync('ffmpeg', [...['-v', 'error', '-y', '-f', 'lavfi', '-i', of], join(folder.path, name)]);
    colour('red.png', 'color=red:s=320x80,trim=end_frame=1');
    colour('halves.png', 'color=blue:s=80x40,trim=end_frame=1,drawbox=w=40:h=40:c=red:t=fill');
    colour('bright.png', 'color=black:s=80x40,trim=end_frame=1,drawbox=w=40:h=40:c=white:t=fill');
    // Green on both sides, which "cover" cuts off.
    colour('blue.mkv', 'color=lime:s=640x180:r=15:d=2,drawbox=x=220:w=200:h=180:c=blue:t=fill');
    // Behind what is transparent there is green, which is never seen.
    const white = (alpha: string) =>
      `color=white:s=160x90:r=15:d=2,format=rgba,geq=r='255*gt(X,79)':g=255:b='255*gt(X,79)':a='${alpha}*gt(X,79)'`;
    colour('half.png', `${white('128')},trim=end_frame=1`);
    execFileSync('ffmpeg', [
      ...['-v', 'error', '-y', '-f', 'lavfi', '-i', white('255'), '-c:v', 'qtrle'],
      join(folder.path, 'cut-out.mov'),
    ]);
    run = goLive();
  });
  after(async () => {
    await run?.end();
    await nginx?.stop();
    folder?.dispose();
  });

  function goLive(): Bulkhead {
    const config = join(folder.path, 'show.jsonc');
    const masked = { source: 'red', fit: 'stretch', width: 160, height: 90 };
    const settings = {
      sources: [
        { id: 'bright', type: 'image', path: 'bright.png' },
        { id: 'one', type: 'file', path: 'one.mp4', warm: true },
        { id: 'two', type: 'file', path: 'two.mp4', warm: true },
        { id: 'plain', type: 'colour' },
        { id: 'red', type: 'image', path: 'red.png' },
        { id: 'blue', type: 'file', path: 'blue.mkv' },
        { id: 'half', type: 'image', path: 'half.png' },
        { id: 'halves', type: 'image', path: 'halves.png' },
        { id: 'cut-out', type: 'file', path: 'cut-out.mov' },
        // Nobody listens there.
        { id: 'gone', type: 'url', url: 'rtmp://127.0.0.1:9/live/gone' },
      ],
      scenes: [
        { id: 'first', layers: [{ id: 'main', source: 'one' }] },
        {
          id: 'second',
          layers: [
            { id: 'main', source: 'two' },
            { id: 'corner', source: 'plain', x: 200, y: 100, width: 100, height: 60, opacity: 0.5 },
          ],
        },
        {
          id: 'third',
          layers: [
            { id: 'red', source: 'red', width: 160 },
            { id: 'blue', source: 'blue', x: 160, width: 160, fit: 'cover' },
            { id: 'over', source: 'red', x: 240, y: 90, width: 80, height: 90, fit: 'stretch', opacity: 0.5 },
            { id: 'gone', source: 'gone' },
          ],
        },
        {
          id: 'fourth',
          layers: [
            { id: 'red', source: 'red', fit: 'stretch', radius: 40 },
            { id: 'half', source: 'half', width: 160, height: 90 },
            { id: 'cut-out', source: 'cut-out', x: 160, width: 160, height: 90 },
          ],
        },
        {
          id: 'fifth',
          layers: [
            { id: 'plain', source: 'plain' },
            { id: 'inner', scene: 'fourth', x: 160, y: 90, width: 160, height: 90 },
          ],
        },
        {
          id: 'sixth',
          layers: [
            { id: 'whole', source: 'halves', fit: 'none', x: 0, y: 0, width: 100, height: 100 },
            { id: 'cut', source: 'halves', fit: 'none', x: 120, y: 30, width: 40, height: 40 },
            { id: 'right', source: 'halves', rotate: 90, x: 180, y: 10, width: 40, height: 80 },
            { id: 'back', source: 'halves', rotate: 270, fit: 'none', x: 250, y: 10, width: 40, height: 80 },
          ],
        },
        {
          id: 'seventh',
          layers: [
            { ...masked, id: 'cut-out', x: 0, y: 0, mask: { source: 'cut-out' } },
            { ...masked, id: 'hole', x: 160, y: 0, mask: { source: 'cut-out', inverted: true } },
            { ...masked, id: 'half', x: 0, y: 90, mask: { source: 'half' } },
            { ...masked, id: 'bright', x: 160, y: 90, mask: { source: 'bright', by: 'luma' } },
          ],
        },
      ],
      video: { ...SMALL_VIDEO, fps: FPS, bitrateKbps: 800 },
    };
    writeFileSync(config, JSON.stringify(settings));
    return new Bulkhead(['live', config, '--output', nginx.url('live', 'scenes')]);
  }

  /** Waits until a viewer sees this. */
  const shows = <T>(look: (at: ColourAt) => T, expected: T) =>
    showsLive(nginx.url('live', 'scenes'), SIZE, look, expected);

  it('change without a missing or repeated frame, also when an encoder is killed between', async () => {
    await run.until('live', ({ state }) => state === 'live');
    const recording = join(folder.path, 'cuts.flv');
    const endRecording = recordStream(nginx.url('live', 'scenes'), recording);
    await hasBegun(recording);
    const client = await ControlClient.connect(run.address);
    try {
      for (let change = 0; change < 10; change++) {
        const id = change % 2 === 0 ? 'second' : 'first';
        const { scenes } = await client.scenes.switchTo({ id });
        assert.deepEqual(
          scenes.filter(({ isOnAir }) => isOnAir).map((scene) => scene.id),
          [id],
        );
        if (change === 4) process.kill((await run.status()).encoder.videoPid, 'SIGKILL');
        await delay(700);
      }
    } finally {
      client.dispose();
    }
    await endRecording();
    const { encoder, outputs, canvases } = await run.status();
    assert.deepEqual([encoder.restarts, outputs[0]?.sessions, canvases[0]?.programme], [0, 1, 'first']);

    // Each clip goes on where it was when its scene was on air before.
    const seen = readNumbers(recording);
    const last: Record<string, number | undefined> = {};
    let [current, cuts] = ['one', 0];
    let missing = 0;
    for (const number of seen) {
      const other = current === 'one' ? 'two' : 'one';
      const follows = (clip: string, from: number, to: number) => {
        const before = last[clip] ?? -1;
        return number >= before + from && number <= before + to;
      };
      const goesOn = last[current] === undefined || follows(current, 0, 3);
      if (!goesOn) {
        assert.ok(follows(other, 0, 3), `${number} follows neither ${JSON.stringify(last)}`);
        current = other;
        cuts += 1;
      }
      missing += Math.max(0, number - (last[current] ?? number - 1) - 1);
      last[current] = number;
    }
    assert.equal(cuts, 10);
    assert.ok(missing <= encoder.skippedSlots, `${missing} frames are missing`);
  });

  it('are listed and changed by commands, and one that is not there is named', async () => {
    const command = (...args: string[]) => runBulkhead(['scene', ...args], { address: run.address });
    assert.match(
      (await command('list')).stdout,
      /^● first {2}one\n {2}second {2}two, plain\n {2}third {2}red, blue, gone\n {2}fourth {2}red, half, cut-out\n {2}fifth {2}plain, fourth\n {2}sixth {2}halves\n {2}seventh {2}red\n$/,
    );
    const fade = await command('switch', 'second', '--transition', 'fade', '--ms', '200');
    assert.match(fade.stdout, /^The scene "second" is on air\.\n$/);
    const wrong = await command('switch', 'secnd');
    assert.equal(wrong.code, 64);
    assert.match(wrong.stderr, /there is no scene "secnd"; did you mean "second"\?/);
  });

  it('place each source as their layers say, and wait for none that cannot be reached', async () => {
    const client = await ControlClient.connect(run.address);
    try {
      await client.scenes.switchTo({ id: 'third' });
      await shows(
        (at) => ({
          ...{ red: at(80, 90), above: at(80, 60), below: at(80, 120) },
          ...{ blue: at(200, 40), left: at(170, 10), right: at(310, 40), mixed: at(280, 130) },
        }),
        {
          ...{ red: '200', above: '000', below: '000' },
          ...{ blue: '002', left: '002', right: '002', mixed: '101' },
        },
      );
      const { sources } = await run.status();
      assert.notEqual(sources.find(({ id }) => id === 'gone')?.state, 'live');
    } finally {
      await client.scenes.switchTo({ id: 'second' });
      client.dispose();
    }
  });

  it('show what lies under a transparent image, and a transparent video', async () => {
    const client = await ControlClient.connect(run.address);
    try {
      await client.scenes.switchTo({ id: 'fourth' });
      await shows(
        (at) => ({
          images: [at(40, 45), at(120, 45), at(200, 45), at(280, 45)],
          roundedCorners: [at(3, 3), at(316, 176), at(40, 170)],
        }),
        { images: ['200', '211', '200', '222'], roundedCorners: ['000', '000', '200'] },
      );
      await client.scenes.switchTo({ id: 'fifth', transition: { type: 'slide', durationMs: 200 } });
      // The same, as a part of another scene.
      await shows(
        (at) => [at(180, 112), at(220, 112), at(260, 112), at(300, 112), at(300, 170), at(80, 45)],
        ['200', '211', '200', '222', '200', '000'],
      );
    } finally {
      await client.scenes.switchTo({ id: 'second' });
      client.dispose();
    }
  });

  it('show sources as large as they are, cut off by their place, and turned', async () => {
    const client = await ControlClient.connect(run.address);
    try {
      await client.scenes.switchTo({ id: 'sixth' });
      await shows(
        (at) => ({
          whole: [at(30, 50), at(70, 50), at(8, 50), at(92, 50)],
          cut: [at(130, 50), at(150, 50), at(118, 50), at(162, 50)],
          right: [at(200, 30), at(200, 70), at(174, 50), at(226, 50)],
          back: [at(270, 30), at(270, 70)],
        }),
        {
          whole: ['200', '002', '000', '000'],
          cut: ['200', '002', '000', '000'],
          right: ['200', '002', '000', '000'],
          back: ['002', '200'],
        },
      );
    } finally {
      await client.scenes.switchTo({ id: 'second' });
      client.dispose();
    }
  });

  it('show a layer where its mask is opaque or bright, and what is below elsewhere', async () => {
    const client = await ControlClient.connect(run.address);
    try {
      await client.scenes.switchTo({ id: 'seventh' });
      await shows(
        (at) => ({
          cutOut: [at(40, 45), at(120, 45)],
          hole: [at(200, 45), at(280, 45)],
          half: [at(40, 135), at(120, 135)],
          bright: [at(200, 135), at(280, 135)],
        }),
        { cutOut: ['000', '200'], hole: ['200', '000'], half: ['000', '100'], bright: ['200', '000'] },
      );
    } finally {
      await client.scenes.switchTo({ id: 'second' });
      client.dispose();
    }
  });

  it('are replaced behind a stinger, which is seen above both', async () => {
    const client = await ControlClient.connect(run.address);
    try {
      await client.scenes.switchTo({ id: 'third' });
      const recording = join(folder.path, 'stinger.flv');
      const endRecording = recordStream(nginx.url('live', 'scenes'), recording);
      await hasBegun(recording);
      const transition = { type: 'stinger', source: 'cut-out', durationMs: 1200, cutMs: 600 } as const;
      await client.scenes.switchTo({ id: 'second', transition });
      await delay(1500);
      await endRecording();
      // The right half of the stinger is white; the third scene is red on the left, the second one is not.
      const seen = new Set(
        pixelsIn(recording, [80, 90], [240, 20]).map(
          ([left, right]) => `${left === '200'} ${right === '222'}`,
        ),
      );
      assert.deepEqual([...seen], ['true false', 'true true', 'false true', 'false false']);
    } finally {
      await client.scenes.switchTo({ id: 'second' });
      client.dispose();
    }
  });

  it('have sources whose frames can be had as images while they are open', async () => {
    const snapshot = (...args: string[]) =>
      runBulkhead(['source', 'snapshot', ...args], { address: run.address });
    const client = await ControlClient.connect(run.address);
    try {
      await client.scenes.preview({ id: 'fourth' });
      await run.until('half is open', ({ sources }) =>
        sources.some(({ id, state }) => id === 'half' && state === 'live'),
      );
      for (const [id, expected] of [
        ['red', '200'],
        ['half', '000'],
      ] as const) {
        const file = join(folder.path, `${id}.jpg`);
        const { code, stdout } = await snapshot(id, file);
        assert.deepEqual([code, stdout], [0, `What the source "${id}" shows is in ${file}.\n`]);
        const first = execFileSync('ffmpeg', [
          ...['-v', 'error', '-i', file, '-vf', 'crop=2:2:8:8', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'],
        ]);
        assert.equal(colourAt(first, 0), expected);
      }
      await client.scenes.preview({ id: null });
      const gone = await snapshot('gone');
      assert.equal(gone.code, 69);
      assert.match(gone.stderr, /the source "gone" shows nothing yet/);
    } finally {
      client.dispose();
    }
  });

  it('are changed while they are on air, as a viewer sees and hears', async () => {
    const client = await ControlClient.connect(run.address);
    const levels: (number | null | undefined)[] = [];
    const listening = client.onDidReceiveLevels(({ sources }) => levels.push(sources['two']?.peakDbfs));
    const watch = async (name: string) => {
      await delay(1000);
      const recording = join(folder.path, `${name}.flv`);
      await recordSeconds(nginx.url('live', 'scenes'), recording, 3);
      const at = coloursIn(recording);
      /** Whether the layer is there, with this left edge: the clip has red parts, too. */
      const isAt = (x: number) => [10, 40, 70].every((part) => at(x + part, 100 + part) === '200');
      return { isAt, loudest: loudestIn(recording) };
    };
    try {
      await client.followAudio(50);
      const layer = { id: 'new', source: 'red', y: 100, width: 80, height: 80, fit: 'stretch' };
      await client.scenes.addLayer({ scene: 'second', layer: layer as never });
      await client.audio.set({ id: 'two', change: { muted: true } });
      const changed = await watch('changed');
      assert.deepEqual([changed.isAt(0), changed.loudest < -80], [true, true], `${changed.loudest} dB`);
      await client.audio.set({ id: 'two', change: { muted: false, gainDb: -6 } });
      await client.scenes.setLayer({ scene: 'second', id: 'new', change: { x: 240 } });
      const moved = await watch('moved');
      assert.deepEqual([moved.isAt(0), moved.isAt(240), moved.loudest > -40], [false, true, true]);
      assert.equal((await client.scenes.undo()).undo, 'sound of "two" changed');
      const { encoder, audio } = await client.status();
      assert.equal(encoder.restarts, 0, run.stdout);
      assert.ok((audio?.peakDbfs ?? -100) > -60, 'the mix is measured');
      assert.ok(levels.length > 60, `${levels.length} levels`);
      assert.ok(
        levels.some((level) => (level ?? -100) > -60),
        'also while it is muted',
      );
    } finally {
      listening.dispose();
      client.dispose();
    }
  });

  it('are the same after the encoder process is killed, and each clip goes on', async () => {
    const two = ({ sources }: Status) => sources.find(({ id }) => id === 'two');
    const before = await run.until('its position', (status) => (two(status)?.positionMs ?? 0) > 1000);
    process.kill(before.encoder.pid, 'SIGKILL');
    const after = await run.until(
      'the clip again',
      (status) => status.encoder.epoch > before.encoder.epoch && two(status)?.state === 'live',
    );
    assert.equal(after.canvases[0]?.programme, 'second');
    const [was, is] = [two(before)?.positionMs ?? 0, two(after)?.positionMs ?? 0];
    // What was composed and not delivered yet is played again.
    assert.ok(is >= was - 2000 && is < was + 20_000, `it was at ${was} ms, and is at ${is} ms`);
  });

  it('are on air again when the core has died, with the scene that was on air', async () => {
    const { core } = await run.status();
    process.kill(core.pid, 'SIGKILL');
    const after = await run.until(
      'live again',
      (status) => status.core.pid !== core.pid && status.state === 'live',
    );
    assert.equal(after.canvases[0]?.programme, 'second');
    const client = await ControlClient.connect(run.address);
    try {
      const { scenes } = await client.scenes.list();
      const layer = scenes.find(({ id }) => id === 'second')?.layers.find(({ id }) => id === 'new');
      assert.deepEqual([layer?.x, layer?.y], [0, 100], 'as it was changed on air');
      const { sources } = await client.audio.list();
      assert.equal(sources.find(({ id }) => id === 'two')?.gainDb, -6);
    } finally {
      client.dispose();
    }
  });
});

/** The colours of a recording's last frame. */
function coloursIn(recording: string): ColourAt {
  const pixels = execFileSync('ffmpeg', [
    ...['-v', 'error', '-sseof', '-1', '-i', recording, '-frames:v', '1'],
    ...['-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'],
  ]);
  return (x, y) => colourAt(pixels, (y * SIZE.width + x) * 3);
}

/** The colours of all frames of a recording, at places. */
function pixelsIn(recording: string, ...places: readonly (readonly [x: number, y: number])[]): string[][] {
  const bytes = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-i', recording, '-vsync', 'passthrough', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'],
    { maxBuffer: 1 << 28 },
  );
  const frameBytes = SIZE.width * SIZE.height * 3;
  return Array.from({ length: bytes.length / frameBytes }, (_, frame) =>
    places.map(([x, y]) => colourAt(bytes, frame * frameBytes + (y * SIZE.width + x) * 3)),
  );
}

/** Its loudest sample in the last three seconds, dBFS. */
function loudestIn(recording: string): number {
  const { stderr } = spawnSync('ffmpeg', [
    ...['-sseof', '-3', '-i', recording, '-af', 'volumedetect', '-vn', '-f', 'null', '-'],
  ]);
  return Number(/max_volume: (-?[\d.]+) dB/.exec(String(stderr))?.[1]);
}
