import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { NutTrack } from '../../../../src/encoder/sources/nut-track.js';

const SIZE = 'size=32x16:rate=25';

/** What the track takes of NUT with these streams, made by ffmpeg. */
function taken(sources: readonly string[]): { timestampS: number; luma: number | undefined }[] {
  const args = [
    ...['-v', 'error', ...sources.flatMap((source) => ['-f', 'lavfi', '-i', source])],
    ...[...sources.flatMap((_, index) => ['-map', `${index}:v`]), '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'rawvideo', '-max_interleave_delta', '1', '-f', 'nut', '-'],
  ];
  const { status, stdout, stderr } = spawnSync('ffmpeg', args, { maxBuffer: 1 << 24 });
  assert.equal(status, 0, stderr.toString());
  const packets: { timestampS: number; luma: number | undefined }[] = [];
  const track = new NutTrack(
    {
      place: (bytes) => Buffer.alloc(bytes),
      take: (timestampS, payload) => packets.push({ timestampS, luma: payload[0] }),
      wantsMore: true,
    },
    512,
  );
  const { buffer, callback } = track.onread;
  for (let at = 0; at < stdout.length; ) {
    const target = typeof buffer === 'function' ? buffer() : buffer;
    const bytes = Math.min(target.length, stdout.length - at);
    target.set(stdout.subarray(at, at + bytes));
    at += bytes;
    callback(bytes, target);
  }
  return packets;
}

describe('a track of NUT', () => {
  const white = `color=white:${SIZE},trim=end_frame=5`;
  const black = `color=black:${SIZE},trim=end_frame=1`;

  it('is its only stream', () => {
    assert.deepEqual(
      taken([white]).map(({ luma }) => luma),
      [235, 235, 235, 235, 235],
    );
  });

  it('is the last one of several, which stand in for it where it is absent', () => {
    const packets = taken([black, white]);
    assert.deepEqual(
      packets.map(({ luma }) => luma),
      [235, 235, 235, 235, 235],
    );
    assert.ok(packets.every(({ timestampS }, index) => Math.abs(timestampS - index / 25) < 1e-3));
    assert.deepEqual(
      taken([black]).map(({ luma }) => luma),
      [16],
    );
  });
});
