import assert from 'node:assert/strict';
import { commandList } from '../../../src/cli/commands/run.js';

describe('bulkhead run without a command', () => {
  it('lists the commands by plugin with their titles, and its own last', () => {
    const lines = commandList([
      { command: 'bulkhead.addMarker', title: 'Mark this moment: LABEL', isEnabled: true },
      { command: 'chat.say', title: 'Say something', plugin: 'me.chat', isEnabled: true },
      { command: 'chat.secret', plugin: 'me.chat', enablement: 'scene == a', isEnabled: false },
      { command: 'health.report', title: 'Tell the state', plugin: 'health', isEnabled: true },
    ]);
    assert.deepEqual(
      lines.map(({ text }) => text),
      [
        'health',
        '  health.report       Tell the state',
        'me.chat',
        '  chat.say            Say something',
        `  ${'chat.secret'.padEnd(18)}    (not now, only when scene == a)`,
        'Bulkhead',
        '  bulkhead.addMarker  Mark this moment: LABEL',
      ],
    );
  });
});
