import assert from 'node:assert/strict';
import { describeCut } from '../../../src/cli/delay/cut-delay.js';

describe('bulkhead delay cut', () => {
  it('says what was removed, what is left, and who has seen it', () => {
    const removed = [
      { id: 'twitch', removedMs: 18_700, leftMs: 11_300 },
      { id: 'kick', removedMs: 0, leftMs: 0 },
    ];
    assert.deepEqual(describeCut({ removed, undelayed: ['live-server'] }), [
      'twitch: removed 18.7 s; 11.3 s of delay left',
      'kick: nothing to remove; 0.0 s of delay left',
      'live-server has no delay: its viewers have seen it',
    ]);
    assert.deepEqual(describeCut({ removed: [], undelayed: [] }), ['No output is on air.']);
  });
});
