import assert from 'node:assert/strict';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { runPluginTest } from './run-plugin-test.js';

const manifest = {
  permissions: ['broadcast.marker', 'events:raids.raid'],
  optionalPermissions: ['scenes'],
  activationEvents: ['onBroadcastStart', 'onEvent:raids.raid'],
  extensionDependencies: ['me.raids'],
  optionalExtensionDependencies: ['me.maybe'],
  contributes: {
    commands: [{ command: 'steered.ask', title: 'Ask' }],
    configuration: { properties: { greeting: { type: 'string', default: 'Hello' } } },
    events: [{ event: 'steered.greeted', description: 'Somebody was greeted.' }],
    statusItems: [{ id: 'ticks', name: 'Ticks' }],
  },
};

const source = (load: string) => `${load}
  const { broadcast, commands, configuration, env, events, extensions, permissions, window } = api;
  export function activate({ extensionMode, globalState, log, profileState, secrets, subscriptions }) {
    log.info('started at ' + Date.now());
    const item = window.createStatusItem('ticks');
    const keep = (registration) => subscriptions.push(registration);
    keep(item);
    let ticks = 0;
    const timer = setInterval(() => { ticks += 1; item.text = String(ticks); }, 1000);
    subscriptions.push({ dispose: () => clearInterval(timer) });
    keep(broadcast.onDidStart(() => window.showInformationMessage(configuration.get('greeting'))));
    keep(broadcast.onDidChangeState((state) => log.info(state)));
    keep(broadcast.onDidUpdateStats(({ encoder }) => { if (encoder.fps < 20) log.warn('slow'); }));
    keep(commands.registerCommand('steered.ask', () => window.showWarningMessage('Sure?', 'Yes', 'No')));
    keep(commands.registerCommand('steered.name', () => window.showInputBox({
      minLength: 3, validateInput: (name) => (name === 'root' ? 'not root' : undefined),
    })));
    keep(commands.registerCommand('steered.pick', () => window.showQuickPick(['a', 'b', 'c'], { canPickMany: true })));
    keep(commands.registerCommand('steered.file', async () => {
      const file = await window.showOpenFile();
      const text = await file.readText();
      file.dispose();
      return text;
    }));
    keep(commands.registerCommand('steered.login', async (timeoutMs) => {
      const callback = await env.createCallback({ timeoutMs });
      const opened = await env.openExternal('https://example.com/login?to=' + callback.url);
      log.info('opened ' + opened);
      return (await callback.query)?.code ?? 'none';
    }));
    keep(commands.registerCommand('steered.request', (permission) => permissions.request(permission)));
    keep(commands.registerCommand('steered.has', (permission) => permissions.has(permission)));
    keep(permissions.onDidChange(() => log.info('permissions changed')));
    keep(commands.registerCommand('steered.mark', () => broadcast.addMarker('here')));
    keep(commands.registerCommand('steered.keep', async (value) => {
      await globalState.update('kept', value);
      await secrets.store('token', 'new');
    }));
    keep(commands.registerCommand('steered.keepHere', (value) => profileState.update('kept', value)));
    keep(commands.registerCommand('steered.keptHere', () => profileState.get('kept')));
    keep(commands.registerCommand('steered.greet', (value) => configuration.update('greeting', value)));
    keep(configuration.onDidChange(() => log.info('greeting ' + configuration.get('greeting'))));
    keep(commands.registerCommand('steered.kept', () => globalState.get('kept')));
    keep(commands.registerCommand('steered.repeat', () => void setInterval(() => log.info('again'), 1000)));
    keep(commands.registerCommand('steered.other', () => commands.executeCommand('other.add', 2, 3)));
    const raids = extensions.getExtension('me.raids');
    keep(events.on('raids.raid', async ({ from }) => events.fire('steered.greeted', { text: await raids.exports.greet(from) })));
    return {
      mode: extensionMode,
      greet: (name) => raids.exports.greet(name),
      others: () => extensions.all.map(({ id, isActive }) => id + (isActive ? '' : ' (inactive)')),
      wake: async () => (await extensions.getExtension('me.raids').activate()).version,
      hang: (token) => new Promise((_, reject) => token.onCancellationRequested(() => reject(new Error('stopped')))),
    };
  }`;

/** In TypeScript, importing a source file, as an author would write it. */
const spec = `
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { broadcast, CancellationTokenSource, env } from '@bulkhead/extension-api';
import { startPlugin } from '@bulkhead/extension-api/testing';
import { texts } from './texts';

it('controls the time of everything', async () => {
  const core = await startPlugin();
  const began: number = Date.now();
  await core.broadcast.goLive();
  await core.clock.advance(60_000);
  assert.equal(Date.now() - began, 60_000);
  assert.equal(core.statusItems['ticks'], '60');
  assert.equal(broadcast.status.uptimeMs, 60_000);
  assert.equal(broadcast.stats.videoFrames, 1800);
});

it('controls the broadcast', async () => {
  const core = await startPlugin();
  await core.broadcast.goLive();
  await core.broadcast.breakOutput();
  await core.broadcast.reconnect();
  core.broadcast.setStats({ fps: 10 });
  await core.clock.advance(1000);
  await core.broadcast.killEncoder();
  assert.equal(broadcast.stats.encoder.restarts, 1);
  await core.broadcast.end();
  const lines = texts(core.log).slice(1).filter((line) => line !== 'slow');
  assert.deepEqual(lines, ['starting', 'live', 'reconnecting', 'live', 'stopping', 'idle']);
  assert.ok(texts(core.log).includes('slow'));
});

it('answers questions, and starts on request', async () => {
  const core = await startPlugin({ activate: false, settings: { greeting: 'Hi' } });
  await core.broadcast.goLive();
  assert.equal(core.isActive, true);
  assert.deepEqual(texts(core.messages), ['Hi']);
  const asked = core.commands.execute('steered.ask');
  await core.settle();
  await core.answer(core.questions[0]!.id, 'Yes');
  assert.equal(await asked, 'Yes');
});

it('answers with texts, items and files', async () => {
  const core = await startPlugin();
  const name = core.commands.execute('steered.name');
  await core.settle();
  const { id, text } = core.questions[0]!;
  assert.equal(text!.minLength, 3);
  await assert.rejects(core.answer(id, 'ab'), { code: 'config.invalid' });
  await assert.rejects(core.answer(id, 'root'), /not root/);
  await core.answer(id, 'ann');
  assert.equal(await name, 'ann');

  const picked = core.commands.execute('steered.pick');
  await core.settle();
  assert.equal(core.questions[0]!.pick!.items.length, 3);
  await core.answer(core.questions[0]!.id, ['c', 0]);
  assert.deepEqual(await picked, ['a', 'c']);

  const content = core.commands.execute('steered.file');
  await core.settle();
  await core.answer(core.questions[0]!.id, join(__dirname, 'names.txt'));
  assert.equal(await content, 'Ann');
});

it("is the streamer's browser", async () => {
  const core = await startPlugin();
  const login = core.commands.execute('steered.login', 300_000);
  await core.settle();
  assert.ok(core.questions[0]!.message.startsWith('wants to open https://example.com in your browser'));
  await core.answer(core.questions[0]!.id, 'Open it');
  const [address] = core.browser.opened;
  const url = new URL(address!).searchParams.get('to')!;
  await assert.rejects(core.browser.visit(url + 'x?code=1'), /no callback address/);
  await core.browser.visit(url + '?code=1&state=2');
  assert.equal(await login, '1');

  core.browser.isAvailable = false;
  const late = core.commands.execute('steered.login', 10_000);
  await core.settle();
  assert.match(core.messages.at(-1)!.message, /^Open this in your browser: https/);
  await core.clock.advance(10_000);
  assert.equal(await late, 'none');
});

it('allows only settings that the manifest declares', async () => {
  await assert.rejects(startPlugin({ settings: { greeting: 5 } }), { code: 'config.invalid' });
});

it('simulates other plugins', async () => {
  const core = await startPlugin();
  core.commands.register('other.add', (a, b) => Number(a) + Number(b));
  assert.equal(await core.commands.execute('steered.other'), 5);
});

interface Steered {
  mode: string;
  greet(name: unknown): string;
  others(): string[];
  wake(): number;
  hang(token: unknown): void;
}

it('simulates what other plugins export, and calls what this one exports', async () => {
  const raids = { version: 1, greet: (name: string) => 'Hello, ' + name };
  const core = await startPlugin({ extensions: { 'me.raids': raids } });
  const steered = core.extensions.exports<Steered>()!;
  assert.equal(steered.mode, 'test');
  assert.equal(await steered.greet('you'), 'Hello, you');
  await assert.rejects(steered.greet(new Date()), { code: 'rpc.unencodable' });
  assert.deepEqual(await steered.others(), ['me.steered', 'me.raids']);
  await core.extensions.deactivate('me.raids');
  await assert.rejects(steered.greet('you'), { code: 'plugin.failed', message: /"me.raids" is not active/ });
  assert.equal(await steered.wake(), 1);
  await core.extensions.add('me.maybe');
  assert.deepEqual(await steered.others(), ['me.steered', 'me.raids', 'me.maybe']);
  await core.extensions.remove('me.maybe');
  await core.extensions.add('me.raids', { greet: () => { throw Object.assign(new Error('hoarse'), { code: 'EVOICE' }); } });
  await assert.rejects(steered.greet('you'), { code: 'EVOICE', message: /exports.greet: hoarse$/ });
  const source = new CancellationTokenSource();
  const hanging = assert.rejects(steered.hang(source.token), { code: 'rpc.cancelled' });
  await core.settle();
  source.cancel();
  await hanging;
  await assert.rejects(core.extensions.add('me.stranger'), /does not use "me.stranger"/);
});

it('fires events of other plugins, and sees those that it fires', async () => {
  const raids = { greet: (name: string) => 'Hello, ' + name };
  const core = await startPlugin({ activate: false, extensions: { 'me.raids': raids } });
  await core.events.fire('raids.raid', { from: 'you' });
  assert.equal(core.isActive, true);
  await core.events.fire('raids.raid', { from: 'them' });
  assert.deepEqual(core.events.fired, [
    { event: 'steered.greeted', payload: { text: 'Hello, you' } },
    { event: 'steered.greeted', payload: { text: 'Hello, them' } },
  ]);
  core.faults.revoke('events:raids.raid');
  await core.events.fire('raids.raid', { from: 'nobody' });
  assert.equal(core.events.fired.length, 2);
  await assert.rejects(core.events.fire('raids.other'), { code: 'permission.denied' });
});

it('keeps stored data when the host is killed', async () => {
  const core = await startPlugin({ state: { kept: 'before' }, secrets: { old: 'x' } });
  assert.equal(await core.commands.execute('steered.kept'), 'before');
  await core.commands.execute('steered.keep', 'after');
  await core.faults.killHost();
  assert.equal(core.isActive, false);
  await core.activate();
  assert.equal(await core.commands.execute('steered.kept'), 'after');
  assert.deepEqual(await core.readState(), { kept: 'after' });
  assert.deepEqual(await core.readSecrets(), { old: 'x', token: 'new' });
});

it('cancels pending work of a killed host', async () => {
  const core = await startPlugin();
  await core.commands.execute('steered.repeat');
  await core.clock.advance(1000);
  await core.faults.killHost();
  await core.activate();
  await core.clock.advance(5000);
  assert.equal(texts(core.log).filter((line) => line === 'again').length, 1);
});

it('simulates a full disk', async () => {
  const core = await startPlugin();
  core.faults.setStorageFull(true);
  await assert.rejects(core.commands.execute('steered.keep', 1), /no space left/);
  assert.deepEqual(await core.readState(), {});
});

it('revokes permissions', async () => {
  const core = await startPlugin({ permissions: [] });
  await core.broadcast.goLive();
  await assert.rejects(core.commands.execute('steered.mark'), /may not mark moments/);
  core.faults.grant('broadcast.marker');
  await core.commands.execute('steered.mark');
  core.faults.revoke('broadcast.marker');
  await assert.rejects(core.commands.execute('steered.mark'), /may not mark moments/);
  assert.deepEqual(core.broadcast.markers.map(({ label }) => label), ['here']);
});

it('answers requests for permissions', async () => {
  const core = await startPlugin();
  const has = () => core.commands.execute('steered.has', 'scenes');
  assert.equal(await has(), false);
  const asked = core.commands.execute('steered.request', 'scenes');
  await core.settle();
  const [question] = core.questions;
  assert.match(question.message, /wants to see, change and switch scenes/);
  await core.answer(question.id, 'Allow');
  assert.deepEqual([await asked, await has()], [true, true]);
  assert.equal(core.log.at(-1).message, 'permissions changed');
  core.faults.revoke('scenes');
  await core.settle();
  assert.equal(await has(), false);
  await assert.rejects(core.commands.execute('steered.request', 'audio'), { code: 'permission.denied' });
  await assert.rejects(core.commands.execute('steered.has', 'network:*'), { code: 'config.invalid' });
});

it('simulates a slow core', async () => {
  const core = await startPlugin();
  core.faults.setLatency(300);
  let answered = false;
  const kept = core.commands.execute('steered.kept').then(() => { answered = true; });
  await core.clock.advance(599);
  assert.equal(answered, false);
  await core.clock.advance(1);
  await kept;
  core.faults.setLatency(0);
});

it('ends although the core is slow, and nothing overtakes what is on its way', async () => {
  const core = await startPlugin();
  core.faults.setLatency(300);
  const kept = core.commands.execute('steered.keep', 1);
  await core.clock.advance(100);
  void core.commands.execute('steered.kept');
  core.faults.setLatency(0);
  await kept;
  assert.deepEqual(await core.readState(), { kept: 1 });
  core.faults.setLatency(500);
});

it('has several outputs, each with its state', async () => {
  const core = await startPlugin({ outputs: ['twitch', 'kick'] });
  await core.broadcast.goLive();
  const shown = () => broadcast.stats.outputs.map(({ id, state, sessions, queueMs }) => [id, state, sessions, queueMs]);
  core.broadcast.setStats({ queueMs: 40 }, 'kick');
  await core.broadcast.breakOutput('twitch');
  assert.deepEqual([broadcast.state, shown()], ['live', [['twitch', 'reconnecting', 1, 0], ['kick', 'live', 1, 40]]]);
  await core.broadcast.failOutput('kick', 'wrong key');
  assert.deepEqual([broadcast.state, broadcast.stats.outputs[1]?.error], ['reconnecting', 'wrong key']);
  await core.broadcast.reconnect('twitch');
  assert.deepEqual([broadcast.state, shown()[0]], ['live', ['twitch', 'live', 2, 0]]);
  await assert.rejects(core.broadcast.breakOutput('youtube'), /Available outputs: twitch, kick|no output "youtube"/);
});

it('goes on with another profile', async () => {
  const core = await startPlugin({ profile: 'gaming', profileState: { kept: 'here' } });
  assert.deepEqual([env.profile, core.profile], ['gaming', 'gaming']);
  assert.equal(await core.commands.execute('steered.keptHere'), 'here');
  await core.setProfile('talk');
  assert.deepEqual([env.profile, await core.commands.execute('steered.keptHere')], ['talk', null]);
  await core.commands.execute('steered.keepHere', 'there');
  assert.deepEqual(await core.readProfileState(), { kept: 'there' });
  await core.setProfile('gaming');
  assert.deepEqual(await core.readProfileState(), { kept: 'here' });
  await assert.rejects(core.setProfile('No Such'), { code: 'config.invalid' });
});

it('has settings that the streamer changes, and the plugin', async () => {
  const core = await startPlugin({ settings: { greeting: 'Hi' } });
  const greetings = () => texts(core.log).filter((line) => line.startsWith('greeting'));
  await core.setSettings({ greeting: 'Ho' });
  await core.commands.execute('steered.greet', 'Hey');
  assert.deepEqual(greetings(), ['greeting Ho', 'greeting Hey']);
  await core.commands.execute('steered.greet', undefined);
  assert.equal(greetings().at(-1), 'greeting Hello');
  await assert.rejects(core.commands.execute('steered.greet', 5), /expected text in double quotes, got 5/);
});

it('simulates a crash of the core', async () => {
  const core = await startPlugin();
  const asked = core.commands.execute('steered.ask');
  asked.catch(() => {});
  await core.settle();
  await core.faults.loseCore();
  await assert.rejects(asked);
  assert.throws(() => broadcast.onDidStart(() => {}), /no longer active/);
});

it('uses real time', async () => {
  const core = await startPlugin({ clock: 'real' });
  await core.broadcast.goLive();
  await core.clock.advance(20);
  assert.ok(broadcast.state === 'live');
});
`;

const kinds = {
  esm: `import * as api from '@bulkhead/extension-api';`,
  cjs: `const api = require('@bulkhead/extension-api');`,
} as const;

describe('a test with the fake core', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('plugin-test');
  });
  afterEach(() => folder.dispose());

  for (const [type, load] of Object.entries(kinds) as ['esm' | 'cjs', string][]) {
    it(`can test a plugin in ${type}`, async () => {
      const text = source(load);
      const plugin = writePlugin(folder.path, 'steered', {
        source:
          type === 'esm' ? text : text.replace('export function activate', 'exports.activate = function'),
        type,
        manifest: { ...manifest, publisher: 'me' },
        installed: true,
        files: {
          'test/steered.test.ts': spec,
          'test/names.txt': 'Ann',
          'test/texts.ts':
            'export const texts = (all: readonly { message: string }[]): string[] => all.map(({ message }) => message);',
        },
      });
      const { code, stdout, stderr } = await runPluginTest(plugin);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, new RegExp(` ${spec.match(/^it\(/gm)?.length} passing`));
    });
  }
});
