import assert from 'node:assert/strict';
import {
  type ConfiguredKeybinding,
  findShadows,
  type Keybinding,
  orderKeybindings,
} from '../../../src/keys/keybinding-order.js';

const declared = (plugin: string, key: string, command: string, when?: string): Keybinding => {
  return { key, command, args: [], when, plugin };
};
const FIRST = [declared('a', 'ctrl+m', 'a.mute', 'a.on'), declared('a', 'ctrl+m', 'a.unmute', '!a.on')];
const SECOND = [declared('b', 'ctrl+m', 'b.mark'), declared('b', 'f5', 'b.go')];

const commands = (configured: readonly ConfiguredKeybinding[]) =>
  orderKeybindings([FIRST, SECOND], configured).map(({ key, command }) => `${key} ${command}`);

describe('the order of keybindings', () => {
  it('is that of the plugins, and in each the last one first', () => {
    assert.deepEqual(commands([]), ['ctrl+m a.unmute', 'ctrl+m a.mute', 'f5 b.go', 'ctrl+m b.mark']);
  });

  it("begins with the streamer's, the last one first", () => {
    const configured = [
      { key: 'Ctrl+M', command: 'x.one' },
      { key: 'ctrl+m', command: 'x.two', args: ['a', 1] },
      { key: 'f6', command: 'x.three', args: { a: 1 } },
    ];
    assert.deepEqual(commands(configured).slice(0, 3), ['f6 x.three', 'ctrl+m x.two', 'ctrl+m x.one']);
    const [three, two, one] = orderKeybindings([], configured);
    assert.deepEqual([three?.args, two?.args, one?.args], [[{ a: 1 }], ['a', 1], []]);
  });

  it('leaves out those of plugins that the streamer removes, of this key, command and condition', () => {
    assert.deepEqual(commands([{ key: 'CTRL+m', command: '-a.mute' }]), [
      'ctrl+m a.unmute',
      'f5 b.go',
      'ctrl+m b.mark',
    ]);
    assert.equal(commands([{ key: 'f5', command: '-a.mute' }]).length, 4);
    assert.equal(commands([{ key: 'ctrl+m', command: '-a.mute', when: 'other' }]).length, 4);
    assert.equal(commands([{ key: 'ctrl+m', command: '-a.mute', when: 'a.on' }]).length, 3);
  });

  it('says which can never be run, since another one of the key always is', () => {
    const ordered = orderKeybindings([FIRST, SECOND, [declared('c', 'ctrl+m', 'c.x')]], []);
    const shadows = [...findShadows(ordered)].map(([one, other]) => `${one.command} by ${other.command}`);
    assert.deepEqual(shadows, ['c.x by b.mark']);
  });
});
