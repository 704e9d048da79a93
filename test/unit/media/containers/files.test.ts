import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ContainerName } from '../../../../src/media/containers/containers.js';
import { containers } from '../../../../src/media/containers/containers.js';
import type { StreamTag } from '../../../../src/media/stream-tag.js';
import { AAC_HEADER, aacFrame, avcFrame } from '../../../support/flv.js';
import { MemoryFile } from '../../../support/recorded-file.js';
import { avcHeaderOf, SPS_720P30, SPS_1080P60 } from '../../../support/sps.js';

const NAMES = Object.keys(containers) as ContainerName[];
const HEADER_720 = avcHeaderOf(SPS_720P30);
const HEADER_1080 = avcHeaderOf(SPS_1080P60);
/** With a PPS, so that it is another one, which players can go on with. */
const HEADER_720_AGAIN = Buffer.concat([HEADER_720.subarray(0, -1), Buffer.from([1, 0, 4, 0x68, 1, 2, 3])]);
const AAC_44 = Buffer.from([0xaf, 0, 0x12, 0x10]);

function tag(kind: StreamTag['kind'], timestampMs: number, payload: Buffer): StreamTag {
  return { kind, timestampMs, payload, readAtMs: 0 };
}
const videoHeader = (payload: Buffer, atMs = 0) => tag('video-header', atMs, payload);
const audioHeader = (payload: Buffer, atMs = 0) => tag('audio-header', atMs, payload);
const video = (kind: 'keyframe' | 'interframe' | 'disposable', ms: number) =>
  tag(kind, ms, avcFrame(kind, ms % 2 ** 32));
/** Its bytes are found nowhere else. */
const audio = (ms: number) => tag('audio', ms, aacFrame(0x5a000000 + ms));

/** Frames every 100 ms, a keyframe every second, and sound. */
function media(fromMs: number, toMs: number): StreamTag[] {
  const tags: StreamTag[] = [];
  for (let ms = fromMs; ms < toMs; ms += 100)
    tags.push(video(ms % 1000 === 0 ? 'keyframe' : 'interframe', ms), audio(ms));
  return tags;
}

function written(name: ContainerName, tags: readonly StreamTag[]): MemoryFile {
  const file = new MemoryFile();
  const writer = containers[name].begin(file);
  for (const each of tags) writer.write(each);
  writer.flush();
  return file;
}

const isIn = (file: MemoryFile, { payload }: StreamTag) =>
  file.bytes.includes(payload.subarray(payload.readUInt8(0) === 0xaf ? 2 : 5));

for (const name of NAMES) {
  describe(`A file of ${name}`, () => {
    it('is left empty without a frame', () => {
      const file = new MemoryFile();
      const writer = containers[name].begin(file);
      writer.write(videoHeader(HEADER_720));
      writer.write(video('interframe', 100));
      writer.chapter(100, 'a');
      writer.end();
      assert.equal(file.size, 0);
    });

    it('has each frame 0.4 s after it at the latest', () => {
      const tags = [videoHeader(HEADER_720), audioHeader(AAC_HEADER), ...media(0, 5000)];
      const file = new MemoryFile();
      const writer = containers[name].begin(file);
      for (const each of tags) {
        writer.write(each);
        const late = tags.filter(
          ({ kind, timestampMs }) => !kind.endsWith('header') && timestampMs <= each.timestampMs - 400,
        );
        assert.ok(late.every((one) => isIn(file, one)));
      }
    });

    it('begins with a keyframe and the sound before it', () => {
      const frames = [video('interframe', 0), audio(0), video('keyframe', 100), video('interframe', 200)];
      const file = written(name, [videoHeader(HEADER_720), audioHeader(AAC_HEADER), ...frames]);
      assert.deepEqual(
        frames.map((frame) => isIn(file, frame)),
        [false, true, true, true],
      );
    });

    it('has the times of sound that comes far too late', async () => {
      const late = Array.from({ length: 399 }, (_, n) => audio(100 * (n + 1)));
      const headers = [videoHeader(HEADER_720), audioHeader(AAC_HEADER)];
      const file = written(name, [...headers, ...media(0, 100), video('keyframe', 40_000), ...late]);
      const { endMs = 0 } = (await containers[name].scan(file)) ?? {};
      assert.ok(endMs > 39_900, `it ends at ${endMs} ms`);
    });

    it('takes the tracks whose headers come in the first 0.4 s', async () => {
      const file = written(name, [
        ...[videoHeader(HEADER_720), ...media(0, 300).filter(({ kind }) => kind !== 'audio')],
        ...[audioHeader(AAC_HEADER, 300), ...media(300, 900)],
      ]);
      const scanned = await containers[name].scan(file);
      assert.deepEqual(scanned?.tracks, [
        { kind: 'video', track: 0, codec: 'h264', lastTimestampMs: 800 },
        { kind: 'audio', track: 0, codec: 'aac', lastTimestampMs: 800 },
      ]);
    });

    it('goes on with a header that players can follow, in whose keyframe its parameters are', () => {
      const file = new MemoryFile();
      const writer = containers[name].begin(file);
      for (const each of [videoHeader(HEADER_720), audioHeader(AAC_HEADER), ...media(0, 900)])
        writer.write(each);
      for (const again of [HEADER_720, HEADER_720_AGAIN]) {
        writer.write(videoHeader(again, 900));
        for (const frame of media(1000, 1500)) {
          assert.ok(writer.accepts(frame));
          writer.write(frame);
        }
        writer.flush();
        const pps = Buffer.from([0, 0, 0, 4, 0x68, 1, 2, 3]);
        assert.equal(file.bytes.includes(pps), again === HEADER_720_AGAIN);
      }
    });

    for (const [change, header, left] of [
      ['frame size', videoHeader(HEADER_1080, 500), 'interframe'],
      ['sample rate', audioHeader(AAC_44, 500), 'audio'],
      ['codec', videoHeader(Buffer.from('906876633101', 'hex'), 500), 'interframe'],
    ] as const) {
      it(`ends at the next keyframe after another ${change}, without what it cannot say`, () => {
        const file = new MemoryFile();
        const writer = containers[name].begin(file);
        const before = media(0, 500);
        const after = media(500, 1000);
        for (const each of [videoHeader(HEADER_720), audioHeader(AAC_HEADER), ...before, header])
          writer.write(each);
        for (const each of after) {
          assert.ok(writer.accepts(each));
          writer.write(each);
        }
        assert.ok(!writer.accepts(video('keyframe', 1000)));
        assert.ok(writer.accepts(audio(1000)));
        writer.end();
        assert.ok(before.every((frame) => isIn(file, frame)));
        for (const frame of after) assert.equal(isIn(file, frame), frame.kind !== left);
      });
    }

    it('ends at the next keyframe after a further track has come', () => {
      const file = new MemoryFile();
      const writer = containers[name].begin(file);
      for (const each of [videoHeader(HEADER_720), ...media(0, 900)]) writer.write(each);
      writer.write(audioHeader(AAC_HEADER, 900));
      assert.ok(writer.accepts(video('interframe', 900)));
      assert.ok(!writer.accepts(video('keyframe', 1000)));
    });

    it('has times of months', async () => {
      const startMs = 2 ** 32 - 500;
      const shifted = media(0, 2000).map((each) => ({ ...each, timestampMs: each.timestampMs + startMs }));
      const file = written(name, [videoHeader(HEADER_720), audioHeader(AAC_HEADER), ...shifted]);
      const scanned = await containers[name].scan(file);
      assert.equal(scanned?.startMs, startMs);
      assert.deepEqual(
        scanned?.tracks.map(({ lastTimestampMs }) => lastTimestampMs),
        [startMs + 1900, startMs + 1900],
      );
      const later = [video('keyframe', startMs + 60 * 86_400_000)];
      const far = written(name, [videoHeader(HEADER_720), ...shifted, ...later]);
      const farScanned = await containers[name].scan(far);
      assert.equal(farScanned?.tracks[0]?.lastTimestampMs, startMs + 60 * 86_400_000);
    });

    it('is found whole up to its last chunk, and torn bytes are not', async () => {
      const file = written(name, [videoHeader(HEADER_720), audioHeader(AAC_HEADER), ...media(0, 3000)]);
      const [last = 0, beforeLast = 0] = file.ends.toReversed();
      assert.equal((await containers[name].scan(file))?.wholeBytes, last);
      const torn = file.cut(last);
      const middle = Math.floor((beforeLast + last) / 2);
      torn.bytes[middle] = 0xff ^ (torn.bytes[middle] ?? 0);
      assert.equal((await containers[name].scan(torn))?.wholeBytes, beforeLast);
    });

    it('is no file of another container', async () => {
      const file = written(name, [videoHeader(HEADER_720), ...media(0, 2000)]);
      for (const other of NAMES) {
        const scanned = await containers[other].scan(file);
        assert.equal(scanned === undefined, other !== name, other);
      }
    });

    it('is scanned without harm whatever is in it', async () => {
      const file = written(name, [videoHeader(HEADER_720), audioHeader(AAC_HEADER), ...media(0, 3000)]);
      const changes = fc.array(fc.tuple(fc.nat(file.size - 1), fc.nat(255)), { maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(changes, fc.nat(file.size), async (bytes, end) => {
          const changed = file.cut(end);
          for (const [at, value] of bytes) if (at < end) changed.bytes[at] = value;
          const scanned = await containers[name].scan(changed);
          if (scanned === undefined) return;
          assert.ok(scanned.wholeBytes <= end);
          const resumed = changed.cut(scanned.wholeBytes);
          const writer = containers[name].resume(resumed, scanned);
          for (const each of [videoHeader(HEADER_720), audioHeader(AAC_HEADER), ...media(3000, 5000)])
            writer.write(each);
          writer.end();
        }),
        { numRuns: 300 },
      );
    });
  });
}
