import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

describe('fault-lab', () => {
  it('throws inside a command, and goes on', async () => {
    const core = await startPlugin();
    await assert.rejects(core.commands.execute('fault-lab.throw'), /threw inside a command/);
    assert.equal(core.statusItems['fault'], 'all is well');
    core.takeFailures();
  });

  it('crashes where nobody catches', async () => {
    const core = await startPlugin();
    assert.match(await core.commands.execute('fault-lab.crash'), /in a moment/);
    await core.clock.advance(1);
    assert.match(core.takeFailures()[0]?.message ?? '', /threw where nobody catches/);
  });

  it('takes its time to activate when it is told to', async () => {
    const core = await startPlugin({ settings: { activationSeconds: 0.01 }, clock: 'real' });
    assert.equal(core.isActive, true);
  });
});
