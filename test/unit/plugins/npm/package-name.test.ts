import assert from 'node:assert/strict';
import { packageOfPlugin } from '../../../../src/plugins/npm/package-name.js';

describe('the package that holds a plugin', () => {
  for (const [id, expected] of [
    ['someone.chat', '@someone/chat'],
    ['Someone.chat', '@someone/chat'],
    ['someone.chat.twitch', '@someone/chat.twitch'],
    ['chat', 'chat'],
    ['other.chat', 'other-chat@^1.0.0'],
    ['constructor', 'constructor'],
  ] as const) {
    it(`is ${expected} for ${id}`, () => {
      assert.equal(packageOfPlugin(id, { 'other.chat': 'other-chat@^1.0.0' }), expected);
    });
  }
});
