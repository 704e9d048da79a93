import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { discoverPlugins } from '../../../src/plugins/discover-plugins.js';
import { manifestJsonSchema } from '../../../src/plugins/manifest.js';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe("a plugin's manifest", () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('manifest');
  });

  afterEach(() => folder.dispose());

  /** Discovers a plugin for each manifest, by its name. */
  const discover = (plugins: Readonly<Record<string, object>>) => {
    for (const [name, manifest] of Object.entries(plugins)) {
      writePlugin(folder.path, name, { source: 'process.abort();', manifest });
    }
    return discoverPlugins([folder.path]);
  };

  /** Messages, without the folder's path. */
  const mistakes = (plugins: Readonly<Record<string, object>>) =>
    discover(plugins).errors.map(({ message }) => message.replaceAll(`${folder.path}/`, ''));

  it('names proposed APIs', () => {
    const { plugins } = discover({ p: { enabledApiProposals: ['broadcastSplices'] } });
    assert.deepEqual(plugins[0]?.enabledApiProposals, ['broadcastSplices']);
    assert.deepEqual(plugins[0]?.apiProposals, []);
  });

  it('may hold what only a newer Bulkhead or another program knows, which is ignored with a warning', () => {
    const [plugin] = discover({
      p: {
        activationEvents: ['onStartupFinished', 'onBroadcastStrat', 'onUri', 'onConfiguration:volume'],
        contributes: {
          comands: [],
          commands: [{ command: 'p.hello', title: 'Say hello', category: 'Greetings' }],
          configuration: {
            title: 'P',
            properties: { volume: { type: 'number', minimun: 1, default: 2, scope: 'machine' } },
          },
        },
        permissions: ['networks', 'network', 'files'],
        enabledApiProposals: ['timeTravel', 'broadcastSplices'],
        icon: 'p.png',
      },
    }).plugins;
    assert.deepEqual(plugin?.warnings, [
      'activationEvents[1]: unknown event "onBroadcastStrat"; did you mean "onBroadcastStart"?; it is ignored',
      'activationEvents[2]: unknown event "onUri"; it is ignored',
      'contributes.commands[0]: unknown key "category"; it is ignored',
      'contributes.configuration.properties.volume: unknown key "minimun"; did you mean "minimum"?; it is ignored',
      'contributes.configuration.properties.volume: unknown key "scope"; it is ignored',
      'contributes.configuration: unknown key "title"; it is ignored',
      'contributes: unknown key "comands"; did you mean "commands"?; it is ignored',
      'permissions[0]: unknown permission "networks"; did you mean "network"?; it is ignored',
      'permissions[2]: unknown permission "files"; it is ignored',
      'enabledApiProposals[0]: unknown proposed API "timeTravel", which has become part of the API, has been dropped, or is newer; it is ignored',
    ]);
    assert.deepEqual(plugin?.activationEvents, [
      'onStartupFinished',
      'onConfiguration:volume',
      'onCommand:p.hello',
    ]);
    assert.deepEqual(plugin?.permissions, ['network']);
    assert.deepEqual(plugin?.enabledApiProposals, ['broadcastSplices']);
    assert.deepEqual(plugin?.contributes.commands, [{ command: 'p.hello', title: 'Say hello' }]);
    assert.deepEqual(plugin?.contributes.configuration.properties['volume'], { type: 'number', default: 2 });
  });

  it('is refused when nothing but unknown events could activate the plugin', () => {
    assert.deepEqual(mistakes({ p: { activationEvents: ['*'] } }), [
      'p/package.json: activationEvents: expected one of "onStartupFinished", "onBroadcastStart", "onBroadcastStop", since the plugin has no command that could activate it, got a list',
    ]);
  });

  it("begins the names of commands with the plugin's own name, or with its id", () => {
    const commandsNamed = (...names: string[]) => ({
      contributes: { commands: names.map((command) => ({ command, title: 'Do' })) },
    });
    assert.deepEqual(
      mistakes({
        p: {
          name: '@me/chat',
          activationEvents: ['onCommand:lights.off'],
          ...commandsNamed('chat.say', 'me.chat.say', 'me.say', 'chat', 'chat.', 'chatter.say'),
        },
      }).map((line) => line.replace('p/package.json: ', '')),
      [
        ['contributes.commands[2].command', 'me.say'],
        ['contributes.commands[3].command', 'chat'],
        ['contributes.commands[4].command', 'chat.'],
        ['contributes.commands[5].command', 'chatter.say'],
        ['activationEvents', 'lights.off'],
      ].map(
        ([at, got]) =>
          `${at}: expected a name that begins with the plugin's own, such as "chat.doIt", got "${got}"`,
      ),
    );
  });

  it('has keys and conditions that can be read, for its own commands', () => {
    const commands = [{ command: 'p.hello', title: 'Say hello', enablement: 'a &&' }];
    const keybindings = [
      { command: 'p.other', key: 'ctrl+k ctrl+c', when: '(a' },
      { command: 'p.hello', key: 'ctrl+m', mac: 'cmd' },
    ];
    assert.deepEqual(mistakes({ p: { contributes: { commands, keybindings } } }), [
      'p/package.json: contributes.commands[0].enablement: expected a context key at the end, got "a &&"',
      'p/package.json: contributes.keybindings[0].key: expected a key such as "ctrl+shift+m" without spaces: sequences of keys are not supported',
      'p/package.json: contributes.keybindings[0].when: expected ")" at the end, got "(a"',
      'p/package.json: contributes.keybindings[1].mac: expected a key after the modifiers, got "cmd"',
      'p/package.json: contributes.keybindings[0].command: expected one of contributes.commands, got "p.other"',
    ]);
    const many = new Array(21).fill({ command: 'p.hello', key: 'f1', when: 'a =~ /b/' });
    const hello = [{ command: 'p.hello', title: 'Say hello' }];
    assert.match(
      mistakes({ p: { contributes: { commands: hello, keybindings: many } } }).join(),
      /contributes\.keybindings: expected at most 20 patterns \(=~\) in all conditions, got 21/,
    );
  });

  it('is read completely', () => {
    const contributes = {
      commands: [{ command: 'p.hello', title: 'Say hello', enablement: 'broadcast.state == live' }],
      keybindings: [
        {
          command: 'p.hello',
          key: 'ctrl+shift+h',
          mac: 'cmd+h',
          when: 'scene =~ /^a/',
          args: ['b', { c: 1 }],
        },
      ],
      configuration: {
        properties: {
          text: { type: 'string', default: 'hi', description: 'What to say.' },
          mood: { type: 'string', enum: ['good', 'bad'], default: 'bad' },
          factor: { type: 'number', default: 1.5 },
          count: { type: 'integer' },
          loud: { type: 'boolean', default: false },
          words: { type: 'array', items: { type: 'string' }, default: ['a'] },
        },
      },
      events: [],
      statusItems: [{ id: 'mood', name: 'Mood' }],
    };
    const { plugins, errors } = discover({
      p: {
        activationEvents: ['onBroadcastStart', 'onCommand:p.hidden', 'onConfiguration:text'],
        contributes,
        permissions: ['broadcast.control', 'network'],
        extensionDependencies: ['someone.q'],
      },
      q: { name: '@elsewhere/q', publisher: 'someone' },
    });

    assert.deepEqual(errors, []);
    assert.deepEqual(plugins[0]?.contributes, contributes);
    assert.deepEqual(plugins[0]?.permissions, ['broadcast.control', 'network']);
    assert.deepEqual(plugins[0]?.extensionDependencies, ['someone.q']);
    assert.deepEqual(plugins[0]?.activationEvents, [
      'onBroadcastStart',
      'onCommand:p.hidden',
      'onConfiguration:text',
      'onCommand:p.hello',
    ]);
  });

  it('has permissions with scopes, in one spelling, and others that the plugin may ask for', () => {
    const scopes = ['network:api.twitch.tv', 'network:127.0.0.1:*', 'file:read:~/Music'];
    const [plugin] = discover({
      p: { permissions: scopes, optionalPermissions: ['scenes', 'network:api.twitch.tv:443', 'fly'] },
    }).plugins;
    assert.deepEqual(plugin?.permissions, scopes);
    assert.deepEqual(plugin?.granted, scopes);
    // What it has anyway is left out.
    assert.deepEqual(plugin?.optionalPermissions, ['scenes']);
    assert.deepEqual(plugin?.warnings, ['optionalPermissions[2]: unknown permission "fly"; it is ignored']);
    assert.deepEqual(
      mistakes({
        q: {
          permissions: ['network:API.twitch.tv', 'network:https://twitch.tv', 'network:*'],
          optionalPermissions: ['file:read:../music'],
        },
      }).map((line) => line.replace('q/package.json: ', '')),
      [
        'permissions[0]: expected "network:api.twitch.tv", as the streamer sees it, got "network:API.twitch.tv"',
        'permissions[1]: expected a host, and perhaps a port or "*" after a colon, such as "api.example.com", "*.example.com" or "127.0.0.1:*", got "network:https://twitch.tv"',
        'permissions[2]: expected a host; for every host the permission is "network", got "network:*"',
        'optionalPermissions[0]: expected a path from "/" or "~/", such as "~/Music" or "/srv/media", got "file:read:../music"',
      ],
    );
  });

  const commands = [{ command: 'p.hello', title: 'Say hello' }];
  for (const [what, manifest, events] of [
    ['nothing is said', {}, ['onStartupFinished']],
    ['only commands are given', { contributes: { commands } }, ['onStartupFinished', 'onCommand:p.hello']],
    [
      'an empty list and commands are given',
      { activationEvents: [], contributes: { commands } },
      ['onCommand:p.hello'],
    ],
  ] as const) {
    it(`says what activates the plugin when ${what}`, () => {
      assert.deepEqual(discover({ p: manifest }).plugins[0]?.activationEvents, events);
    });
  }

  it('is reported with every error, its position and what is expected', () => {
    assert.deepEqual(
      mistakes({
        p: {
          activationEvents: ['onConfiguration: ', 'onCommand:', 3],
          contributes: {
            commands: [{ command: 'a b', title: '' }, { command: 'x' }, 'y'],
            configuration: {
              properties: {
                a: { type: 'text' },
                b: { type: 'number', default: '1' },
                c: { type: 'string', enum: ['x', 'y'], default: 'z' },
                d: { type: 'array', items: { type: 'text' } },
                e: { type: 'boolean', default: 'yes' },
                f: { type: 'integer', default: 1.5 },
                'not a name': { type: 'string' },
              },
            },
            statusItems: { id: 'x' },
          },
          permissions: ['networks', 5],
          extensionDependencies: ['no id', 5],
        },
      }).map((line) => line.replace('p/package.json: ', '')),
      [
        'activationEvents[0]: expected "onStartupFinished", "onBroadcastStart", "onBroadcastStop", "onCommand:NAME", "onConfiguration:SETTING" or "onEvent:EVENT", got "onConfiguration: "',
        'activationEvents[1]: expected "onStartupFinished", "onBroadcastStart", "onBroadcastStop", "onCommand:NAME", "onConfiguration:SETTING" or "onEvent:EVENT", got "onCommand:"',
        'activationEvents[2]: expected text in double quotes, got 3',
        'contributes.commands[0].command: expected letters, digits, ".", "-" and "_", got "a b"',
        'contributes.commands[0].title: expected text, got none',
        'contributes.commands[1].title: missing; expected text in double quotes',
        'contributes.commands[2]: expected an object { … }, got "y"',
        'contributes.configuration.properties.a.type: expected one of "string", "number", "integer", "boolean", "array", "object", "secret", got "text"',
        'contributes.configuration.properties.b.default: expected a number, got "1"',
        'contributes.configuration.properties.c.default: expected one of "x", "y", got "z"',
        'contributes.configuration.properties.d.items.type: expected one of "string", "number", "integer", "boolean", "array", "object", got "text"',
        'contributes.configuration.properties.e.default: expected true or false, got "yes"',
        'contributes.configuration.properties.f.default: expected a whole number, got 1.5',
        'contributes.configuration.properties.not a name: expected a name of letters, digits, ".", "-" and "_", got "not a name"',
        'contributes.statusItems: expected a list [ … ], got an object',
        'permissions[1]: expected text in double quotes, got 5',
        'extensionDependencies[0]: expected a plugin\'s id: publisher and name, such as "someone.chat", got "no id"',
        'extensionDependencies[1]: expected text in double quotes, got 5',
      ],
    );
  });

  for (const [what, manifest, expected] of [
    [
      'no event and no command',
      { activationEvents: [] },
      'activationEvents: expected one of "onStartupFinished", "onBroadcastStart", "onBroadcastStop", since the plugin has no command that could activate it, got a list',
    ],
    [
      'an event for a setting that it does not have',
      { activationEvents: ['onConfiguration:volume'] },
      'activationEvents: expected a setting of contributes.configuration.properties, got "volume"',
    ],
    [
      'a command twice',
      { contributes: { commands: [...commands, ...commands] } },
      'contributes.commands: expected distinct names, got a list',
    ],
  ] as const) {
    it(`is refused with ${what}`, () => {
      assert.deepEqual(mistakes({ p: manifest }), [`p/package.json: ${expected}`]);
    });
  }

  it('is refused when a plugin that it depends on is missing', () => {
    assert.deepEqual(mistakes({ p: { extensionDependencies: ['q', 'someone.r'] }, q: {} }), [
      'p/package.json: extensionDependencies[1]: expected one of the plugins that are there, got "someone.r"',
    ]);
  });

  it('is refused if dependencies are circular, once per cycle', () => {
    assert.deepEqual(
      mistakes({
        outside: { extensionDependencies: ['a'] },
        a: { extensionDependencies: ['b', 'd'] },
        b: { extensionDependencies: ['c'] },
        c: { extensionDependencies: ['a'] },
        d: {},
        self: { extensionDependencies: ['self'] },
      }),
      [
        'a/package.json: extensionDependencies: expected no circle, got "a" → "b" → "c" → "a"',
        'self/package.json: extensionDependencies: expected no circle, got "self" → "self"',
      ],
    );
  });

  it('is refused when another plugin, which was there first, has the same command', () => {
    const named = (publisher: string) => ({ publisher, name: 'p' });
    assert.deepEqual(
      mistakes({
        a: { ...named('me'), contributes: { commands } },
        b: { ...named('you'), contributes: { commands } },
        c: { ...named('them'), activationEvents: ['onCommand:p.hello'] },
      }),
      [
        'b/package.json: contributes.commands: the plugin "me.p" has the command "p.hello" too',
        'c/package.json: activationEvents: the plugin "me.p" has the command "p.hello" too',
      ],
    );
  });

  it('declares the events that the plugin fires, and asks for those that it hears', () => {
    const events = [{ event: 'p.raid', description: 'Somebody raids the channel.' }];
    const heard = ['events:q.raid', 'events:some.one.raid'] as const;
    const { plugins, errors } = discover({
      p: { contributes: { events }, permissions: heard, activationEvents: ['onEvent:q.raid'] },
    });
    assert.deepEqual(errors, []);
    const [plugin] = plugins;
    assert.deepEqual(plugin?.contributes.events, events);
    assert.deepEqual([plugin?.permissions, plugin?.warnings], [heard, []]);
    assert.deepEqual(
      mistakes({
        p: {
          contributes: { events: [{ event: 'q.raid', description: 'Of another one.' }, { event: 'p.raid' }] },
          permissions: ['events:raid', 'events:'],
          activationEvents: ['onEvent:q.raid'],
        },
      }).map((line) => line.replace('p/package.json: ', '')),
      [
        'contributes.events[1].description: missing; expected text in double quotes',
        'permissions[0]: expected the name of an event, such as "events:raids.raid", got "events:raid"',
        'permissions[1]: expected the name of an event, such as "events:raids.raid", got "events:"',
      ],
    );
    assert.deepEqual(
      mistakes({
        p: {
          contributes: { events: [{ event: 'q.raid', description: 'Of another one.' }] },
          activationEvents: ['onEvent:q.raid'],
        },
      }).map((line) => line.replace('p/package.json: ', '')),
      [
        'contributes.events[0].event: expected a name that begins with the plugin\'s own, such as "p.raid", got "q.raid"',
        'activationEvents: expected "events:q.raid" in "permissions" as well, got "onEvent:q.raid" alone',
      ],
    );
    assert.deepEqual(
      mistakes({
        p: { contributes: { events: [{ event: 'p.raid.', description: 'No permission can name it.' }] } },
      }),
      [
        'p/package.json: contributes.events[0].event: expected the plugin\'s name, ".", and letters, digits, "-" and "_", got "p.raid."',
      ],
    );
  });

  it('is refused when another plugin, which was there first, has the same event', () => {
    const named = (publisher: string) => ({
      ...{ publisher, name: 'p' },
      contributes: { events: [{ event: 'p.raid', description: 'A raid.' }] },
    });
    assert.deepEqual(mistakes({ a: named('me'), b: named('you') }), [
      'b/package.json: contributes.events: the plugin "me.p" has the event "p.raid" too',
    ]);
  });

  it('names plugins that need not be there', () => {
    const { plugins, errors } = discover({
      p: { optionalExtensionDependencies: ['q', 'someone.else'] },
      q: { optionalExtensionDependencies: ['p'] },
    });
    assert.deepEqual(errors, []);
    assert.deepEqual(plugins[0]?.optionalExtensionDependencies, ['q', 'someone.else']);
  });

  it('has a JSON Schema in the repository that is up to date (else: npm run schema)', () => {
    const written: unknown = JSON.parse(readFileSync(join('schemas', 'plugin-manifest.schema.json'), 'utf8'));
    assert.deepEqual(written, JSON.parse(JSON.stringify(manifestJsonSchema())));
  });

  it('needs a publisher for a host group, whose plugins are modules of one kind', () => {
    assert.match(mistakes({ p: { hostGroup: 'tools' } }).join(), /hostGroup: expected a "publisher" as well/);
    const groupOf = (name: string, manifest: object, files: Record<string, string> = {}) => {
      const shared = { publisher: 'me', hostGroup: 'tools', main: 'dist/main.js', ...manifest };
      const path = writePlugin(folder.path, name, {
        source: '',
        manifest: shared,
        files: { 'dist/main.js': '', 'dist/main.cjs': '', 'dist/main.mjs': '', ...files },
      });
      return discoverPlugins([path]).plugins[0]?.hostGroup;
    };
    const [esm, cjs] = [true, false].map((isModule) => ({ name: 'me/tools', isModule }));
    assert.deepEqual(groupOf('a', { type: 'module' }), esm);
    assert.deepEqual(groupOf('b', {}), cjs);
    assert.deepEqual(groupOf('c', { type: 'module' }, { 'dist/package.json': '{}' }), cjs);
    assert.deepEqual(groupOf('d', {}, { 'dist/package.json': '{ "type": "module" }' }), esm);
    assert.deepEqual(groupOf('e', { main: 'dist/main.mjs' }), esm);
    assert.deepEqual(groupOf('f', { main: 'dist/main.cjs', type: 'module' }), cjs);
  });
});
