import assert from 'node:assert/strict';
import { BitrateLimit } from '../../../src/live-server/bitrate-limit.js';

describe('BitrateLimit', () => {
  it('accepts a burst within the mean over 4 s, and no byte more', () => {
    const limit = new BitrateLimit(1000);
    assert.equal(limit.take(500_000, 0), true);
    assert.equal(limit.take(1, 3999), false);
  });

  it('starts a new window after 4 s', () => {
    const limit = new BitrateLimit(1000);
    limit.take(500_000, 0);
    assert.equal(limit.take(500_000, 4001), true);
    assert.equal(limit.take(1, 4002), false);
  });
});
