import assert from 'node:assert/strict';
import { hasDuration } from '../../../../src/encoder/sources/open-live.js';

describe('whether an address is a recording', () => {
  it('is known from its duration, which a live stream does not have', () => {
    assert.equal(hasDuration('  Duration: 00:01:00.03, start: 0.000000, bitrate: 300 kb/s'), true);
    assert.equal(hasDuration('  Duration: 01:00:00.00, start: 0.000000, bitrate: N/A'), true);
    assert.equal(hasDuration('  Duration: N/A, start: 0.000000, bitrate: N/A'), false);
  });

  it('is not where an RTMP stream is said to last 0 s', () => {
    assert.equal(hasDuration('  Duration: 00:00:00.00, start: 1.493000, bitrate: N/A'), false);
  });
});
