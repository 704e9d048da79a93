import assert from 'node:assert/strict';
import { LeadLimit } from '../../../src/core/timeline/lead-limit.js';

describe('LeadLimit', () => {
  const JOINED_MS = 1000;
  const BURST_END_MS = JOINED_MS + 10_000;

  /** The largest whole lead allowed now, ms. */
  function largestLead(limit: () => LeadLimit, readAtMs: number): number {
    const allows = (leadMs: number) => {
      try {
        limit().check(leadMs, readAtMs);
        return true;
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'encoder.ahead');
        return false;
      }
    };
    let [allowed, refused] = [0, 1e9];
    while (refused - allowed > 1) {
      const middle = Math.floor((allowed + refused) / 2);
      if (allows(middle)) allowed = middle;
      else refused = middle;
    }
    return allowed;
  }

  it('allows a minute in the first ten seconds', () => {
    const limit = () => new LeadLimit(JOINED_MS, 0);
    for (const readAtMs of [JOINED_MS, JOINED_MS + 5000, BURST_END_MS])
      assert.equal(largestLead(limit, readAtMs), 60_000);
  });

  it('allows a run that begins ahead five seconds more than that', () => {
    const limit = () => new LeadLimit(JOINED_MS, 70_000);
    assert.equal(largestLead(limit, BURST_END_MS), 75_000);
    assert.equal(largestLead(limit, BURST_END_MS + 1), 75_000);
  });

  it('allows five seconds more than its largest lead in the first ten seconds, and a hundredth of the time since', () => {
    const limit = () => {
      const begun = new LeadLimit(JOINED_MS, 0);
      begun.check(30_000, JOINED_MS + 1);
      begun.check(5, JOINED_MS + 2);
      begun.check(80, BURST_END_MS + 1);
      return begun;
    };
    assert.equal(largestLead(limit, BURST_END_MS + 50), 35_000);
    assert.equal(largestLead(limit, BURST_END_MS + 100_000), 36_000);
  });
});
