import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FinishedSegments } from '../../../src/core/publish/relay/finished-segments.js';

/** A playlist as ffmpeg writes it, of segments of these lengths, s; numbered from `first` on. */
function playlistOf(lengths: readonly number[], first = 1): string {
  const entries = lengths.map(
    (s, n) =>
      `#EXTINF:${s.toFixed(6)},\n#EXT-X-PROGRAM-DATE-TIME:2026-12-01T00:00:00.000+0000\nsegment-${first + n}.ts\n`,
  );
  return `#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n${entries.join('')}`;
}

describe('FinishedSegments', () => {
  let text: string;
  let segments: FinishedSegments;

  beforeEach(() => {
    text = '';
    segments = new FinishedSegments('stream.m3u8', async () => text);
  });

  it('has nothing until a segment is finished', async () => {
    await segments.begin();
    segments.keyframe(500, 100);
    segments.keyframe(2500, 9000);
    await segments.look();
    assert.equal(segments.bytes, 0);
    assert.equal(segments.endMs, undefined);
    text = playlistOf([2]);
    await segments.look();
    assert.equal(segments.bytes, 9000);
    assert.equal(segments.endMs, 2500);
  });

  it('leaves out what was finished before', async () => {
    text = playlistOf([2, 2, 2]);
    await segments.begin();
    for (const n of [0, 1, 2, 3]) segments.keyframe(60_000 + n * 1000, n * 500);
    await segments.look();
    assert.equal(segments.bytes, 0);
    text = playlistOf([2, 2, 2, 2]);
    await segments.look();
    assert.equal(segments.bytes, 1000);
  });

  it('knows less than there is while the playlist cannot be read', async () => {
    segments = new FinishedSegments('stream.m3u8', () => Promise.reject(new Error('no disk')));
    await segments.begin();
    segments.keyframe(0, 0);
    segments.keyframe(1000, 700);
    await segments.look();
    assert.equal(segments.bytes, 0);
  });

  it('ends at the keyframe at which ffmpeg has, however it rounds lengths, and whatever is left of the playlist', async () => {
    const gops = fc.array(fc.integer({ min: 400, max: 4000 }), { minLength: 3, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        gops,
        fc.integer({ min: 500, max: 6000 }),
        fc.integer({ min: -15, max: 15 }),
        fc.integer({ min: 2, max: 6 }),
        async (lengths, leastMs, perMille, kept) => {
          const all: number[] = [];
          let shown = '';
          const tried = new FinishedSegments('stream.m3u8', async () => shown);
          await tried.begin();
          let [ms, begunMs] = [1000, 1000];
          tried.keyframe(ms, 0);
          let expected = 0;
          for (const [n, length] of lengths.entries()) {
            ms += length;
            tried.keyframe(ms, n + 1);
            if (ms - begunMs >= leastMs) {
              // It adds up the lengths of frames, each of them rounded.
              all.push(((ms - begunMs) * (1 + perMille / 1000)) / 1000);
              begunMs = ms;
              expected = n + 1;
            }
            shown = playlistOf(all.slice(-kept), 1 + Math.max(0, all.length - kept));
            await tried.look();
            assert.equal(tried.bytes, expected);
          }
        },
      ),
    );
  });
});
