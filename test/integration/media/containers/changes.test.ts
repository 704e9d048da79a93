import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ContainerName, containers } from '../../../../src/media/containers/containers.js';
import { carrierOf, type StreamTag } from '../../../../src/media/stream-tag.js';
import { decodeErrors, expectedPackets, MemoryFile, packetsOf } from '../../../support/recorded-file.js';
import { recordedTags } from '../../../support/recorded-tags.js';
import { type TempDir, tempDir } from '../../../support/temp.js';
import { FFMPEGS } from './ffmpegs.js';

const NAMES = Object.keys(containers) as ContainerName[];
const isHeader = ({ kind }: StreamTag) => kind.endsWith('header');
const isSound = ({ kind }: StreamTag) => carrierOf(kind) === 'audio';
const later = (tags: readonly StreamTag[], ms: number) =>
  tags.map((tag) => ({ ...tag, timestampMs: tag.timestampMs + ms }));

describe('A recording whose stream changes', function () {
  this.timeout(120_000);
  let folder: TempDir;
  before(() => {
    folder = tempDir('changes');
  });
  after(() => folder.dispose());

  async function assertPlays(
    name: ContainerName,
    file: MemoryFile,
    tags: readonly StreamTag[],
  ): Promise<void> {
    const path = join(folder.path, `a${containers[name].extension}`);
    writeFileSync(path, file.bytes);
    const expected = expectedPackets(tags, (tag) => (isSound(tag) ? 1 : 0));
    for (const ffmpeg of Object.values(FFMPEGS)) {
      const found = await packetsOf(ffmpeg, path);
      for (const stream of [0, 1]) {
        const [is, shouldBe] = [found, expected].map((packets) =>
          packets.filter((packet) => packet.stream === stream).map(({ ptsMs }) => ptsMs),
        );
        assert.equal(is?.length, shouldBe?.length, `frames of stream ${stream} by ${ffmpeg}`);
        is?.forEach((ms, n) => {
          assert.ok(Math.abs(ms - (shouldBe?.[n] ?? 0)) < 2, `stream ${stream}: ${ms}, not ${shouldBe?.[n]}`);
        });
      }
      assert.equal(await decodeErrors(ffmpeg, path), '');
    }
  }

  for (const [which, isShifted] of [
    ['sound', isSound],
    ['video', (tag: StreamTag) => !isSound(tag)],
  ] as const) {
    it(`has its ${which} where it begins, 0.7 s later than the rest`, async () => {
      const tags = await recordedTags({ seconds: 2, bFrames: 2 });
      const shifted = tags
        .map((tag) =>
          isShifted(tag) && !isHeader(tag) ? { ...tag, timestampMs: tag.timestampMs + 700 } : tag,
        )
        .sort((a, b) => Number(isHeader(b)) - Number(isHeader(a)) || a.timestampMs - b.timestampMs);
      for (const name of NAMES) {
        const file = new MemoryFile();
        const writer = containers[name].begin(file);
        for (const tag of shifted) writer.write(tag);
        writer.flush();
        await assertPlays(name, file, shifted);
        writer.end();
        await assertPlays(name, file, shifted);
      }
    });
  }

  it('plays on with another encoder of the same frame size, also after a cut', async () => {
    const first = await recordedTags({ seconds: 2, bFrames: 2 });
    const second = later(
      await recordedTags({ seconds: 2, encode: ['-profile:v', 'baseline', '-level', '3.1', '-refs', '3'] }),
      2100,
    );
    const tags = [...first, ...second];
    for (const name of NAMES) {
      const container = containers[name];
      const file = new MemoryFile();
      const writer = container.begin(file);
      for (const tag of tags) {
        assert.ok(writer.accepts(tag));
        writer.write(tag);
      }
      const scanned = await container.scan(file);
      assert.ok(scanned !== undefined);
      const resumed = file.cut(scanned.wholeBytes);
      const going = container.resume(resumed, scanned);
      for (const tag of second) going.write(tag);
      going.end();
      writer.end();
      for (const each of [file, resumed]) await assertPlays(name, each, tags);
    }
  });

  it('plays over a gap, and goes on after one with a keyframe', async () => {
    const [first, second] = [await recordedTags({ seconds: 2 }), await recordedTags({ seconds: 2 })];
    const lost = later(second, 60_000).filter((tag) => isHeader(tag) || tag.timestampMs >= 60_500);
    const atKeyframe = lost.findIndex(({ kind }) => kind === 'keyframe');
    for (const name of NAMES) {
      const container = containers[name];
      const file = new MemoryFile();
      const writer = container.begin(file);
      for (const tag of first) writer.write(tag);
      writer.flush();
      const scanned = await container.scan(file);
      assert.ok(scanned !== undefined);
      const going = container.resume(file, scanned);
      for (const tag of lost) going.write(tag);
      going.end();
      const kept = lost.filter((tag, n) => isSound(tag) || n >= atKeyframe);
      await assertPlays(name, file, [...first, ...kept.filter((tag) => !isHeader(tag))]);
    }
  });
});
