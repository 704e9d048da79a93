import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ContainerName } from '../../../../src/media/containers/containers.js';
import { containers } from '../../../../src/media/containers/containers.js';
import { carrierOf, type StreamTag } from '../../../../src/media/stream-tag.js';
import {
  decodeErrors,
  expectedPackets,
  MemoryFile,
  packetsOf,
  probeFile,
} from '../../../support/recorded-file.js';
import { recordedTags } from '../../../support/recorded-tags.js';
import { type TempDir, tempDir } from '../../../support/temp.js';
import { NEW_FFMPEG, OLD_FFMPEG } from './ffmpegs.js';

const NAMES = Object.keys(containers) as ContainerName[];
const RUNS = 60;
/** Of an ended file. */
const MOST_PATCHES = 3;

/** The numbers of frames' contents by stream, in order. */
const sums = (packets: readonly { readonly stream: number; readonly sum: number }[]) =>
  [0, 1].map((stream) => packets.filter((packet) => packet.stream === stream).map(({ sum }) => sum));

/** How a recording went on: how far it came, where its file was cut off (both in thousandths), and how it was ended before. */
const accident = fc.record({
  written: fc.nat(1000),
  cut: fc.nat(1000),
  /** Near the end of something that was appended, rather than anywhere. */
  edge: fc.option(fc.integer({ min: -12, max: 12 })),
  isEnded: fc.boolean(),
  /** How much of what makes it complete came to the disk. */
  patches: fc.nat(4),
  /** How many GOPs the core repeats more than it has to. */
  moreGops: fc.nat(2),
});

describe('A recording that was cut off', function () {
  this.timeout(300_000);
  let folder: TempDir;
  const inputs: StreamTag[][] = [];
  before(async () => {
    folder = tempDir('cut-off');
    inputs.push(
      await recordedTags({ seconds: 3 }),
      await recordedTags({ seconds: 3, bFrames: 3, rate: '24000/1001', sampleRate: 44_100, gop: 36 }),
      await recordedTags({ seconds: 2, codec: 'hevc', sampleRate: undefined, gop: 15 }),
      (await recordedTags({ seconds: 3, rate: '10' })).filter(({ kind }) => carrierOf(kind) === 'audio'),
    );
  });
  after(() => folder.dispose());

  for (const name of NAMES) {
    it(`goes on in ${name} with each frame once, wherever it was cut`, async () => {
      const container = containers[name];
      const path = join(folder.path, `a${container.extension}`);
      await fc.assert(
        fc.asyncProperty(
          fc.nat(inputs.length - 1),
          accident,
          async (which, { written, cut, edge, isEnded, patches, moreGops }) => {
            const tags = inputs[which] ?? [];
            const file = new MemoryFile(undefined, patches);
            const writer = container.begin(file);
            const count = Math.floor((written * tags.length) / 1000);
            for (const tag of tags.slice(0, count)) writer.write(tag);
            if (isEnded) writer.end();
            const ends = [...file.ends];
            const anywhere = Math.floor((cut * file.size) / 1000);
            const nearest = ends.find((end) => end >= anywhere) ?? 0;
            const size = edge === null ? anywhere : Math.max(0, Math.min(file.size, nearest + edge));
            const left = file.cut(size);
            const scanned = await container.scan(left);
            let result: MemoryFile;
            if (scanned === undefined) {
              assert.ok(size < (ends[0] ?? 1), `nothing was found in ${size} bytes`);
              result = new MemoryFile();
              const anew = container.begin(result);
              for (const tag of tags) anew.write(tag);
              anew.end();
            } else {
              const chunks = isEnded ? ends.slice(0, -1) : ends;
              assert.equal(scanned.wholeBytes, Math.max(...chunks.filter((end) => end <= size)));
              if (patches >= MOST_PATCHES) assert.equal(scanned.isComplete, isEnded && size === file.size);
              else assert.ok(!scanned.isComplete || size === file.size);
              result = left.cut(scanned.wholeBytes);
              const resumed = container.resume(result, scanned);
              const lastMs = Math.min(...scanned.tracks.map(({ lastTimestampMs = 0 }) => lastTimestampMs));
              for (const tag of repeated(tags, lastMs, moreGops)) resumed.write(tag);
              resumed.end();
            }
            writeFileSync(path, result.bytes);
            const hasVideo = tags.some(({ kind }) => kind === 'keyframe');
            const streamOf = (tag: StreamTag) => (hasVideo && carrierOf(tag.kind) === 'audio' ? 1 : 0);
            assert.deepEqual(sums(await packetsOf(OLD_FFMPEG, path)), sums(expectedPackets(tags, streamOf)));
            assert.equal(await decodeErrors(OLD_FFMPEG, path), '');
            assert.equal((await container.scan(result))?.isComplete, true);
          },
        ),
        { numRuns: RUNS },
      );
    });

    it(`is repaired in ${name}, chapters included`, async () => {
      const container = containers[name];
      const [tags = []] = inputs;
      const file = new MemoryFile();
      const writer = container.begin(file);
      for (const tag of tags) {
        writer.write(tag);
        if (tag.kind === 'keyframe') writer.chapter(tag.timestampMs, `at ${tag.timestampMs}`);
      }
      const left = file.cut(file.size - 1);
      const scanned = await container.scan(left);
      assert.ok(scanned !== undefined && !scanned.isComplete);
      const repaired = left.cut(scanned.wholeBytes);
      container.resume(repaired, scanned).end();
      const path = join(folder.path, `b${container.extension}`);
      writeFileSync(path, repaired.bytes);
      assert.equal(await decodeErrors(NEW_FFMPEG, path), '');
      const { format, chapters } = await probeFile(path);
      assert.ok(Number(format.duration) > 2.3, format.duration);
      assert.deepEqual(
        chapters.map(({ start_time, tags: { title } = {} }) => [Number(start_time), title]),
        [0, 1, 2].map((second) => [second, `at ${1000 * second}`]),
      );
    });
  }
});

/** What the core has of the broadcast from before a time on: the headers, then from a keyframe on. */
function repeated(tags: readonly StreamTag[], ms: number, moreGops: number): StreamTag[] {
  const isHeader = ({ kind }: StreamTag) => kind.endsWith('header');
  const keyframes = tags.filter(({ kind, timestampMs }) => kind === 'keyframe' && timestampMs <= ms);
  const from = keyframes.at(-1 - moreGops)?.timestampMs ?? 0;
  const first = tags.findIndex((tag) => !isHeader(tag) && tag.timestampMs >= from);
  return [...tags.filter(isHeader), ...tags.slice(first).filter((tag) => !isHeader(tag))];
}
