import assert from 'node:assert/strict';
import type { createApi } from '../../../src/extension-host/api/create-api.js';
import type { PluginScope } from '../../../src/extension-host/plugin-scope.js';
import type { PluginServices } from '../../../src/extension-host/plugin-services.js';
import { MAX_PIECE_CHARACTERS } from '../../../src/protocol/channel-limits.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import {
  AddMarkerRequest,
  BroadcastMarkersNotification,
  BroadcastSpliceNotification,
  PluginStartsBroadcastRequest,
  PluginStopsBroadcastRequest,
} from '../../../src/protocol/plugin-broadcast.js';
import {
  ExecuteCommandRequest,
  RegisterCommandRequest,
  RunCommandForPluginRequest,
  UnregisterCommandRequest,
} from '../../../src/protocol/plugin-commands.js';
import { PluginSettingsNotification } from '../../../src/protocol/plugin-configuration.js';
import {
  CancelProgressNotification,
  PluginProgressNotification,
} from '../../../src/protocol/plugin-progress.js';
import {
  GetSecretRequest,
  ListSecretsRequest,
  StoreSecretRequest,
} from '../../../src/protocol/plugin-secrets.js';
import { OpenStatusItemRequest, StatusItemNotification } from '../../../src/protocol/plugin-status-items.js';
import {
  ProfileNotification,
  ReadProfileStateRequest,
  ReadStateRequest,
  StageStateRequest,
  UpdateStateRequest,
} from '../../../src/protocol/plugin-storage.js';
import { BeginUpgradeRequest } from '../../../src/protocol/plugin-upgrades.js';
import {
  PluginLogNotification,
  PluginMessageNotification,
  PluginQuestionRequest,
} from '../../../src/protocol/plugin-window.js';
import type { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { HostPair } from './host-pair.js';

describe('the API of a plugin', () => {
  let pair: HostPair;
  let core: RpcConnection;
  let services: PluginServices;
  let scope: PluginScope;
  let api: ReturnType<typeof createApi>;
  /** What the core was sent. */
  let sent: unknown[];
  let secrets: Map<string, string>;
  let stored: Record<string, string>;
  let profile: string;
  let answer: string | undefined;
  /** Options of the last question. */
  let asked: object | undefined;
  let refuseWrites: boolean;

  beforeEach(() => {
    pair = new HostPair();
    ({ core, services } = pair);
    ({ scope, api } = pair.plugin('mine'));
    pair.commands.push('a', 'b');
    sent = [];
    secrets = new Map();
    stored = {};
    profile = 'default';
    answer = undefined;
    refuseWrites = false;

    core.onRequest(RegisterCommandRequest.type, ({ plugin, registrations }) => {
      sent.push(['register', plugin, registrations.map(({ id }) => id)]);
      return null;
    });
    core.onRequest(UnregisterCommandRequest.type, ({ plugin, unregisterations }) => {
      sent.push(['unregister', plugin, unregisterations.map(({ id }) => id)]);
      return null;
    });
    core.onRequest(RunCommandForPluginRequest.type, ({ plugin, command, arguments: args }) => {
      if (command === 'none') throw new BulkheadError(ErrorCodes.commandNotFound, 'no such command');
      if (command === 'other.fail') {
        const cause = Object.assign(new RangeError('too far'), { code: 'E_FAR' });
        throw new BulkheadError(ErrorCodes.pluginFailed, 'the plugin "other" failed: too far', { cause });
      }
      return [plugin, command, args];
    });
    core.onRequest(GetSecretRequest.type, ({ key }) => secrets.get(key) ?? null);
    core.onRequest(StoreSecretRequest.type, ({ key, value }) => {
      if (value === null) secrets.delete(key);
      else secrets.set(key, value);
      return null;
    });
    core.onRequest(ListSecretsRequest.type, () => [...secrets.keys()]);
    core.onRequest(ReadStateRequest.type, () => stored);
    core.onRequest(BeginUpgradeRequest.type, () => ({ runs: [] }));
    core.onRequest(ReadProfileStateRequest.type, () => ({ profile, values: stored }));
    core.onRequest(StageStateRequest.type, ({ transfer, piece }) => {
      sent.push(['stage', transfer, piece]);
      return null;
    });
    core.onRequest(UpdateStateRequest.type, (params) => {
      if (refuseWrites) throw new BulkheadError(ErrorCodes.storageFailed, 'the disk is full');
      sent.push(['update', params]);
      return null;
    });
    core.onNotification(PluginMessageNotification.type, (params) => void sent.push(['message', params]));
    core.onRequest(PluginQuestionRequest.type, ({ actions, modal, detail, timeoutMs }) => {
      sent.push(['question', actions?.map(({ title }) => title)]);
      asked = { modal, detail, timeoutMs };
      return answer === undefined ? null : { title: answer };
    });
    core.onNotification(PluginLogNotification.type, ({ channel, type, message }) => {
      sent.push(['log', channel, type, message]);
    });
    core.onNotification(
      PluginProgressNotification.type,
      ({ token, value }) => void sent.push([token, value]),
    );
    core.onRequest(OpenStatusItemRequest.type, ({ id }) => {
      sent.push(['open', id]);
      return null;
    });
    core.onNotification(StatusItemNotification.type, ({ id, text }) => void sent.push(['text', id, text]));
    core.onRequest(PluginStartsBroadcastRequest.type, ({ plugin }) => {
      sent.push(['start', plugin]);
      return null;
    });
    core.onRequest(PluginStopsBroadcastRequest.type, ({ plugin }) => {
      sent.push(['stop', plugin]);
      return null;
    });
    core.onRequest(AddMarkerRequest.type, ({ label }) => ({ id: 1, label, timestampMs: 5, atMs: 5 }));
    pair.listen();
  });

  afterEach(() => pair.dispose());

  const settled = () => pair.settled();
  const execute = (command: string, ...args: unknown[]) =>
    core.sendRequest(ExecuteCommandRequest.type, { command, arguments: args });

  describe('commands', () => {
    it('runs a handler with its arguments until it is disposed of', async () => {
      const registration = api.commands.registerCommand('mine.add', (a: number, b: number) => a + b);
      assert.equal(await execute('mine.add', 1, 2), 3);
      assert.deepEqual(scope.left(), ['the command "mine.add"']);
      registration.dispose();
      await assert.rejects(execute('mine.add', 1, 2), { code: 'command.notFound', where: 'mine.add' });
      await settled();
      assert.deepEqual(sent, [
        ['register', 'mine', ['mine.add']],
        ['unregister', 'mine', ['mine.add']],
      ]);
    });

    it('reports which command failed', async () => {
      api.commands.registerCommand('mine.fail', () => Promise.reject(new Error('no luck')));
      await assert.rejects(execute('mine.fail'), {
        code: 'plugin.failed',
        message: 'the plugin "mine" failed: the command "mine.fail": no luck',
      });
    });

    it('refuses what is no command, or is one already', () => {
      const register = api.commands.registerCommand as (command: unknown, handler: unknown) => unknown;
      assert.throws(() => register(5, () => 1), /expects a name and a function/);
      assert.throws(() => register('mine.x', 'text'), /expects a name and a function/);
      register('mine.x', () => 1);
      assert.throws(() => register('mine.x', () => 1), { code: 'command.exists', where: 'mine' });
    });

    it('runs commands through the core, and lists them', async () => {
      assert.deepEqual(await api.commands.executeCommand('other.x', 1, 'two'), [
        'mine',
        'other.x',
        [1, 'two'],
      ]);
      assert.deepEqual(await api.commands.getCommands(), ['a', 'b']);
      await assert.rejects(api.commands.executeCommand('none'), {
        code: 'command.notFound',
        message: 'no such command',
      });
    });

    it('passes on what a command threw, with its name and code', async () => {
      await assert.rejects(api.commands.executeCommand('other.fail'), {
        name: 'RangeError',
        code: 'E_FAR',
        message: 'the plugin "other" failed: too far',
      });
    });

    it('names the command whose arguments cannot be sent, and the place in them', async () => {
      await assert.rejects(api.commands.executeCommand('other.x', 1n), {
        code: 'rpc.unencodable',
        message: 'the command "other.x" was not run: args[0] is a bigint',
      });
      await assert.rejects(api.commands.executeCommand('other.x', 1, { list: [{ when: new Date() }] }), {
        code: 'rpc.unencodable',
        message:
          'the command "other.x" was not run: args[1].list[0].when is a Date; pass its toISOString() or getTime()',
      });
    });

    it('refuses a result that cannot be sent, with the place in it', async () => {
      api.commands.registerCommand('mine.map', () => ({ viewers: new Map([['a', 1]]) }));
      await assert.rejects(execute('mine.map'), {
        code: 'plugin.failed',
        message:
          'the plugin "mine" failed: the command "mine.map": its result.viewers is a Map; pass Object.fromEntries() of it',
      });
    });
  });

  describe('configuration', () => {
    const configure = async (settings: Record<string, Record<string, string | readonly string[] | null>>) => {
      core.sendNotification(PluginSettingsNotification.type, { settings, origins: {}, secrets: {} });
      await settled();
    };

    it('has the values, and none for null', async () => {
      await configure({ mine: { mood: 'good', channel: null } });
      assert.equal(api.configuration.get('mood'), 'good');
      assert.equal(api.configuration.get('channel'), undefined);
      assert.throws(() => api.configuration.get('other'), { code: 'plugin.invalid', where: 'mine' });
    });

    it('fires for what has changed in its own settings only', async () => {
      const seen: boolean[][] = [];
      api.configuration.onDidChange(({ affectsConfiguration }) =>
        seen.push([affectsConfiguration('mood'), affectsConfiguration('words')]),
      );
      await configure({ mine: { mood: 'good', words: ['a'] }, other: { x: 'a' } });
      await configure({ mine: { mood: 'bad', words: ['a'] }, other: { x: 'a' } });
      await configure({ mine: { mood: 'bad', words: ['a'] }, other: { x: 'b' } });
      await configure({ mine: { mood: 'bad', words: ['b'] }, other: { x: 'b' } });
      assert.deepEqual(seen, [
        [true, false],
        [false, true],
      ]);
    });
  });

  describe('secrets', () => {
    it('are read, stored, listed and deleted', async () => {
      const storage = services.secrets.createStorage(scope);
      assert.equal(await storage.get('key'), undefined);
      await storage.store('key', 'value');
      assert.equal(await storage.get('key'), 'value');
      assert.deepEqual(await storage.keys(), ['key']);
      await storage.delete('key');
      assert.deepEqual(await storage.keys(), []);
      await assert.rejects(
        (storage.store as (key: string, value: unknown) => Promise<void>)('key', 5),
        TypeError,
      );
      assert.deepEqual(await storage.keys(), []);
    });
  });

  describe('stored state', () => {
    it('is loaded, changed and written', async () => {
      stored = { a: '1' };
      const state = services.storage.createMemento(scope);
      await state.load();
      const { memento } = state;
      assert.equal(memento.get('a'), 1);
      assert.equal(memento.get('b', 'none'), 'none');
      await memento.update('b', ['x']);
      await memento.update('a', undefined);
      assert.deepEqual(memento.keys(), ['b']);
      assert.deepEqual(memento.get('b'), ['x']);
      assert.deepEqual(sent, [
        ['update', { plugin: 'mine', key: 'b', value: '["x"]' }],
        ['update', { plugin: 'mine', key: 'a', value: null }],
      ]);
    });

    it('is as it was where it could not be written', async () => {
      stored = { a: '1' };
      const state = services.storage.createMemento(scope);
      await state.load();
      refuseWrites = true;
      const writing = state.memento.update('a', 2);
      assert.equal(state.memento.get('a'), 2);
      await assert.rejects(writing, { code: 'storage.failed' });
      assert.equal(state.memento.get('a'), 1);
    });

    it('is sent in pieces that a message can hold', async () => {
      const { memento } = services.storage.createMemento(scope);
      const text = (length: number) => 'x'.repeat(length - 2);
      await memento.update('fits', text(MAX_PIECE_CHARACTERS));
      assert.equal(sent.length, 1);
      sent = [];
      for (const key of ['one', 'two']) await memento.update(key, text(2 * MAX_PIECE_CHARACTERS + 1));
      const transfers = sent as [string, number | { transfer: number; value: string }, string][];
      assert.deepEqual(
        transfers.map(([kind]) => kind),
        ['stage', 'stage', 'update', 'stage', 'stage', 'update'],
      );
      const values = [transfers.slice(0, 3), transfers.slice(3)].map(([first, second, last]) => {
        const update = last?.[1] as { transfer: number; value: string };
        assert.deepEqual([first?.[1], second?.[1]], [update.transfer, update.transfer]);
        assert.equal(first?.[2].length, MAX_PIECE_CHARACTERS);
        return { transfer: update.transfer, value: `${first?.[2]}${second?.[2]}${update.value}` };
      });
      assert.deepEqual(
        values.map(({ value }) => value),
        Array(2).fill(JSON.stringify(text(2 * MAX_PIECE_CHARACTERS + 1))),
      );
      assert.notEqual(values[0]?.transfer, values[1]?.transfer);
    });

    it("of a profile follows the core's profile", async () => {
      stored = { a: '"home"' };
      const state = services.profile.createMemento(scope);
      await state.load();
      const seen: unknown[] = [];
      api.env.onDidChangeProfile((name) => seen.push([name, state.memento.get('a')]));
      const become = async (name: string) => {
        core.sendNotification(ProfileNotification.type, { profile: name });
        for (let turn = 0; turn < 3; turn++) await settled();
      };
      await become('default');
      [profile, stored] = ['work', { a: '"work"' }];
      await become('work');
      assert.deepEqual(seen, [['work', 'work']]);
      assert.equal(api.env.profile, 'work');
      await state.memento.update('a', 'new');
      assert.deepEqual(sent, [['update', { plugin: 'mine', profile: 'work', key: 'a', value: '"new"' }]]);
    });
  });

  describe('messages', () => {
    it('are shown without waiting if they have no actions', async () => {
      assert.equal(await api.window.showWarningMessage('watch out'), undefined);
      await settled();
      assert.deepEqual(sent, [['message', { plugin: 'mine', type: 2, message: 'watch out' }]]);
    });

    it('may have options before their actions, as in VS Code', async () => {
      const { showInformationMessage, showWarningMessage } = api.window;
      await showInformationMessage('hello', { detail: 'and more', unknown: 5 } as object);
      await settled();
      assert.deepEqual(sent.splice(0), [
        ['message', { plugin: 'mine', type: 3, message: 'hello', detail: 'and more' }],
      ]);
      answer = 'Yes';
      const options = { modal: true, detail: 'It ends.', timeoutMs: 5000 };
      assert.equal(await showWarningMessage('sure?', options, 'Yes', 'No'), 'Yes');
      assert.deepEqual(sent, [['question', ['Yes', 'No']]]);
      assert.deepEqual(asked, options);
    });

    it('refuse an action that is not text, and an option of another type', async () => {
      const show = api.window.showInformationMessage as (...args: unknown[]) => Promise<unknown>;
      await assert.rejects(show('x', { title: 'Yes' }), {
        name: 'TypeError',
        message: 'the actions of a message are texts; number 1 is not: pass "Yes" alone',
      });
      await assert.rejects(show('x', {}, 'Yes', 5), /number 2 is not$/);
      await assert.rejects(show('x', { detail: 5 }), /detail is text/);
      for (const timeoutMs of [0, -1, Number.NaN, 'soon'])
        await assert.rejects(show('x', { timeoutMs }, 'Yes'), /timeoutMs is a number/);
      assert.deepEqual(sent, []);
    });

    it('return the action that was chosen', async () => {
      answer = 'No';
      assert.equal(await api.window.showErrorMessage('sure?', 'Yes', 'No'), 'No');
      answer = undefined;
      assert.equal(await api.window.showInformationMessage('sure?', 'Yes'), undefined);
      assert.deepEqual(sent, [
        ['question', ['Yes', 'No']],
        ['question', ['Yes']],
      ]);
      assert.deepEqual(scope.left(), []);
    });

    it('are logged with their level and arguments while the channel is open', async () => {
      const channel = api.window.createOutputChannel('chat');
      channel.trace('a');
      channel.debug('b');
      channel.info('c %s', 1, { x: 2 });
      channel.warn('d');
      channel.error('e');
      channel.dispose();
      channel.info('late');
      await settled();
      assert.equal(channel.name, 'chat');
      assert.deepEqual(sent, [
        ['log', 'chat', 4, 'a'],
        ['log', 'chat', 5, 'b'],
        ['log', 'chat', 3, 'c 1 { x: 2 }'],
        ['log', 'chat', 2, 'd'],
        ['log', 'chat', 1, 'e'],
      ]);
    });
  });

  describe('progress', () => {
    it('is begun, reported within 0 and 100, and ended', async () => {
      const result = await api.window.withProgress({ title: 'Work' }, async (progress) => {
        progress.report({ message: 'low', increment: -5 });
        return 'done';
      });
      await api.window.withProgress({ title: 'More', cancellable: true }, (progress) => {
        progress.report({ increment: 150 });
      });
      await api.window.withProgress({ title: 'Part' }, (progress) => progress.report({ increment: 30 }));
      await settled();
      assert.equal(result, 'done');
      assert.deepEqual(sent, [
        ['1', { kind: 'begin', title: 'Work', cancellable: false }],
        ['1', { kind: 'report', message: 'low', percentage: 0 }],
        ['1', { kind: 'end' }],
        ['2', { kind: 'begin', title: 'More', cancellable: true }],
        ['2', { kind: 'report', percentage: 100 }],
        ['2', { kind: 'end' }],
        ['3', { kind: 'begin', title: 'Part', cancellable: false }],
        ['3', { kind: 'report', percentage: 30 }],
        ['3', { kind: 'end' }],
      ]);
    });

    it('ends with the error of its task', async () => {
      await assert.rejects(
        api.window.withProgress({ title: 'Work' }, () => Promise.reject(new Error('no luck'))),
        /no luck/,
      );
      await settled();
      assert.deepEqual(sent.at(-1), ['1', { kind: 'end' }]);
    });

    it('is cancelled by the streamer, or by the end of the plugin', async () => {
      for (const cancel of [
        (token: string) => core.sendNotification(CancelProgressNotification.type, { token }),
        () => scope.dispose(),
      ]) {
        sent = [];
        const work = api.window.withProgress(
          { title: 'Work', cancellable: true },
          (_progress, token) =>
            new Promise<string>((resolve) => token.onCancellationRequested(() => resolve('cancelled'))),
        );
        await settled();
        cancel((sent[0] as [string])[0]);
        assert.equal(await work, 'cancelled');
      }
    });
  });

  describe('status items', () => {
    it('show each new text until they are disposed of', async () => {
      const item = api.window.createStatusItem('mood');
      item.text = 'good';
      item.text = 'good';
      item.text = 'bad';
      assert.equal(item.text, 'bad');
      assert.equal(item.id, 'mood');
      assert.deepEqual(scope.left(), ['the status item "mood"']);
      item.dispose();
      item.text = 'late';
      await settled();
      assert.equal(item.text, '');
      assert.deepEqual(sent, [
        ['open', 'mood'],
        ['text', 'mood', 'good'],
        ['text', 'mood', 'bad'],
        ['text', 'mood', ''],
      ]);
    });
  });

  describe('the broadcast', () => {
    it('is started and stopped', async () => {
      await api.broadcast.start();
      await api.broadcast.stop();
      assert.deepEqual(sent, [
        ['start', 'mine'],
        ['stop', 'mine'],
      ]);
    });

    it('has markers, and an event for each new one', async () => {
      const seen: number[] = [];
      api.broadcast.onDidAddMarker(({ id }) => seen.push(id));
      const marker = (id: number) => ({ id, label: `m${id}`, timestampMs: id, atMs: id });
      const know = async (...ids: number[]) => {
        core.sendNotification(BroadcastMarkersNotification.type, { markers: ids.map(marker) });
        await settled();
      };
      assert.deepEqual(api.broadcast.markers, []);
      await know();
      await know(1);
      await know(1, 2, 3);
      assert.deepEqual(seen, [1, 2, 3]);
      assert.equal(api.broadcast.markers.length, 3);
      assert.equal((await api.broadcast.addMarker('here')).label, 'here');
      await assert.rejects(
        (api.broadcast.addMarker as (label: unknown) => Promise<unknown>)(5),
        /a marker's label is text/,
      );
    });

    it('has proposed events for plugins that may use them only', async () => {
      assert.throws(() => api.broadcast.onDidSplice(() => {}), {
        code: 'permission.denied',
        message: /Add "broadcastSplices" to "enabledApiProposals"/,
      });
      let splices = 0;
      pair.plugin('new', { apiProposals: ['broadcastSplices'] }).api.broadcast.onDidSplice(() => splices++);
      core.sendNotification(BroadcastSpliceNotification.type, { gapMs: 1, timestampMs: 2 });
      await settled();
      assert.equal(splices, 1);
    });
  });

  it('knows where it runs', () => {
    assert.equal(api.env.isolationTier, 'none');
    assert.equal(api.env.platform, process.platform);
  });

  it('refuses every call after the end of the plugin', async () => {
    const storage = services.secrets.createStorage(scope);
    const { memento } = services.storage.createMemento(scope);
    scope.dispose();
    for (const call of [
      async () => api.commands.registerCommand('mine.late', () => 1),
      () => api.commands.executeCommand('a'),
      () => api.commands.getCommands(),
      () => api.broadcast.start(),
      () => api.broadcast.stop(),
      () => api.broadcast.addMarker('late'),
      async () => api.broadcast.onDidStart(() => {}),
      () => api.events.fire('mine.late'),
      async () => api.events.on('other.late', () => {}),
      async () => api.extensions.getExtension('mine'),
      () => api.window.showInformationMessage('late'),
      () => api.window.showInformationMessage('late', 'Yes'),
      async () => api.window.createOutputChannel('late'),
      async () => api.window.createStatusItem('late'),
      () => api.window.withProgress({ title: 'late' }, () => 1),
      () => storage.get('key'),
      () => storage.store('key', 'value'),
      () => storage.delete('key'),
      async () => storage.keys(),
      () => memento.update('key', 1),
    ]) {
      await assert.rejects(call, /a call into the API: the plugin is no longer active/);
    }
    await settled();
    assert.deepEqual(sent, []);
  });
});
