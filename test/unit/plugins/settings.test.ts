import assert from 'node:assert/strict';
import { Contributes } from '../../../src/plugins/contributions.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import { checkSettings, type GivenSettings, Settings } from '../../../src/plugins/settings.js';

const plugin = (id: string, properties: object): InstalledPlugin => ({
  id,
  version: '1.0.0',
  displayName: id,
  path: '/',
  main: '/main.js',
  activationEvents: [],
  contributes: Contributes.parse({ configuration: { properties } }),
  permissions: [],
  granted: [],
  storageMb: 512,
  source: 'folder',
  extensionDependencies: [],
  enabledApiProposals: [],
  apiProposals: [],
});

const chat = plugin('me.chat', {
  channel: { type: 'string' },
  mood: { type: 'string', enum: ['good', 'bad'], default: 'good' },
  factor: { type: 'number', default: 1.5 },
  count: { type: 'integer' },
  loud: { type: 'boolean', default: true },
  words: { type: 'array', items: { type: 'string' }, default: ['a'] },
});

describe('settings of plugins', () => {
  it('are the configured value, else the default, else null', () => {
    const settings = new Settings();
    settings.set([chat], { 'me.chat': { loud: false, count: 3, words: [] } });

    assert.deepEqual(settings.of('me.chat'), {
      channel: null,
      mood: 'good',
      factor: 1.5,
      count: 3,
      loud: false,
      words: [],
    });
    assert.deepEqual(settings.of('another'), {});
  });

  it('of the wrong type count as not set', () => {
    const settings = new Settings();
    settings.set([chat], {
      'me.chat': { channel: 5, mood: 'fine', factor: 'x', count: 1.5, loud: 'yes', words: 'a' },
    });

    assert.deepEqual(settings.of('me.chat'), {
      channel: null,
      mood: 'good',
      factor: 1.5,
      count: null,
      loud: true,
      words: ['a'],
    });
  });

  it('report only what has changed', () => {
    const settings = new Settings();
    const seen: unknown[] = [];
    settings.onDidChange((changes) => seen.push(changes.map(({ plugin: id, key }) => `${id} ${key}`)));
    const other = plugin('other', { x: { type: 'integer' } });
    const set = (given: GivenSettings) => settings.set([chat, other], given);
    set({});
    set({ 'me.chat': { words: ['b'], count: 1 }, other: { x: 1 }, unknown: { y: 1 } });
    set({ 'me.chat': { words: ['b'], count: 2 }, other: { x: 1 } });
    set({ 'me.chat': { words: ['b'] }, other: { x: 1 } });
    set({ 'me.chat': { words: ['b'] }, other: { x: 1 } });

    assert.deepEqual(seen, [
      ['me.chat count', 'me.chat words', 'other x'],
      ['me.chat count'],
      ['me.chat count'],
    ]);
    settings.dispose();
  });

  it('are refused with every error: the plugin, the key, what is expected', () => {
    const given: GivenSettings = {
      'me.chat': { chanel: 'x', channel: 5, mood: 'fine', factor: 'x', count: 1.5, loud: 'yes', words: 'a' },
      unknown: { anything: 1 },
    };
    assert.throws(
      () => checkSettings([chat], given),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'config.invalid');
        assert.deepEqual(error.message.split('\n'), [
          'pluginSettings["me.chat"].chanel: the plugin "me.chat" has no such setting; did you mean "channel"?',
          'pluginSettings["me.chat"].channel: expected text in double quotes, got 5',
          'pluginSettings["me.chat"].mood: expected one of "good", "bad", got "fine"',
          'pluginSettings["me.chat"].factor: expected a number, got "x"',
          'pluginSettings["me.chat"].count: expected a whole number, got 1.5',
          'pluginSettings["me.chat"].loud: expected true or false, got "yes"',
          'pluginSettings["me.chat"].words: expected a list of texts, got "a"',
        ]);
        return true;
      },
    );
    checkSettings([chat], { 'me.chat': { mood: 'bad', factor: 1, count: 0, loud: false, words: [] } });
  });
});
