import assert from 'node:assert/strict';
import { Link, type LinkCondition, seeded } from '../../support/network/link.js';

/** When packets of 1250 bytes arrive that are sent `everyMs`; undefined for those that are lost. */
function arrivals(
  condition: LinkCondition,
  count: number,
  everyMs: number,
  seed = 1,
): (number | undefined)[] {
  const link = new Link(seeded(seed));
  link.set(condition);
  return Array.from({ length: count }, (_, n) => link.arrival(1250, n * everyMs));
}

describe('an emulated link', () => {
  it('changes nothing by itself', () => {
    assert.deepEqual(arrivals({}, 3, 10), [0, 10, 20]);
  });

  it('carries its rate, and drops what does not fit into its buffer', () => {
    // 1250 bytes are 10 kbit: at 1000 kbit/s, 10 ms each.
    const times = arrivals({ rateKbps: 1000, bufferMs: 100 }, 100, 5);
    const came = times.filter((ms) => ms !== undefined);
    assert.equal(came[0], 10);
    assert.ok(came.slice(1).every((ms, n) => Math.abs(ms - (came[n] ?? 0) - 10) < 1e-6));
    assert.ok(came.length >= 50 && came.length <= 62, String(came.length));
  });

  it('is late by its delay and up to its jitter, and keeps packets in order', () => {
    const times = arrivals({ delayMs: 20, jitterMs: 200 }, 1000, 1).map((ms = 0, n) => [ms, ms - n] as const);
    assert.ok(times.every(([, late]) => late >= 20 && late <= 220));
    assert.ok(times.every(([ms], n) => n === 0 || ms >= (times[n - 1]?.[0] ?? 0)));
  });

  it('loses its share of packets, the same ones for each seed', () => {
    const lost = (seed: number) => arrivals({ loss: 0.02 }, 10_000, 1, seed).map((ms) => ms === undefined);
    const count = lost(1).filter(Boolean).length;
    assert.ok(count > 140 && count < 260, String(count));
    assert.deepEqual(lost(1), lost(1));
    assert.notDeepEqual(lost(1), lost(2));
  });

  it('carries nothing while it is down, and is as before when it is up again', () => {
    const link = new Link(seeded(1));
    link.set({ down: true });
    assert.equal(link.arrival(1250, 0), undefined);
    link.set({ delayMs: 5 });
    assert.equal(link.arrival(1250, 10), 15);
    assert.equal(link.dropped, 1);
  });
});
