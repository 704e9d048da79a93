import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { FramePool, frameBytes } from '../../../src/encoder/canvas/frame-pool.js';
import { findFfmpeg } from '../../../src/encoder/ffmpeg-resolver.js';
import type { Reduction } from '../../../src/encoder/tracks/encoding.js';
import { ProgrammeEncoders } from '../../../src/encoder/tracks/programme-encoders.js';
import { FLV_PREAMBLE, flvTagParts } from '../../../src/media/flv-writer.js';
import { parseVideoPayload } from '../../../src/media/video-payload.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const FPS = 20;
const SAMPLE_RATE = 48_000;
const HIGH_PROFILE = 100;
/** Of `profile_idc` in an FLV tag with an AVCDecoderConfigurationRecord. */
const PROFILE_AT = 6;

/** On a busy machine an encoder may be too late; the one before goes on then. */
async function reduce(encoders: ProgrammeEncoders, reduction: Reduction): Promise<void> {
  for (let tries = 4; ; tries--) {
    try {
      return await encoders.reduce(reduction);
    } catch (error) {
      if (tries === 0 || BulkheadError.from(error).code !== ErrorCodes.encoderSilent) throw error;
    }
  }
}

describe('ProgrammeEncoders', () => {
  let folder: TempDir;
  before(() => {
    folder = tempDir('programme');
  });
  after(() => folder.dispose());

  it('encode less and more again, on one grid of slots and in one profile', async () => {
    const { video, audio } = BroadcastConfigSchema.parse({
      video: { width: 160, height: 90, fps: FPS, keyframeIntervalSeconds: 0.5 },
    });
    const tags: Buffer[] = [FLV_PREAMBLE];
    const slots: number[] = [];
    const profiles: number[] = [];
    let originMs: number | undefined;
    const encoders = new ProgrammeEncoders(
      {
        ...{ video, audio, modern: true, available: undefined, more: ['-vsync', 'passthrough'] },
        ffmpeg: { path: findFfmpeg(), ownProcessGroup: false, onLog: () => {} },
      },
      {
        format: { sampleRate: SAMPLE_RATE, channels: 2 },
        onLoss: ({ log }) => assert.fail(log.map(({ text }) => text).join('\n')),
        explain: () => assert.fail(),
        onSubstitute: () => assert.fail(),
        onProblem: (error) => assert.fail(error.message),
        writer: {
          write: (carrier, timestampMs, payload) => {
            tags.push(...flvTagParts(carrier, timestampMs, payload));
            if (carrier !== 'video') return;
            if (parseVideoPayload(payload).kind === 'header') {
              profiles.push(payload[PROFILE_AT] ?? 0);
              return;
            }
            originMs ??= timestampMs;
            slots.push(Math.round(((timestampMs - originMs) * FPS) / 1000));
          },
        },
      },
    );
    const pool = new FramePool(frameBytes(video), 60);
    const sound = Buffer.alloc((SAMPLE_RATE / FPS) * 4);
    let slot = 0;
    const clock = setInterval(() => {
      const frame = pool.acquire();
      assert.ok(frame !== undefined);
      frame.bytes.fill(slot % 200);
      encoders.video.put(slot, frame);
      encoders.audio.put(sound);
      frame.release();
      slot += 1;
    }, 1000 / FPS);
    try {
      await delay(300);
      const steps: Reduction[] = [
        { preset: 'ultrafast', stride: 1 },
        { preset: 'ultrafast', stride: 2 },
        { stride: 1 },
      ];
      for (const reduction of steps) {
        await reduce(encoders, reduction);
        await delay(300);
      }
      assert.equal(encoders.preset, 'veryfast');
    } finally {
      clearInterval(clock);
      await encoders.end();
      encoders.dispose();
    }
    const rises = slots.slice(1).map((number, index) => number - (slots[index] ?? 0));
    const [first, last] = [rises.indexOf(2), rises.lastIndexOf(2)];
    assert.ok(last - first >= 5, `${last - first} frames of every second slot`);
    const half = rises.slice(first, last + 1);
    assert.deepEqual(new Set(half), new Set([2]));
    const full = [...rises.slice(0, first), ...rises.slice(last + 1)];
    if (encoders.video.skippedSlots === 0) assert.deepEqual(new Set(full), new Set([1]));
    assert.ok(profiles.length >= 3, 'each encoder has another header');
    assert.deepEqual(new Set(profiles), new Set([HIGH_PROFILE]));
    const file = join(folder.path, 'programme.flv');
    writeFileSync(file, Buffer.concat(tags));
    const { stderr } = spawnSync('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-'], {
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    assert.equal(pool.inUse, 0);
  });
});
