import assert from 'node:assert/strict';
import { editKeybindings } from '../../../src/config/edit-keybindings.js';

describe('editKeybindings', () => {
  const text = `{
  "keybindings": [
    // The microphone.
    { "key": "f1", "command": "p.mute", /* which */ "args": "mic" },
    { "key": "f2", "command": "p.mute" }, // all
    { "key": "f3", "command": "q.mute" }
  ]
}
`;

  it('gives keybindings other commands, and leaves the rest as it is written', () => {
    const edits = [
      {
        before: { key: 'f1', command: 'p.mute', args: 'mic' },
        command: 'p.toggle',
        args: [{ source: 'mic' }],
      },
      { before: { key: 'f2', command: 'p.mute' }, command: 'p.toggle', args: [1] },
      { before: { key: 'f9', command: 'p.mute' }, command: 'p.toggle' },
    ];
    assert.equal(
      editKeybindings(text, edits),
      text
        .replace(
          '"p.mute", /* which */ "args": "mic"',
          '"p.toggle", /* which */ "args": [{ "source": "mic" }]',
        )
        .replace('"command": "p.mute" }, // all', '"command": "p.toggle", "args": [1] }, // all'),
    );
  });

  it('removes arguments, and leaves a configuration without keybindings alone', () => {
    const edit = { before: { key: 'f1', command: 'p.mute', args: 'mic' }, command: 'p.mute' };
    assert.doesNotMatch(editKeybindings(text, [edit]), /args/);
    assert.equal(editKeybindings('{}', [edit]), '{}');
  });
});
