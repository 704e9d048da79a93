import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AckDelay } from '../../../src/rtmp/ack-delay.js';

describe('AckDelay', () => {
  it('is the time from sending what a server acknowledges', () => {
    const delay = new AckDelay();
    for (let i = 1; i <= 10; i++) delay.sent(i * 1000, i * 100);
    delay.acknowledged(2000, 250);
    delay.acknowledged(4000, 440);
    assert.equal(delay.ms, undefined, 'too few to tell');
    delay.acknowledged(6000, 660);
    assert.equal(delay.ms, 50);
  });

  it('holds for any server that acknowledges what it has after a fixed time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 60, maxLength: 200 }),
        fc.integer({ min: 1, max: 400 }),
        (sizes, delayMs) => {
          const delay = new AckDelay();
          const parts: { bytes: number; atMs: number }[] = [];
          let bytes = 0;
          let acknowledged = 0;
          for (const [index, size] of sizes.entries()) {
            const nowMs = index * 20;
            for (const part of parts.slice(acknowledged)) {
              if (part.atMs + delayMs > nowMs) break;
              delay.acknowledged(part.bytes, part.atMs + delayMs);
              acknowledged += 1;
            }
            bytes += size;
            parts.push({ bytes, atMs: nowMs });
            delay.sent(bytes, nowMs);
          }
          assert.equal(delay.ms, delayMs);
        },
      ),
    );
  });

  it('is not known of a server that begins to count anew, or counts what it never got', () => {
    const delay = new AckDelay();
    for (let i = 1; i <= 10; i++) delay.sent(i * 1000, i * 100);
    for (const number of [1000, 2000, 3000]) delay.acknowledged(number, 500);
    assert.notEqual(delay.ms, undefined);
    delay.acknowledged(500, 600);
    assert.equal(delay.ms, undefined);
    for (let i = 0; i < 5; i++) delay.acknowledged(0xffffffff, 600 + i);
    assert.equal(delay.ms, undefined);
  });

  it('goes on where a number of 32 bits begins anew', () => {
    const delay = new AckDelay();
    const first = 2 ** 32 - 1500;
    for (let i = 0; i < 6; i++) delay.sent(first + i * 1000, i * 100);
    for (let i = 0; i < 6; i++) delay.acknowledged((first + i * 1000) % 2 ** 32, i * 100 + 30);
    assert.equal(delay.ms, 30);
  });
});
