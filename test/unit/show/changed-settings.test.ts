import assert from 'node:assert/strict';
import { changedSettings } from '../../../src/core/show/changed-settings.js';

const changed = (before: object, after: object) =>
  changedSettings(before, after).map((path) => path.join('.'));

describe('what differs between two configurations', () => {
  it('is named by the settings, and the entries of lists', () => {
    const before = {
      video: { fps: 30, bitrateKbps: 2500 },
      outputs: [
        { id: 'a', url: 'x' },
        { id: 'b', url: 'y' },
      ],
      pluginSettings: { 'me.chat': { size: 1, words: ['a'] } },
      plugins: ['/a'],
    };
    const after = {
      video: { fps: 30, bitrateKbps: 4000 },
      outputs: [
        { id: 'a', url: 'z' },
        { id: 'c', url: 'y' },
      ],
      pluginSettings: { 'me.chat': { size: 1, words: ['b'] }, other: { x: 1 } },
      plugins: [],
      profile: 'x',
    };
    assert.deepEqual(changed(before, after), [
      'video.bitrateKbps',
      ...['outputs.a', 'outputs.b', 'outputs.c'],
      ...['pluginSettings.me.chat.words', 'pluginSettings.other'],
      ...['plugins', 'profile'],
    ]);
  });

  it('is nothing where they say the same, and the list where only its order differs', () => {
    const [a, b] = [{ id: 'a' }, { id: 'b' }];
    assert.deepEqual(changed({ scenes: [a, b], x: undefined }, { scenes: [a, b] }), []);
    assert.deepEqual(changed({ scenes: [a, b] }, { scenes: [b, a] }), ['scenes']);
    assert.deepEqual(changed({ scenes: [] }, { scenes: [a] }), ['scenes.a']);
  });
});
