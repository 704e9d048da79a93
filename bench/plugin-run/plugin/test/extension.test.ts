import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

describe('clip-marker', () => {
  it('marks a moment of the broadcast, and counts it', async () => {
    const core = await startPlugin();
    await core.broadcast.goLive();
    await core.clock.advance(60_000);
    assert.equal(await core.commands.execute('clip-marker.mark', 'A goal'), 'Marked "A goal", clip 1.');
    assert.equal(core.statusItems['count'], '1 clips so far');
  });

  it('says why there is no marker off air', async () => {
    const core = await startPlugin();
    await assert.rejects(core.commands.execute('clip-marker.mark', 'Nothing'), /the broadcast is idle/);
    assert.equal(core.statusItems['count'], '0 clips so far');
  });
});
