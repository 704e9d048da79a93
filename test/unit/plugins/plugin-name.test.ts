import assert from 'node:assert/strict';
import { PLUGIN_ID } from '../../../src/config/ids.js';
import { isOwnCommand, ownName, pluginId } from '../../../src/plugins/plugin-name.js';

describe('the id of a plugin', () => {
  for (const [named, id] of [
    [{ name: 'chat' }, 'chat'],
    [{ name: 'chat', publisher: 'someone' }, 'someone.chat'],
    [{ name: '@someone/chat' }, 'someone.chat'],
    [{ name: '@scope/chat', publisher: 'someone' }, 'someone.chat'],
    [{ name: '@a.b/chat.more' }, 'a.b.chat.more'],
  ] as const) {
    it(`is ${id} for ${JSON.stringify(named)}, and one that others can refer to`, () => {
      assert.equal(pluginId(named), id);
      assert.match(id, PLUGIN_ID);
    });
  }

  it("begins the names of its commands, as the plugin's own name does", () => {
    const plugin = { id: 'someone.chat', name: ownName({ name: '@scope/chat' }) };
    for (const command of ['chat.say', 'someone.chat.say']) assert(isOwnCommand(plugin, command), command);
    for (const command of ['chat', 'chat.', 'chats.say', 'someone.say', 'someone.chat', '@scope/chat.say']) {
      assert(!isOwnCommand(plugin, command), command);
    }
  });
});
