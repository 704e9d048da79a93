import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OutputClock } from '../../../src/core/publish/queue/output-clock.js';
import { isVideoFrame, type StreamTag } from '../../../src/media/stream-tag.js';
import { parseVideoPayload } from '../../../src/media/video-payload.js';
import type { BulkheadError } from '../../../src/protocol/errors.js';
import { AAC_HEADER, aacFrame, avcFrame, avcHeader } from '../../support/flv.js';
import { chunksOf, type EncoderModel, encoderModel, type TimedTag, tagsOf } from './encoder-model.js';
import { AUDIO_FRAME_MS, assertStrictlyRising, isSilence, Stage } from './stage.js';

/** Frames and sounds of run n are numbered from n · ID_SPAN. */
const ID_SPAN = 100_000;
/** AAC-LC, 48 kHz, mono. */
const MONO_HEADER = Buffer.from([0xaf, 0, 0x11, 0x88]);

interface Run {
  readonly model: EncoderModel;
  /** Frames sent from its first keyframe on. */
  readonly frames: readonly TimedTag[];
  readonly sounds: readonly TimedTag[];
  /** When this run's first keyframe was read, ms of wall clock since the broadcast's first. */
  readonly joinedAtMs: number;
  /** Its frames as output by the timeline. */
  placed: readonly StreamTag[];
}

function play(stage: Stage, models: readonly EncoderModel[]): Run[] {
  let diedAtMs = 0;
  let originMs: number | undefined;
  const runs = models.map((model, n): Run => {
    const sent = tagsOf(model, n * ID_SPAN);
    const joinedAtMs = diedAtMs + model.restartMs;
    const begunAtMs = joinedAtMs - (model.leadIn * 1000) / model.fps;
    originMs ??= joinedAtMs;
    const epoch = stage.timeline.beginEpoch();
    for (const [chunk, atMs] of chunksOf(model, sent)) {
      diedAtMs = begunAtMs + atMs;
      epoch.write(chunk, diedAtMs);
    }
    const media = sent.filter(({ kind, payload }) => kind !== 'script' && payload[1] === 1);
    const frames = media.filter(({ kind }) => kind === 'video').slice(model.leadIn);
    const sounds = media.filter(({ kind, ms }) => kind === 'audio' && ms >= frames[0]!.ms);
    return { model, frames, sounds, joinedAtMs: joinedAtMs - originMs, placed: [] };
  });
  let at = 0;
  for (const run of runs) {
    run.placed = stage.frames.slice(at, at + run.frames.length);
    at += run.frames.length;
  }
  return runs;
}

function check(property: (stage: Stage, runs: readonly Run[]) => void): void {
  fc.assert(
    fc.property(fc.array(encoderModel, { minLength: 1, maxLength: 4 }), (models) => {
      const stage = new Stage({ slateAfterMs: 1e9 });
      try {
        property(stage, play(stage, models));
      } finally {
        stage.dispose();
      }
    }),
    { numRuns: 40 },
  );
}

function soundId(payload: Buffer): number {
  return payload.readUInt32BE(2);
}

describe('Timeline with encoders that crash at any point', () => {
  it('has strictly increasing timestamps on each track', () => {
    check((stage) => {
      assertStrictlyRising(stage.frames);
      assertStrictlyRising(stage.sounds);
    });
  });

  it('keeps each frame from the first keyframe on, once and unchanged', () => {
    check((stage, runs) => {
      assert.deepEqual(
        stage.frames.map(({ payload }) => payload),
        runs.flatMap(({ frames }) => frames.map(({ payload }) => payload)),
      );
    });
  });

  it('shifts all frames of an encoder by one offset, to the wall clock or later', () => {
    check((_, runs) => {
      for (const { frames, placed, joinedAtMs } of runs) {
        const offsets = placed.map(({ timestampMs }, n) => timestampMs - frames[n]!.ms);
        assert.equal(new Set(offsets).size, 1);
        assert.ok(placed[0]!.timestampMs >= Math.round(joinedAtMs));
      }
    });
  });

  it('shows the frames of an encoder after those of the previous one', () => {
    check((_, runs) => {
      let latestMs = -1;
      for (const { placed } of runs) {
        const pts = placed.map(
          ({ timestampMs, payload }) => timestampMs + parseVideoPayload(payload).compositionMs,
        );
        assert.ok(Math.min(...pts) > latestMs);
        latestMs = Math.max(...pts);
      }
    });
  });

  it('keeps the sound on one grid, and in sync with the video within half a frame', () => {
    check(({ sounds }, runs) => {
      sounds.slice(1).forEach(({ timestampMs }, n) => {
        const stepMs = timestampMs - sounds[n]!.timestampMs;
        assert.ok(Math.abs(stepMs - AUDIO_FRAME_MS) <= 2, `a step of ${stepMs} ms`);
      });
      const heard = new Map(
        sounds.filter((tag) => !isSilence(tag)).map((tag) => [soundId(tag.payload), tag]),
      );
      for (const run of runs) {
        const videoOffsetMs = run.placed[0]!.timestampMs - run.frames[0]!.ms;
        for (const { ms, payload } of run.sounds) {
          const skewMs =
            (heard.get(soundId(payload))?.timestampMs ?? ms + videoOffsetMs) - ms - videoOffsetMs;
          assert.ok(Math.abs(skewMs) <= AUDIO_FRAME_MS / 2 + 1, `off by ${skewMs} ms`);
        }
      }
    });
  });

  it('loses no sound from the first keyframe on, except one that would overlap', () => {
    check(({ sounds }, runs) => {
      const heard = new Set(sounds.filter((tag) => !isSilence(tag)).map(({ payload }) => soundId(payload)));
      for (const run of runs) {
        const lost = run.sounds.filter(({ payload }) => !heard.has(soundId(payload)));
        assert.ok(lost.length <= 1, `${lost.length} of ${run.sounds.length} lost`);
      }
    });
  });

  it('sends headers again exactly when they have changed, before the keyframe', () => {
    check((stage, runs) => {
      const expected = runs.flatMap(({ model }, n) => {
        const before = runs[n - 1]?.model;
        return [
          ...(model.metadataId === before?.metadataId ? [] : ['metadata']),
          ...(model.headerId === before?.headerId ? [] : ['video-header']),
          ...(before === undefined ? ['audio-header'] : []),
          'keyframe',
        ];
      });
      const joining = new Set(runs.map(({ placed }) => placed[0]));
      const sent = stage.tags.filter(
        (tag) => joining.has(tag) || !(isVideoFrame(tag) || tag.kind === 'audio'),
      );
      assert.deepEqual(
        sent.map(({ kind }) => kind),
        expected,
      );
    });
  });

  it('counts frames and gaps', () => {
    check((stage, runs) => {
      const gaps = stage.joins.map(({ gapMs }) => gapMs);
      const { slates: _, ...counts } = stage.timeline.status();
      assert.deepEqual(counts, {
        videoFrames: stage.frames.length,
        audioFrames: stage.sounds.length,
        lastTimestampMs: Math.max(...stage.tags.map(({ timestampMs }) => timestampMs)),
        splices: runs.length - 1,
        lastGapMs: gaps.at(-1),
        maxGapMs: Math.max(...gaps),
      });
    });
  });
});

describe('Timeline with encoders that pause, jump, end and return', () => {
  interface Step {
    readonly waitMs: number;
    readonly what: 'frame' | 'keyframe' | 'sound' | 'burst' | 'jump' | 'end' | 'next' | 'headers';
    readonly skewMs: number;
  }
  const atOnce = (what: string): Step => ({ waitMs: 0, what: what as Step['what'], skewMs: 0 });
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.record({
      waitMs: fc.oneof(fc.nat(60), fc.nat(3000)),
      what: fc.constantFrom('frame', 'keyframe', 'sound', 'burst', 'jump', 'end', 'next', 'headers'),
      skewMs: fc.integer({ min: -400, max: 400 }),
    }),
    { maxLength: 60 },
  );

  function playSteps(stage: Stage, all: readonly Step[]): void {
    let epoch = stage.live(1000);
    let id = 0;
    /** The encoder's clock minus the wall clock. */
    let offsetMs = 1000 - performance.now();
    const frame = (kind: 'keyframe' | 'interframe', ms: number) =>
      stage.write(epoch, { kind: 'video', ms: Math.max(0, ms), payload: avcFrame(kind, id++) });
    const sound = (ms: number) =>
      stage.write(epoch, { kind: 'audio', ms: Math.max(0, ms), payload: aacFrame(id++) });
    for (const { waitMs, what, skewMs } of all) {
      stage.clock.tick(waitMs);
      const ms = Math.round(performance.now() + offsetMs + skewMs);
      switch (what) {
        case 'frame':
          frame('interframe', ms);
          break;
        case 'keyframe':
          frame('keyframe', ms);
          break;
        case 'sound':
          sound(ms);
          break;
        case 'burst':
          for (let n = -20; n <= 0; n++) {
            frame('interframe', ms + n * 33);
            sound(ms + n * 33);
          }
          break;
        case 'jump':
          offsetMs += skewMs * 20;
          break;
        case 'end':
          epoch.end();
          break;
        case 'next':
          epoch = stage.live(Math.max(0, ms));
          break;
        case 'headers':
          stage.write(
            epoch,
            { kind: 'video', ms: Math.max(0, ms), payload: avcHeader((id++ % 2) + 1) },
            { kind: 'audio', ms: Math.max(0, ms), payload: id % 2 === 0 ? AAC_HEADER : MONO_HEADER },
          );
      }
    }
    stage.clock.tick(5000);
  }

  it("has strictly increasing timestamps on each track, including silence and repeated keyframes, also after an output's queue", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const stage = new Stage();
        const clock = new OutputClock();
        const sent: StreamTag[] = [];
        stage.timeline.onTag((tag) => {
          const out = clock.next(tag, false);
          if (out !== undefined) sent.push(out);
        });
        try {
          playSteps(stage, all);
          for (const tags of [stage.tags, sent]) {
            assertStrictlyRising(tags.filter(isVideoFrame));
            assertStrictlyRising(tags.filter(({ kind }) => kind === 'audio'));
            assertHeadersInOrder(tags, 'video-header', isVideoFrame);
            assertHeadersInOrder(tags, 'audio-header', ({ kind }) => kind === 'audio');
          }
        } finally {
          stage.dispose();
        }
      }),
      {
        numRuns: 300,
        // Audio headers after frames, and before the first sound.
        examples: [[['frame', 'frame', 'headers', 'sound'].map(atOnce)]],
      },
    );
  });

  it('never pauses for a second once it has begun, whatever its encoders do', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const stage = new Stage();
        const sentAtMs: number[] = [];
        stage.timeline.onTag(() => sentAtMs.push(performance.now()));
        try {
          const epoch = stage.live();
          stage.write(epoch, { kind: 'audio', ms: 0, payload: aacFrame(1) });
          // Not with single frames: the time between them is taken for the frame duration.
          playSteps(
            stage,
            all.filter(({ what }) => ['sound', 'burst', 'end', 'next'].includes(what)),
          );
          const silences = sentAtMs.slice(1).map((ms, n) => ms - (sentAtMs[n] ?? ms));
          assert.ok(Math.max(...silences) < 1000, `silent for ${Math.max(...silences)} ms`);
        } finally {
          stage.dispose();
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** No header is older than the tag before it on its track, or newer than the one after it. */
function assertHeadersInOrder(
  tags: readonly StreamTag[],
  kind: StreamTag['kind'],
  isOfTrack: (tag: StreamTag) => boolean,
): void {
  let lastMs = 0;
  for (const tag of tags) {
    if (tag.kind !== kind && !isOfTrack(tag)) continue;
    assert.ok(tag.timestampMs >= lastMs, `${tag.kind}: ${lastMs} → ${tag.timestampMs}`);
    lastMs = tag.timestampMs;
  }
}

describe('Timeline with an encoder that ignores real time', () => {
  it('never moves far away from the clock', () => {
    const steps = fc.array(fc.record({ waitMs: fc.nat(3000), mediaMs: fc.nat(20_000) }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (bursts) => {
        const stage = new Stage({ slateAfterMs: 1e9 });
        try {
          let epoch = stage.live();
          const startMs = performance.now();
          let ms = 0;
          let failures = 0;
          for (const { waitMs, mediaMs } of bursts) {
            stage.clock.tick(waitMs);
            try {
              for (const end = ms + mediaMs; ms < end; ms += 500)
                stage.write(epoch, { kind: 'video', ms: ms + 500, payload: avcFrame('interframe', 2) });
            } catch (error) {
              assert.equal((error as BulkheadError).code, 'encoder.ahead');
              failures++;
              epoch = stage.live(ms);
            }
            const elapsedMs = performance.now() - startMs;
            const leadMs = stage.timeline.status().lastTimestampMs - elapsedMs;
            // LeadLimit: a minute of burst and 5 s of slack, twice 5 s more for each next run, a hundredth for drift.
            const mostMs = 65_000 + failures * 10_000 + elapsedMs / 100 + 500;
            assert.ok(leadMs <= mostMs, `${leadMs} ms ahead after ${failures} failures`);
          }
        } finally {
          stage.dispose();
        }
      }),
      { numRuns: 30 },
    );
  });
});
