import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type EpochWriter, type RenditionTag, Timeline } from '../../../src/core/timeline/timeline.js';
import { flvTagParts } from '../../../src/media/flv-writer.js';
import { isVideoFrame, type StreamTag } from '../../../src/media/stream-tag.js';
import { aacFrame, avcFrame, avcHeader, FLV_PREAMBLE, metadata } from '../../support/flv.js';
import { assertStrictlyRising, Stage } from './stage.js';

const FRAME_MS = 40;
const RENDITION = 3;
const OPTIONS = { hasRenditions: true };

describe('renditions on the timeline', () => {
  let stage: Stage;
  let seen: RenditionTag[];

  beforeEach(() => {
    stage = new Stage();
    seen = [];
    stage.timeline.setRenditions([RENDITION]);
    stage.timeline.onRenditionTag((tag) => seen.push(tag));
  });
  afterEach(() => stage.dispose());

  const tags = (): StreamTag[] => seen.map(({ tag }) => tag);
  const kinds = () => tags().map(({ kind, timestampMs }) => [kind, timestampMs]);

  function write(
    epoch: EpochWriter,
    ms: number,
    payload: Buffer,
    {
      rendition = RENDITION,
      carrier = 'video',
    }: { rendition?: number; carrier?: 'audio' | 'video' | 'metadata' } = {},
  ): void {
    epoch.write(Buffer.concat(flvTagParts(carrier, ms, payload, rendition)), performance.now());
  }
  const frame = (epoch: EpochWriter, ms: number, kind: 'keyframe' | 'interframe', rendition = RENDITION) =>
    write(epoch, ms, avcFrame(kind, ms), { rendition });
  const begin = (epoch: EpochWriter, ms: number, id = 5) => {
    write(epoch, 0, metadata(id), { carrier: 'metadata' });
    write(epoch, 0, avcHeader(id));
    frame(epoch, ms, 'keyframe');
  };
  const programme = (epoch: EpochWriter, ms: number, kind: 'keyframe' | 'interframe' = 'interframe') =>
    stage.write(epoch, { kind: 'video', ms, payload: avcFrame(kind, ms) });

  it("have the programme's timestamps, with their own headers before their first keyframe", () => {
    stage.clock.tick(1000);
    const epoch = stage.live(1280, OPTIONS);
    frame(epoch, 1280, 'interframe');
    assert.deepEqual(kinds(), []);
    begin(epoch, 1320);
    programme(epoch, 1320);
    frame(epoch, 1360, 'interframe');
    assert.deepEqual(kinds(), [
      ['metadata', FRAME_MS],
      ['video-header', FRAME_MS],
      ['keyframe', FRAME_MS],
      ['interframe', 2 * FRAME_MS],
    ]);
    assert.equal(stage.frames.at(-1)?.timestampMs, FRAME_MS);
    assert.ok(seen.every(({ rendition }) => rendition === RENDITION));
  });

  it('have their own sound from their keyframe on, also where it has come before that', () => {
    stage.clock.tick(1000);
    const epoch = stage.live(1280, OPTIONS);
    for (const ms of [1300, 1321]) write(epoch, ms, aacFrame(1), { carrier: 'audio' });
    programme(epoch, 1320);
    begin(epoch, 1320);
    write(epoch, 1342, aacFrame(1), { carrier: 'audio' });
    assert.deepEqual(kinds().slice(2), [
      ['keyframe', FRAME_MS],
      ['audio', FRAME_MS + 1],
      ['audio', FRAME_MS + 22],
    ]);
  });

  it('are not on the stream before the programme is, and begin again with a keyframe of the next epoch', () => {
    const first = stage.begin(OPTIONS);
    begin(first, 0);
    assert.deepEqual(kinds(), []);
    programme(first, 0, 'keyframe');
    frame(first, 0, 'keyframe');
    const next = stage.begin(OPTIONS);
    stage.clock.tick(500);
    begin(next, 700);
    assert.equal(seen.length, 3, 'the next epoch is not on air yet');
    programme(next, 700, 'keyframe');
    frame(next, 740, 'interframe');
    frame(first, 40, 'interframe');
    begin(next, 780, 6);
    assert.deepEqual(kinds().slice(3), [
      ['metadata', 580],
      ['video-header', 580],
      ['keyframe', 580],
    ]);
    assertStrictlyRising(tags().filter(isVideoFrame));
  });

  it("show their own last keyframe with the programme's slate, and go on with their next one", () => {
    const epoch = stage.live(0, OPTIONS);
    begin(epoch, 0);
    frame(epoch, 40, 'interframe');
    epoch.end();
    seen.length = 0;
    stage.tags.length = 0;
    stage.clock.tick(3000);
    const shown = stage.frames.map(({ timestampMs }) => timestampMs);
    assert.ok(shown.length > 2);
    assert.deepEqual(
      kinds(),
      shown.map((ms) => ['keyframe', ms]),
    );
    const next = stage.live(0, OPTIONS);
    frame(next, 40, 'interframe');
    frame(next, 80, 'keyframe');
    assert.equal(tags().at(-1)?.timestampMs, (stage.frames.at(-1)?.timestampMs ?? 0) + 80);
    assertStrictlyRising(tags().filter(isVideoFrame));
  });

  it('touch neither the programme nor the clock of its slate, whatever they send', () => {
    const epoch = stage.live(0, OPTIONS);
    stage.tags.length = 0;
    for (let ms = 0; ms < 2000; ms += FRAME_MS) {
      stage.clock.tick(FRAME_MS);
      frame(epoch, ms, 'keyframe');
      frame(epoch, ms, 'keyframe', RENDITION + 1);
      frame(epoch, ms + 9_000_000, 'keyframe');
    }
    epoch.end();
    stage.clock.tick(1000);
    assert.ok(stage.timeline.onSlate);
    assert.equal(stage.timeline.status().videoFrames, 1 + stage.frames.length);
    assert.ok(seen.every(({ rendition }) => rendition === RENDITION));
  });

  it('are ignored where nobody wants them, and refused of those who may have none', () => {
    stage.timeline.setRenditions([]);
    const epoch = stage.live(0, OPTIONS);
    begin(epoch, 0);
    assert.deepEqual(seen, []);
    const other = stage.begin();
    assert.throws(() => frame(other, 0, 'keyframe'), { code: 'media.invalid' });
    assert.throws(() => frame(epoch, 0, 'keyframe', 256), { code: 'media.invalid' });
  });

  it('rise on their track whatever both encoders send, and whenever', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            who: fc.constantFrom('programme', 'rendition', 'sound', 'epoch', 'silence'),
            ms: fc.integer({ min: -50, max: 9000 }),
            isKeyframe: fc.boolean(),
          }),
          { maxLength: 60 },
        ),
        (steps) => {
          const timeline = new Timeline();
          const out: StreamTag[] = [];
          timeline.setRenditions([RENDITION]);
          timeline.onRenditionTag(({ tag }) => out.push(tag));
          const start = (): EpochWriter => {
            const epoch = timeline.beginEpoch(OPTIONS);
            epoch.write(FLV_PREAMBLE, performance.now());
            return epoch;
          };
          let epoch = start();
          for (const { who, ms, isKeyframe } of steps) {
            const kind = isKeyframe ? 'keyframe' : 'interframe';
            try {
              if (who === 'programme') programme(epoch, ms, kind);
              else if (who === 'rendition') frame(epoch, ms, kind);
              else if (who === 'sound') stage.write(epoch, { kind: 'audio', ms, payload: aacFrame(ms) });
              else if (who === 'epoch') epoch = start();
              else stage.clock.tick(Math.max(0, ms));
            } catch {
              // It ran ahead of the clock.
              epoch = start();
            }
          }
          timeline.dispose();
          assertStrictlyRising(out.filter(isVideoFrame));
        },
      ),
      { numRuns: 60 },
    );
  });
});
