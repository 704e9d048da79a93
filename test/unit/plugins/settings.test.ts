import assert from 'node:assert/strict';
import { Contributes } from '../../../src/plugins/contributions.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import {
  checkSettings,
  findSettingMistakes,
  type GivenSettings,
  Settings,
} from '../../../src/plugins/settings.js';

const plugin = (id: string, properties: object): InstalledPlugin => ({
  id,
  name: id.replace(/^.*\./, ''),
  version: '1.0.0',
  displayName: id,
  path: '/',
  main: '/main.js',
  activationEvents: [],
  contributes: Contributes.parse({ configuration: { properties } }),
  permissions: [],
  optionalPermissions: [],
  granted: [],
  storageMb: 512,
  source: 'folder',
  extensionDependencies: [],
  optionalExtensionDependencies: [],
  packageJson: { name: id, version: '1.0.0' },
  extensionPackages: {},
  enabledApiProposals: [],
  apiProposals: [],
  warnings: [],
  language: 'en',
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

  it('are never secrets: a value is refused, not shown, and nothing takes it', () => {
    const titles = plugin('me.titles', { apiKey: { type: 'secret' }, size: { type: 'number' } });
    const given: GivenSettings = { 'me.titles': { apiKey: 'hunter2' } };
    assert.throws(() => checkSettings([titles], given), {
      code: 'config.invalid',
      message:
        'pluginSettings["me.titles"].apiKey: a secret is not kept in the configuration; remove it, and run: bulkhead plugin secret set me.titles apiKey',
    });
    const settings = new Settings();
    assert.deepEqual(settings.set([titles], given), []);
    assert.deepEqual(
      [settings.of('me.titles'), settings.originsOf('me.titles', given)],
      [{ size: null }, { size: {} }],
    );
    assert.deepEqual(
      settings.declared.map(({ key, setting }) => [key, setting.type]),
      [
        ['apiKey', 'secret'],
        ['size', 'number'],
      ],
    );
    for (const value of ['hunter2', undefined])
      assert.throws(() => settings.check('me.titles', 'apiKey', value), /is not kept in the configuration/);
  });

  const mistakesIn = (setting: object, value: unknown) =>
    findSettingMistakes([plugin('p', { s: setting })], { p: { s: value } } as GivenSettings).map(
      ({ path, message }) => {
        return `${path.slice(2).join('.')}: ${message.replace(/^.*?: /, '')}`;
      },
    );

  for (const [setting, right, wrong] of [
    [
      { type: 'integer', minimum: 1, maximum: 10 },
      [1, 10],
      [
        [0, 's: expected a whole number from 1 to 10, got 0'],
        [11, 's: expected a whole number from 1 to 10, got 11'],
      ],
    ],
    [{ type: 'number', minimum: 0.5 }, [0.5, 100], [[0.4, 's: expected a number of at least 0.5, got 0.4']]],
    [{ type: 'number', enum: [1, 2.5] }, [2.5], [[2, 's: expected one of 1, 2.5, got 2']]],
    [
      { type: 'string', pattern: '^#[0-9a-f]{6}$', patternErrorMessage: 'a colour such as #ff8800' },
      ['#ff8800'],
      [
        [
          'red',
          's: expected text in double quotes that matches ^#[0-9a-f]{6}$ (a colour such as #ff8800), got "red"',
        ],
      ],
    ],
    [
      { type: 'string', minLength: 1, maxLength: 3 },
      ['a', 'abc'],
      [['', 's: expected text in double quotes from 1 to 3 characters, got ""']],
    ],
    [
      { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1, maxItems: 3, uniqueItems: true },
      [[0], [1, 2, 3]],
      [
        [[], 's: expected a list of numbers from 1 to 3 entries that all differ, got []'],
        [[1, 2, 1], 's.2: expected an entry that the list does not have already, got 1'],
        [[1, -1], 's.1: expected a whole number of at least 0, got -1'],
      ],
    ],
    [
      {
        type: 'object',
        properties: { when: { type: 'string' }, scene: { type: 'string' } },
        required: ['when'],
        additionalProperties: false,
      },
      [{ when: '20:00' }, { when: '20:00', scene: 'a' }],
      [
        [['a'], 's: expected an object { … }, got ["a"]'],
        [{ scene: 'a' }, 's: expected an object with "when", got {"scene":"a"}'],
        [{ when: 5 }, 's.when: expected text in double quotes, got 5'],
        [{ when: '', scnee: 'a' }, 's.scnee: expected "scene" instead of "scnee", got "a"'],
      ],
    ],
    [
      { type: 'array', items: { type: 'object', additionalProperties: { type: 'number' } } },
      [[{ a: 1 }, {}], []],
      [[[{ a: 1 }, { b: 'x' }], 's.1.b: expected a number, got "x"']],
    ],
  ] as const) {
    it(`are checked against ${JSON.stringify(setting)}`, () => {
      for (const value of right) assert.deepEqual(mistakesIn(setting, value), []);
      for (const [value, expected] of wrong) assert.deepEqual(mistakesIn(setting, value), [expected]);
    });
  }

  it('may not hold up the core by a pattern that takes forever', () => {
    assert.deepEqual(mistakesIn({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(40)}!`), []);
  });

  it('report the first entry of a list that does not match', () => {
    const words = { type: 'array', items: { type: 'string', pattern: '^[a-z]$', maxLength: 2 } };
    assert.deepEqual(mistakesIn(words, ['a', 'b', '1', '2', 'long']), [
      's.2: expected text in double quotes of at most 2 characters that matches ^[a-z]$, got "1"',
    ]);
    assert.deepEqual(mistakesIn(words, ['a', 'long', '1']), [
      's.1: expected text in double quotes of at most 2 characters that matches ^[a-z]$, got "long"',
    ]);
  });

  it('find a repeated entry among very many, whatever it is', () => {
    const setting = { type: 'array', uniqueItems: true };
    const many = Array.from({ length: 20_000 }, (_, index) => ({ a: index, b: [`${index}`] }));
    assert.deepEqual(mistakesIn(setting, many), []);
    assert.deepEqual(mistakesIn(setting, [...many, { b: ['7'], a: 7 }]), [
      's.20000: expected an entry that the list does not have already, got {"b":["7"],"a":7}',
    ]);
    assert.deepEqual(mistakesIn(setting, [1, '1', true, 'true', null, [1], ['1'], { a: 1 }, '{"a":1}']), []);
  });

  for (const [setting, at, message] of [
    [{ type: 'string', pattern: '(' }, 'pattern', 'expected a regular expression'],
    [
      { type: 'string', minLength: 2, default: 'b' },
      'default',
      'expected text in double quotes of at least 2 characters',
    ],
    [{ type: 'integer', minimum: 5, default: 4 }, 'default', 'expected a whole number of at least 5'],
    [
      { type: 'array', items: { type: 'string' }, default: ['a', 5] },
      'default.1',
      'expected text in double quotes',
    ],
    [
      { type: 'object', properties: { a: { type: 'number' } }, default: { a: 'x' } },
      'default.a',
      'expected a number',
    ],
  ] as const) {
    it(`are refused as declared by ${JSON.stringify(setting)}`, () => {
      const { error } = Contributes.safeParse({ configuration: { properties: { s: setting } } });
      assert.deepEqual(
        error?.issues.map((issue) => [issue.path.slice(3).join('.'), issue.message]),
        [[at, message]],
      );
    });
  }
});
