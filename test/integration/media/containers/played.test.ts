import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerName } from '../../../../src/media/containers/containers.js';
import { containers } from '../../../../src/media/containers/containers.js';
import { carrierOf, type StreamTag } from '../../../../src/media/stream-tag.js';
import { parseVideoPayload } from '../../../../src/media/video-payload.js';
import {
  decodeErrors,
  expectedPackets,
  type FilePacket,
  MemoryFile,
  packetsOf,
  probeFile,
  soughtMs,
} from '../../../support/recorded-file.js';
import { asFurtherTrack, fpsOf, type RecordedMedia, recordedTags } from '../../../support/recorded-tags.js';
import { type TempDir, tempDir } from '../../../support/temp.js';
import { FFMPEGS, NEW_FFMPEG } from './ffmpegs.js';

const NAMES = Object.keys(containers) as ContainerName[];
/** Ticks of a track instead of milliseconds: as much may a time differ. */
const ROUNDING_MS = 1.6;
/** Where players begin that seek to it; some go by PTS and some by DTS, so that no keyframe's are on both sides of it. */
const SOUGHT_MS = 2750;
const INPUTS: Readonly<Record<string, RecordedMedia & { readonly isNewOnly?: boolean }>> = {
  'H.264, 30 fps, 48 kHz': {},
  'H.264 with B-frames, 23.976 fps, 44.1 kHz, mono': {
    ...{ rate: '24000/1001', bFrames: 3, sampleRate: 44_100, channels: 1, gop: 48 },
  },
  'H.264 with B-frames, 60 fps, no sound': { rate: '60', bFrames: 2, sampleRate: undefined },
  'H.264, 25 fps, one keyframe': { rate: '25', gop: 999 },
  'HEVC, 50 fps, 32 kHz': { codec: 'hevc', rate: '50', sampleRate: 32_000 },
  'AV1, 30 fps': { codec: 'av1', seconds: 2, isNewOnly: true },
};

/** Which stream of the file each tag is in. */
const streamOf = (tag: StreamTag) => (carrierOf(tag.kind) === 'audio' ? 1 : 0);

/** Each stream's packets apart, since how they are interleaved is no matter. */
function assertPackets(found: readonly FilePacket[], expected: readonly FilePacket[]): void {
  for (const stream of new Set([...found, ...expected].map((packet) => packet.stream))) {
    const [is, shouldBe] = [found, expected].map((packets) => packets.filter((p) => p.stream === stream));
    assert.deepEqual(
      is?.map(({ bytes, sum }) => ({ bytes, sum })),
      shouldBe?.map(({ bytes, sum }) => ({ bytes, sum })),
      `frames of stream ${stream}`,
    );
    is?.forEach(({ ptsMs }, n) => {
      const should = shouldBe?.[n]?.ptsMs ?? Number.NaN;
      assert.ok(
        Math.abs(ptsMs - should) <= ROUNDING_MS,
        `stream ${stream}, frame ${n}: ${ptsMs}, not ${should}`,
      );
    });
  }
}

/** When the last keyframe until this time is shown. */
function lastKeyframe(tags: readonly StreamTag[], untilMs: number): number {
  const shown = tags
    .filter(({ kind }) => kind === 'keyframe')
    .map(({ timestampMs, payload }) => timestampMs + parseVideoPayload(payload).compositionMs);
  return Math.max(...shown.filter((ms) => ms <= untilMs));
}

describe('A recording', function () {
  this.timeout(120_000);
  let folder: TempDir;
  before(() => {
    folder = tempDir('containers');
  });
  after(() => folder.dispose());

  function saved(file: MemoryFile, name: ContainerName): string {
    const path = join(folder.path, `a${containers[name].extension}`);
    writeFileSync(path, file.bytes);
    return path;
  }

  for (const [input, { isNewOnly = false, ...media }] of Object.entries(INPUTS)) {
    describe(`of ${input}`, () => {
      let tags: StreamTag[];
      before(async () => {
        tags = await recordedTags(media);
      });

      for (const name of NAMES) {
        it(`plays frame by frame from ${name}, ended or cut off`, async () => {
          const file = new MemoryFile();
          const writer = containers[name].begin(file);
          const offset = tags.map((tag) => ({ ...tag, timestampMs: tag.timestampMs + 123_456 }));
          for (const tag of offset) writer.write(tag);
          writer.flush();
          const expected = expectedPackets(tags, streamOf);
          for (const isEnded of [false, true]) {
            if (isEnded) {
              writer.chapter(124_456, 'A second: Glück');
              writer.end();
            }
            const path = saved(file, name);
            for (const ffmpeg of isNewOnly ? [NEW_FFMPEG] : Object.values(FFMPEGS)) {
              assertPackets(await packetsOf(ffmpeg, path), expected);
              assert.equal(await decodeErrors(ffmpeg, path), '');
              if (!isEnded) continue;
              const sought = await soughtMs(ffmpeg, path, SOUGHT_MS / 1000);
              const keyframe = lastKeyframe(tags, SOUGHT_MS);
              assert.ok(
                Math.abs((sought ?? Number.NaN) - keyframe) <= ROUNDING_MS,
                `${sought}, not ${keyframe}`,
              );
            }
          }
          const { format, streams, chapters } = await probeFile(saved(file, name));
          const seconds = media.seconds ?? 4;
          const [video] = streams;
          for (const rate of [video?.['avg_frame_rate'], video?.['r_frame_rate']])
            assert.ok(Math.abs(fpsOf(String(rate)) - fpsOf(media.rate ?? '30')) < 0.001, String(rate));
          assert.ok(Math.abs(Number(format.duration) - seconds) < 0.2, format.duration);
          assert.deepEqual(
            chapters.map(({ start_time, tags: { title } = {} }) => [Number(start_time), title]),
            [[1, 'A second: Glück']],
          );
        });
      }
    });
  }

  for (const name of NAMES) {
    it(`has further tracks of sound and video in ${name}`, async () => {
      const main = await recordedTags({ seconds: 2 });
      const second = await recordedTags({ seconds: 2, sampleRate: 44_100, rate: '25', bFrames: 2 });
      const isSound = ({ kind }: StreamTag) => carrierOf(kind) === 'audio';
      const tags = [
        ...main,
        ...asFurtherTrack(second.filter(isSound), 1),
        ...asFurtherTrack(
          second.filter((tag) => !isSound(tag)),
          2,
        ),
      ].sort(
        (a, b) =>
          Number(b.kind.includes('header')) - Number(a.kind.includes('header')) ||
          a.timestampMs - b.timestampMs,
      );
      const file = new MemoryFile();
      const writer = containers[name].begin(file);
      for (const tag of tags) writer.write(tag);
      writer.end();
      const path = saved(file, name);
      const streams = (tag: StreamTag) =>
        (isSound(tag) ? 1 : 0) + (tag.track ?? 0) + (tag.track === 2 ? 1 : 0);
      for (const ffmpeg of Object.values(FFMPEGS)) {
        assertPackets(await packetsOf(ffmpeg, path), expectedPackets(tags, streams));
        assert.equal(await decodeErrors(ffmpeg, path), '');
      }
    });
  }
});
