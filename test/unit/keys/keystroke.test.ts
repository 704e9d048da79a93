import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  canonicalKey,
  displayKey,
  findKeyProblem,
  isGlobalKey,
  KEY_NAMES,
} from '../../../src/keys/keystroke.js';

describe('a key as text', () => {
  it('is always written in one way', () => {
    assert.equal(canonicalKey('Shift+CTRL+M'), 'ctrl+shift+m');
    assert.equal(canonicalKey('cmd+alt+f5'), 'alt+meta+f5');
    assert.equal(canonicalKey('win+numpad_add'), 'meta+numpad_add');
    assert.equal(canonicalKey('esc'), 'escape');
    assert.equal(canonicalKey('ctrl+='), 'ctrl+=');
  });

  it('is the same in any order and case', () => {
    const modifiers = fc.subarray(['ctrl', 'shift', 'alt', 'cmd']);
    fc.assert(
      fc.property(modifiers, fc.constantFrom(...KEY_NAMES), (used, name) => {
        const key = canonicalKey([...used, name].join('+'));
        assert.equal(canonicalKey([...used].reverse().concat(name).join('+').toUpperCase()), key);
        assert.equal(canonicalKey(key), key);
        assert.equal(canonicalKey(displayKey(key, 'darwin')), key);
      }),
    );
  });

  it('is refused with what is expected', () => {
    assert.match(findKeyProblem('') ?? '', /^expected a key such as "ctrl\+shift\+m"$/);
    assert.match(findKeyProblem('ctrl+k ctrl+c') ?? '', /sequences of keys are not supported/);
    assert.match(findKeyProblem('hyper+m') ?? '', /^expected "ctrl", "shift", "alt" or "cmd" before a "\+"$/);
    assert.match(findKeyProblem('ctrl+shift') ?? '', /^expected a key after the modifiers$/);
    assert.match(findKeyProblem('ctrl+enterr') ?? '', /^expected the name of a key after the modifiers/);
    assert.match(findKeyProblem('ctrl+ctrl+m') ?? '', /^expected each modifier once$/);
    assert.match(findKeyProblem('m'.repeat(1000)) ?? '', /at most 60 characters$/);
  });

  it('never throws anything but what it says is wrong', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (findKeyProblem(text) === undefined) canonicalKey(text);
        else assert.throws(() => canonicalKey(text), RangeError);
      }),
    );
  });

  it('is one for typing, or one that can be heard of everywhere', () => {
    for (const key of ['ctrl+m', 'ctrl+shift+m', 'alt+left', 'meta+1', 'f13', 'shift+f1', 'pausebreak']) {
      assert.equal(isGlobalKey(key), true, key);
    }
    for (const key of ['m', 'shift+m', 'enter', 'numpad1', 'space'])
      assert.equal(isGlobalKey(key), false, key);
  });

  it('is shown as its users call it', () => {
    assert.equal(displayKey('meta+m', 'darwin'), 'cmd+m');
    assert.equal(displayKey('ctrl+meta+m', 'win32'), 'ctrl+win+m');
    assert.equal(displayKey('meta+m', 'linux'), 'meta+m');
  });
});
