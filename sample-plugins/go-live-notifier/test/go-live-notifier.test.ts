import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

describe('go-live-notifier', () => {
  it('explains what to do if no address is set', async () => {
    const core = await startPlugin();
    await core.commands.execute('go-live-notifier.test');
    await core.settle();
    assert.match(core.messages[0]?.message ?? '', /run go-live-notifier.setUrl/);
    assert.match(core.statusItems['notifier'] ?? '', /^not delivered/);
  });

  it('stores the address as a secret, and rejects an invalid one', async () => {
    const core = await startPlugin();
    await assert.rejects(core.commands.execute('go-live-notifier.setUrl', 'discord'), /expected an https/);
    await core.commands.execute('go-live-notifier.setUrl', 'https://example.org/hook');
    assert.deepEqual(await core.readSecrets(), { webhook: 'https://example.org/hook' });
    await core.commands.execute('go-live-notifier.setUrl');
    assert.deepEqual(await core.readSecrets(), {});
    core.takeFailures();
  });

  it('announces a break only if it lasts', async () => {
    const core = await startPlugin({ settings: { settleSeconds: 5 } });
    await core.broadcast.goLive();
    await core.broadcast.breakOutput();
    await core.clock.advance(4000);
    await core.broadcast.reconnect();
    await core.broadcast.breakOutput();
    await core.clock.advance(6000);
    const posts = core.log.map(({ message }) => message).filter((line) => line.startsWith('posting'));
    assert.deepEqual(posts, ['posting to the webhook: start', 'posting to the webhook: break']);
  });
});
