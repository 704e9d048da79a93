import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BroadcastConfigSchema, type SourceConfig } from '../../../../src/config/schema.js';
import { FramePool, frameBytes } from '../../../../src/encoder/canvas/frame-pool.js';
import { DiskCache } from '../../../../src/encoder/disk-cache.js';
import { MediaInspector } from '../../../../src/encoder/media-inspector.js';
import { prepareContext } from '../../../../src/encoder/prepare-context.js';
import { framesOfSources, openSource } from '../../../../src/encoder/sources/open-source.js';
import { SocketPairs } from '../../../../src/encoder/sources/socket-pairs.js';
import type { Source } from '../../../../src/encoder/sources/source.js';
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

  async function open(input: SourceConfig, positionMs = 0): Promise<Source> {
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
      { item: 0, positionMs },
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
    const { numbers } = await play(await open({ type: 'file', path, loop: false }, 1320), 1000);
    assert.deepEqual(
      numbers,
      Array.from({ length: 75 - 33 }, (_, index) => 33 + index),
    );
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
