import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

describe('headline, upgraded', () => {
  it('keeps what 1.0.0 has stored', async () => {
    const core = await startPlugin({ settings: { everySeconds: 5 }, state: { shown: 7 }, upgradeFrom: 0 });
    assert.deepEqual(core.readSettings(), { everyMs: 5000 });
    assert.deepEqual(await core.readState(), { timesShown: 7 });
    assert.equal(await core.commands.execute('headline.shown'), 7);
  });
});
