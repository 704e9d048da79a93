import assert from 'node:assert/strict';
import { Patience } from '../../../../src/encoder/tracks/patience.js';

describe('Patience', () => {
  it('grows with each encoder that was only slow, and is forgotten after half a minute without one', () => {
    let nowMs = 0;
    const patience = new Patience(() => nowMs);
    assert.equal(patience.ms, 700);
    patience.wasSlow();
    assert.equal(patience.ms, 910);
    for (let i = 0; i < 10; i++) {
      nowMs += 20_000;
      patience.wasSlow();
    }
    assert.equal(patience.ms, 1200);
    nowMs += 29_999;
    assert.equal(patience.ms, 1200);
    nowMs += 1;
    assert.equal(patience.ms, 700);
  });
});
