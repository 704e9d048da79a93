import assert from 'node:assert/strict';
import { startPlugin } from '@bulkhead/extension-api/testing';

describe('{{name}}', () => {
  it('greets when the broadcast goes live', async () => {
    const core = await startPlugin({ settings: { greeting: 'Hi!' } });
    await core.broadcast.goLive();
    assert.deepEqual(
      core.messages.map(({ message }) => message),
      ['Hi! Broadcast number 1.'],
    );
  });

  it('goes on counting after a crash', async () => {
    const core = await startPlugin({ state: { broadcasts: 11 } });
    await core.broadcast.goLive();
    await core.faults.killHost();
    assert.equal(await core.commands.execute('{{command}}.count'), 12);
    assert.equal(core.statusItems['count'], '12 so far');
  });
});
