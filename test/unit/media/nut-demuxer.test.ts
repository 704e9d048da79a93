import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { NutDemuxer } from '../../../src/media/nut-demuxer.js';

interface Packet {
  readonly stream: number;
  readonly timestampS: number;
  readonly payload: Buffer;
}

function ffmpeg(args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', ...args, '-'], {
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, stderr.toString());
  return stdout;
}

/** Feeds it in pieces, as a socket does: each into the place that the demuxer asks for. */
function demux(nut: Buffer, scratch: number, pieces: Iterator<number> = [].values()) {
  const packets: Packet[] = [];
  const errors: Error[] = [];
  const demuxer = new NutDemuxer(
    {
      place: (_stream, bytes) => (bytes > 1 << 24 ? undefined : Buffer.alloc(bytes)),
      take: (stream, timestampS, payload) => packets.push({ stream, timestampS, payload }),
      fail: (error) => errors.push(error),
      wantsMore: true,
    },
    scratch,
  );
  const { buffer, callback } = demuxer.onread;
  for (let at = 0; at < nut.length; ) {
    const target = typeof buffer === 'function' ? buffer() : buffer;
    const bytes = Math.min(pieces.next().value ?? target.length, target.length, nut.length - at);
    assert.ok(bytes > 0, 'it has to ask for something');
    target.set(nut.subarray(at, at + bytes));
    at += bytes;
    callback(bytes, target);
  }
  return { packets, errors };
}

/** Feeds it in chunks that have been read elsewhere. */
function push(nut: Buffer, sizes: Iterator<number>): { packets: Packet[]; errors: Error[] } {
  const packets: Packet[] = [];
  const errors: Error[] = [];
  const demuxer = new NutDemuxer(
    {
      place: (_stream, bytes) => Buffer.alloc(bytes),
      take: (stream, timestampS, payload) => packets.push({ stream, timestampS, payload }),
      fail: (error) => errors.push(error),
      wantsMore: true,
    },
    512,
  );
  for (let at = 0; at < nut.length; ) {
    const end = at + (sizes.next().value ?? nut.length);
    demuxer.push(nut.subarray(at, end));
    at = end;
  }
  return { packets, errors };
}

const PIECES = fc.infiniteStream(fc.integer({ min: 1, max: 3000 }));

describe('the NUT demuxer', () => {
  const pattern = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=64x48:rate=30000/1001:duration=2',
    '-pix_fmt',
    'yuv420p',
  ];
  const tone = ['-f', 'lavfi', '-i', 'sine=duration=2:sample_rate=44100', '-ac', '2'];
  let video: Buffer;
  let frames: Buffer;
  let sound: Buffer;
  let samples: Buffer;

  before(() => {
    video = ffmpeg([...pattern, '-c:v', 'rawvideo', '-f', 'nut']);
    frames = ffmpeg([...pattern, '-f', 'rawvideo']);
    sound = ffmpeg([...tone, '-c:a', 'pcm_s16le', '-f', 'nut']);
    samples = ffmpeg([...tone, '-f', 's16le']);
  });

  it('says how large frames are, and nothing of the kind of sound', () => {
    for (const [nut, size] of [
      [video, { width: 64, height: 48 }],
      [sound, undefined],
    ] as const) {
      const sizes: unknown[] = [];
      const demuxer = new NutDemuxer(
        {
          place: (_stream, _bytes, of) => {
            sizes.push(of);
            return undefined;
          },
          take: () => assert.fail('it was not wanted'),
          fail: (error) => assert.fail(error),
          wantsMore: true,
        },
        512,
      );
      demuxer.push(nut);
      assert.ok(sizes.length > 50);
      for (const each of sizes) assert.deepEqual(each, size);
    }
  });

  it('reads the same of chunks that were read elsewhere, and stops at what is no NUT', () => {
    const expected = demux(video, 512);
    assert.ok(expected.packets.length > 50);
    fc.assert(
      fc.property(PIECES, (sizes) => {
        assert.deepEqual(push(video, sizes[Symbol.iterator]()), expected);
      }),
      { numRuns: 20 },
    );
    const { packets, errors } = push(Buffer.alloc(5000, 1), [100].values());
    assert.deepEqual([packets.length, errors.length], [0, 1]);
  });

  it('reads frames and their times, however they arrive', () => {
    fc.assert(
      fc.property(PIECES, fc.integer({ min: 16, max: 5000 }), (pieces, scratch) => {
        const { packets, errors } = demux(video, scratch, pieces);
        assert.deepEqual(errors, []);
        assert.equal(packets.length, 60);
        for (const [index, { timestampS }] of packets.entries()) {
          assert.ok(Math.abs(timestampS - (index * 1001) / 30_000) < 1e-9);
        }
        assert.ok(Buffer.concat(packets.map(({ payload }) => payload)).equals(frames));
      }),
      { numRuns: 30 },
    );
  });

  it('reads PCM by the number of its sample', () => {
    fc.assert(
      fc.property(PIECES, (pieces) => {
        const { packets } = demux(sound, 65_536, pieces);
        let next = 0;
        for (const { timestampS, payload } of packets) {
          assert.equal(Math.round(timestampS * 44_100), next);
          next += payload.length / 4;
        }
        assert.ok(Buffer.concat(packets.map(({ payload }) => payload)).equals(samples));
      }),
      { numRuns: 30 },
    );
  });

  it('tells two streams apart, also by a number that is longer than usual', () => {
    const both = ffmpeg([
      ...[...pattern.slice(0, 4), ...tone.slice(0, 4), '-pix_fmt', 'yuv420p', '-ac', '2'],
      ...['-c:v', 'rawvideo', '-c:a', 'pcm_s16le', '-f', 'nut'],
    ]);
    const { packets } = demux(both, 512);
    const of = (id: number) => packets.filter(({ stream }) => stream === id).map(({ payload }) => payload);
    assert.ok(Buffer.concat(of(0)).equals(frames));
    assert.ok(Buffer.concat(of(1)).equals(samples));
  });

  it('does not take what is damaged for a number of bytes without end', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 8 }), (damage) => {
        const damaged = Buffer.from(video.subarray(0, 200_000));
        for (const [at, byte] of damage) damaged[at] = byte;
        const { packets } = demux(damaged, 512);
        assert.ok(packets.length <= 60);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses what is not NUT', () => {
    const { errors } = demux(Buffer.from('FLV\x01\x05 and so on, long enough for a header'), 512);
    assert.match(errors[0]?.message ?? '', /begin like NUT/);
  });
});
