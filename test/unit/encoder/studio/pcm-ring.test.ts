import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PcmRing } from '../../../../src/encoder/tracks/pcm-ring.js';

describe('PcmRing', () => {
  it('has the last samples, by their number, whatever was pushed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 25 }), { maxLength: 30 }), (lengths) => {
        const ring = new PcmRing(4, 10);
        const all: number[] = [];
        for (const length of lengths) {
          const from = all.length / 4;
          const pcm = Buffer.from(Array.from({ length: length * 4 }, (_, index) => (from * 4 + index) % 251));
          all.push(...pcm);
          ring.push(pcm);
          assert.equal(ring.end, all.length / 4);
          assert.equal(ring.start, Math.max(0, ring.end - 10));
          for (let first = ring.start; first <= ring.end; first++)
            assert.deepEqual([...ring.from(first)], all.slice(first * 4));
        }
      }),
    );
  });
});
