import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

describe('stream-health', () => {
  it('finds nothing wrong with a stream that runs well', async () => {
    const core = await startPlugin();
    await core.broadcast.goLive();
    await core.clock.advance(20_000);
    assert.deepEqual(core.messages, []);
    assert.equal(core.statusItems['health'], 'good');
  });

  it('warns of a network that is too slow while viewers still see everything', async () => {
    const core = await startPlugin();
    await core.broadcast.goLive();
    await core.clock.advance(10_000);
    core.broadcast.setStats({ queueMs: 4000 });
    await core.clock.advance(10_000);
    assert.match(core.messages[0]?.message ?? '', /takes the stream too slowly: 4 s are waiting/);
  });

  it('tells of an encoder that was replaced', async () => {
    const core = await startPlugin();
    await core.broadcast.goLive();
    await core.clock.advance(5000);
    await core.broadcast.killEncoder();
    await core.clock.advance(5000);
    assert.match(core.messages[0]?.message ?? '', /^The encoder died and was replaced/);
  });
});
