import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BroadcastConfigSchema, type SourceConfig } from '../../../../src/config/schema.js';
import { FramePool, frameBytes } from '../../../../src/encoder/canvas/frame-pool.js';
import { DiskCache } from '../../../../src/encoder/disk-cache.js';
import { MediaInspector } from '../../../../src/encoder/media-inspector.js';
import { prepareContext } from '../../../../src/encoder/prepare-context.js';
import { framesOfSources, openSource } from '../../../../src/encoder/sources/open-source.js';
import { shuffledOrder } from '../../../../src/encoder/sources/play-order.js';
import { SocketPairs } from '../../../../src/encoder/sources/socket-pairs.js';
import type { Source } from '../../../../src/encoder/sources/source.js';
import type { SourcePosition } from '../../../../src/protocol/encoder.js';
import { readMarks, rowSize, SQUARES } from '../../../support/marks.js';
import { writeNumberedClip } from '../../../support/numbered-frames.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

const SIZE = { width: 320, height: 180 };
const FPS = 25;
const FORMAT = { sampleRate: 48_000, channels: 2 };
const SAMPLES = FORMAT.sampleRate / FPS;
const { video, audio } = BroadcastConfigSchema.parse({ video: { ...SIZE, fps: FPS } });

/** The number in a raw frame. */
function numberIn(bytes: Buffer): number | undefined {
  const row = rowSize(SIZE.width, SIZE.height);
  const y = Math.floor(row.height / 2);
  const squares = Uint8Array.from({ length: SQUARES }, (_, index) => {
    const x = Math.floor(((index + 0.5) * row.width) / SQUARES);
    return bytes[y * SIZE.width + x] ?? 0;
  });
  return readMarks(squares)?.number;
}

/** Whether samples are a tone, in each hundredth of a second. */
function toneIn(pcm: Buffer): boolean[] {
  const step = (FORMAT.sampleRate / 100) * 2 * FORMAT.channels;
  return Array.from({ length: Math.floor(pcm.length / step) }, (_, index) => {
    const part = pcm.subarray(index * step, (index + 1) * step);
    return Array.from({ length: part.length / 2 }, (__, at) => Math.abs(part.readInt16LE(at * 2))).some(
      (sample) => sample > 500,
    );
  });
}

describe('a source that waits for its reader', () => {
  let folder: TempDir;
  let pairs: SocketPairs;
  let pool: FramePool;
  let source: Source | undefined;
  const problems: string[] = [];

  before(() => {
    folder = tempDir('sources');
    pairs = new SocketPairs();
  });
  beforeEach(() => {
    pool = new FramePool(frameBytes(SIZE), framesOfSources(FPS) + 4);
    problems.length = 0;
  });
  afterEach(async () => {
    source?.dispose();
    source = undefined;
    await delay(100);
    assert.equal(pool.inUse, 0, 'every frame is given back');
    pool.dispose();
  });
  after(() => {
    pairs.dispose();
    folder.dispose();
  });

  async function open(
    input: SourceConfig,
    positionMs = 0,
    place: Omit<SourcePosition, 'positionMs'> = { item: 0 },
  ): Promise<Source> {
    const cache = new DiskCache(folder.path);
    const inspector = new MediaInspector(cache);
    const { signal } = new AbortController();
    const ffmpeg = { path: 'ffmpeg', ownProcessGroup: false, onLog: () => {} };
    source = await openSource(
      input,
      {
        ffmpeg,
        pairs,
        pool,
        video,
        format: FORMAT,
        contextOf: (of) =>
          prepareContext(
            { input: of, video, audio },
            { ffmpegPath: 'ffmpeg', cache, inspector, signal, opensOnce: true },
          ),
      },
      {
        onLoss: () => {},
        onSkip: (error) => problems.push(error.message),
        onUnreadable: (error) => problems.push(error.message),
        onDamage: (_input, fromS, toS) => problems.push(`${fromS.toFixed(1)} to ${toS.toFixed(1)}`),
      },
      { ...place, positionMs },
    );
    return source;
  }

  /** Takes slots as fast as they come: the number of each one's frame, or of the frame before if it has none. */
  async function play(playing: Source, slots: number, onSlot: (slot: number) => void = () => {}) {
    const numbers: (number | undefined)[] = [];
    const pcm: Buffer[] = [];
    const deadline = performance.now() + 15_000;
    while (numbers.length < slots && playing.state !== 'ended') {
      assert.ok(performance.now() < deadline, `only ${numbers.length} slots came`);
      const { frame, sound } = playing.take(SAMPLES);
      if (frame === undefined && sound.length === 0) {
        await delay(2);
        continue;
      }
      numbers.push(frame === undefined ? numbers.at(-1) : numberIn(frame.bytes));
      frame?.release();
      pcm.push(sound);
      onSlot(numbers.length);
    }
    return { numbers, pcm: Buffer.concat(pcm) };
  }

  function clip(name: string, options: { fps: number; seconds: number; sampleRate: number }): string {
    const path = join(folder.path, name);
    writeNumberedClip(path, { size: `${SIZE.width}x${SIZE.height}`, ...options });
    return path;
  }

  it('plays a file once, each of its frames, and ends with it', async () => {
    const path = clip('once.mp4', { fps: FPS, seconds: 3, sampleRate: 22_050 });
    const { numbers, pcm } = await play(await open({ type: 'file', path, loop: false }), 1000);
    assert.deepEqual(
      numbers,
      Array.from({ length: 75 }, (_, index) => index),
    );
    assert.equal(pcm.length, 75 * SAMPLES * 4);
    assert.ok(toneIn(pcm).slice(2, -2).every(Boolean), 'a gap in the sound');
  });

  it('shows an image of a playlist for its time, from where it had got to, and then what follows', async () => {
    const moving = clip('moving.mp4', { fps: FPS, seconds: 1, sampleRate: 32_000 });
    const image = join(folder.path, 'still.png');
    execFileSync('ffmpeg', ['-v', 'error', '-y', '-ss', '0.4', '-i', moving, '-frames:v', '1', image]);
    const items = [image, moving];
    const playing = await open(
      { type: 'playlist', items, imageSeconds: 2.4, shuffle: false, loop: false },
      1000,
    );
    const atMs = () => playing.position?.positionMs ?? 0;
    const deadline = performance.now() + 15_000;
    let slots = 0;
    while (atMs() < 2400) {
      assert.ok(performance.now() < deadline, `the image is at ${atMs()} ms`);
      const beforeMs = atMs();
      const { frame } = playing.take(SAMPLES);
      if (frame !== undefined) assert.deepEqual([slots, numberIn(frame.bytes)], [0, 10]);
      frame?.release();
      if (atMs() > beforeMs) slots += 1;
      else await delay(2);
    }
    assert.equal(slots, 1.4 * FPS);
    const { numbers, pcm } = await play(playing, 1000);
    assert.deepEqual(
      numbers,
      Array.from({ length: FPS }, (_, index) => index),
    );
    assert.ok(toneIn(pcm).slice(2, -2).every(Boolean), 'a gap in the sound');
    assert.deepEqual(problems, []);
  });

  it('shows the images of a shuffled playlist, in an order that another process continues', async () => {
    const items = [0, 1, 2].map((number) => {
      const image = join(folder.path, `slide-${number}.png`);
      const frame = ['-f', 'lavfi', '-i', 'color=size=64x36', '-frames:v', '1'];
      execFileSync('ffmpeg', ['-v', 'error', '-y', ...frame, image]);
      return image;
    });
    const slideshow = { type: 'playlist', items, imageSeconds: 0.2, shuffle: true, loop: true } as const;
    /** The next so many items. */
    const itemsOf = async (playing: Source, items: number) => {
      const played: number[] = [];
      const deadline = performance.now() + 20_000;
      while (played.length < items) {
        assert.ok(performance.now() < deadline, `only ${played.length} items came`);
        playing.take(SAMPLES).frame?.release();
        const { item = -1 } = playing.position ?? {};
        if (item !== played.at(-1)) played.push(item);
        await delay(2);
      }
      return played;
    };
    const playing = await open(slideshow);
    const { round = -1 } = playing.position ?? {};
    const order = shuffledOrder(3);
    const expected = [round, round + 1].flatMap((one) => [0, 1, 2].map((at) => order.itemAt(one, at)));
    assert.deepEqual(await itemsOf(playing, 4), expected.slice(0, 4));
    const { item = -1, positionMs, ...rest } = playing.position ?? {};
    playing.dispose();
    const next = await open(slideshow, positionMs, { item, ...rest });
    assert.deepEqual(await itemsOf(next, 3), expected.slice(3, 6));
  });

  it('loops a file without a gap, and without drifting apart', async () => {
    const path = clip('loop.mp4', { fps: FPS, seconds: 1, sampleRate: 44_100 });
    const { numbers, pcm } = await play(await open({ type: 'file', path, loop: true }), 150);
    assert.deepEqual(
      numbers,
      Array.from({ length: 150 }, (_, index) => index % 25),
    );
    assert.ok(toneIn(pcm).filter((tone) => !tone).length <= 12, 'silence at the seams');
  });

  it('shows frames of another rate at their time', async () => {
    const path = clip('slow.mkv', { fps: 10, seconds: 3, sampleRate: 48_000 });
    const { numbers } = await play(await open({ type: 'file', path, loop: false }), 1000);
    assert.ok(numbers.length === 75 || numbers.length === 76, `${numbers.length} slots`); // Matroska keeps the padding of AAC.
    for (const [slot, number = -1] of numbers.entries()) {
      assert.ok(Math.abs(number - (slot * 10) / FPS) <= 1, `frame ${number} in slot ${slot}`);
    }
  });

  it('begins where another reader has stopped', async () => {
    const path = clip('later.mp4', { fps: FPS, seconds: 3, sampleRate: 48_000 });
    for (const roundedMs of [1319, 1320, 1321]) {
      const { numbers, pcm } = await play(await open({ type: 'file', path, loop: false }, roundedMs), 1000);
      assert.deepEqual(
        numbers,
        Array.from({ length: 75 - 33 }, (_, index) => 33 + index),
        `from ${roundedMs} ms`,
      );
      assert.ok(toneIn(pcm).slice(0, -2).every(Boolean), 'a gap in the sound');
      source?.dispose();
      await delay(100);
    }
  });

  it('continues with the very next frame and sample when its processes are killed', async () => {
    const path = clip('killed.mp4', { fps: FPS, seconds: 6, sampleRate: 48_000 });
    const playing = await open({ type: 'file', path, loop: false });
    const killed = new Set<number>();
    const { numbers, pcm } = await play(playing, 1000, (slot) => {
      if (slot % 40 !== 20 || playing.pid === 0) return;
      killed.add(playing.pid);
      process.kill(playing.pid, 'SIGKILL');
    });
    assert.ok(killed.size >= 3, `${killed.size} processes were killed`);
    assert.deepEqual(
      numbers,
      Array.from({ length: 150 }, (_, index) => index),
    );
    assert.ok(toneIn(pcm).slice(2, -2).every(Boolean), 'a gap in the sound');
  });

  it('starts another process beside one that hangs', async () => {
    const path = clip('hangs.mp4', { fps: FPS, seconds: 4, sampleRate: 48_000 });
    const playing = await open({ type: 'file', path, loop: false });
    let stopped = 0;
    const { numbers } = await play(playing, 1000, (slot) => {
      if (slot !== 30) return;
      stopped = playing.pid;
      process.kill(stopped, 'SIGSTOP');
    });
    assert.notEqual(playing.pid, stopped);
    assert.deepEqual(
      numbers,
      Array.from({ length: 100 }, (_, index) => index),
    );
  });
});
