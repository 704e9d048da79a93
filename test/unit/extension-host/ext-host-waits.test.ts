import assert from 'node:assert/strict';
import type { Progress } from '@bulkhead/extension-api';
import {
  PluginStartsBroadcastRequest,
  PluginStopsBroadcastRequest,
} from '../../../src/protocol/plugin-broadcast.js';
import {
  ExecuteCommandRequest,
  RegisterCommandRequest,
  RunCommandForPluginRequest,
  UnregisterCommandRequest,
} from '../../../src/protocol/plugin-commands.js';
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
import { PluginQuestionRequest } from '../../../src/protocol/plugin-window.js';
import { FakeClock } from '../../support/fake-clock.js';
import { HostPair } from './host-pair.js';

describe('calls of a plugin that take time', () => {
  let pair: HostPair;
  let clock: FakeClock;

  beforeEach(() => {
    clock = new FakeClock();
    pair = new HostPair();
  });
  afterEach(() => {
    pair.dispose();
    clock.restore();
  });

  /** How a promise has ended, if it has. */
  function outcome(promise: Promise<unknown>): { value?: unknown; error?: { code: string; where: string } } {
    const seen: ReturnType<typeof outcome> = {};
    promise.then(
      (value) => Object.assign(seen, { value }),
      (error: unknown) => Object.assign(seen, { error }),
    );
    return seen;
  }

  describe('commands', () => {
    it('wait as long as the core does, whose plugin may wait for the streamer', async () => {
      pair.core.onRequest(RunCommandForPluginRequest.type, () => new Promise(() => {}));
      pair.listen();
      const seen = outcome(pair.plugin('mine').api.commands.executeCommand('other.x'));
      await clock.pass(600_000, 60_000);
      assert.deepEqual(seen, {});
    });

    it('are run without arguments if the core sends none', async () => {
      pair.core.onRequest(RegisterCommandRequest.type, () => null);
      pair.core.onRequest(UnregisterCommandRequest.type, () => null);
      pair.listen();
      const { api, scope } = pair.plugin('mine');
      api.commands.registerCommand('mine.count', (...args: unknown[]) => args.length);
      assert.equal(await pair.core.sendRequest(ExecuteCommandRequest.type, { command: 'mine.count' }), 0);
      scope.dispose();
      await assert.rejects(pair.core.sendRequest(ExecuteCommandRequest.type, { command: 'mine.count' }), {
        code: 'command.notFound',
        message: 'there is no command "mine.count"',
      });
    });

    it('say which registration the core refused, to the activation and later to the core', async () => {
      pair.core.onRequest(RegisterCommandRequest.type, () => {
        throw new Error('taken');
      });
      pair.core.onRequest(UnregisterCommandRequest.type, () => null);
      pair.listen();
      const { api, scope } = pair.plugin('mine');
      api.commands.registerCommand('mine.a', () => 1);
      await assert.rejects(scope.started(), /taken/);
      api.commands.registerCommand('mine.b', () => 1);
      await clock.settle();
      assert.deepEqual(pair.reported, ['the plugin "mine" failed: registering the command "mine.b": taken']);
    });

    it('name the one whose arguments are too long, with the reason', async () => {
      pair.listen();
      const { api } = pair.plugin('mine');
      const call = api.commands.executeCommand('other.x', 'x'.repeat(17 * 1024 * 1024));
      await assert.rejects(
        call,
        (error: { code: string; message: string; where: string; cause: { code: string } }) => {
          assert.deepEqual(
            [error.code, error.where, error.cause.code],
            ['rpc.tooLarge', 'mine', 'rpc.tooLarge'],
          );
          assert.match(error.message, /^the command "other\.x" was not run: /);
          return true;
        },
      );
    });

    it('may be removed after the core has gone', async () => {
      pair.core.onRequest(RegisterCommandRequest.type, () => null);
      pair.listen();
      const registration = pair.plugin('mine').api.commands.registerCommand('mine.a', () => 1);
      await clock.settle();
      pair.host.dispose();
      registration.dispose();
      await clock.settle();
    });
  });

  it('a stop of the broadcast may take a minute, a start as long as other calls', async () => {
    pair.core.onRequest(PluginStopsBroadcastRequest.type, () => new Promise<null>(() => {}));
    pair.core.onRequest(PluginStartsBroadcastRequest.type, () => new Promise<null>(() => {}));
    pair.listen();
    const { broadcast } = pair.plugin('mine').api;
    const stop = outcome(broadcast.stop());
    const start = outcome(broadcast.start());
    await clock.pass(10_100, 10_000);
    assert.equal(start.error?.code, 'rpc.timeout');
    await clock.pass(49_800, 40_000);
    assert.deepEqual(stop, {});
    await clock.pass(200);
    assert.equal(stop.error?.code, 'rpc.timeout');
  });

  describe('questions', () => {
    let withdrawn: number;
    beforeEach(() => {
      withdrawn = 0;
      pair.core.onRequest(
        PluginQuestionRequest.type,
        (_params, token) =>
          new Promise<null>((resolve) =>
            token.onCancellationRequested(() => {
              withdrawn++;
              resolve(null);
            }),
          ),
      );
      pair.listen();
    });

    it('wait as long as the core lets them, and are withdrawn at the end of the plugin', async () => {
      const { api, scope } = pair.plugin('mine');
      const seen = outcome(api.window.showWarningMessage('sure?', 'Yes'));
      await clock.pass(3_600_000, 1_000_000);
      assert.deepEqual([seen, withdrawn], [{}, 0]);
      scope.dispose();
      await clock.settle();
      assert.deepEqual([seen, withdrawn], [{ value: undefined }, 1]);
    });
  });

  describe('progress', () => {
    let sent: unknown[];
    beforeEach(() => {
      sent = [];
      pair.core.onNotification(PluginProgressNotification.type, ({ plugin, value }) => {
        assert.equal(plugin, 'mine');
        sent.push(value);
      });
      pair.listen();
    });

    /** Starts work that lasts until `end` is called. */
    async function begin(title = 'Work') {
      const { api, scope } = pair.plugin('mine');
      let end = (): void => {};
      let progress: Progress = { report: () => {} };
      let cancelled = false;
      const work = api.window.withProgress({ title, cancellable: true }, (given, token) => {
        progress = given;
        token.onCancellationRequested(() => {
          cancelled = true;
        });
        return new Promise<void>((resolve) => {
          end = resolve;
        });
      });
      await clock.settle();
      sent.length = 0;
      return { work, end: () => end(), progress, scope, isCancelled: () => cancelled };
    }

    it('is sent at once, and then combined, at most every 100 ms', async () => {
      const { work, end, progress } = await begin();
      progress.report({ message: 'a', increment: 10 });
      await clock.settle();
      assert.deepEqual(sent, [{ kind: 'report', message: 'a', percentage: 10 }]);
      await clock.pass(40);
      progress.report({ increment: 10 });
      progress.report({ message: 'b' });
      progress.report({ increment: 15 });
      await clock.pass(59);
      assert.equal(sent.length, 1);
      await clock.pass(1);
      assert.deepEqual(sent.slice(1), [{ kind: 'report', message: 'b', percentage: 35 }]);
      await clock.pass(100);
      assert.equal(sent.length, 2);
      progress.report({ increment: -5 });
      await clock.settle();
      assert.deepEqual(sent.slice(2), [{ kind: 'report', message: 'b', percentage: 30 }]);
      await clock.pass(99);
      progress.report({ message: 'c' });
      await clock.settle();
      assert.equal(sent.length, 3);
      await clock.pass(1);
      assert.deepEqual(sent.slice(3), [{ kind: 'report', message: 'c', percentage: 30 }]);
      end();
      await work;
      await clock.settle();
      assert.deepEqual(sent.slice(4), [{ kind: 'end' }]);
    });

    it('is not sent after its end, not even what was waiting', async () => {
      const { work, end, progress, isCancelled } = await begin();
      progress.report({ increment: 1 });
      progress.report({ increment: 1 });
      assert.equal(clock.pending, 1);
      end();
      await work;
      assert.equal(clock.pending, 0);
      progress.report({ message: 'late' });
      await clock.pass(200);
      assert.deepEqual(sent, [{ kind: 'report', percentage: 1 }, { kind: 'end' }]);
      assert.equal(isCancelled(), false);
    });

    it('of one is cancelled without another, and none that has ended or never was', async () => {
      const first = await begin();
      const second = await begin();
      const cancel = async (token: string | number) => {
        pair.core.sendNotification(CancelProgressNotification.type, { token });
        await clock.settle();
        return [first.isCancelled(), second.isCancelled()];
      };
      const failures: unknown[] = [];
      pair.host.onDidFailHandler((failure) => failures.push(failure));
      first.end();
      await first.work;
      assert.deepEqual(await cancel('1'), [false, false]);
      assert.deepEqual(await cancel('other'), [false, false]);
      assert.deepEqual(await cancel(2), [false, true]);
      assert.deepEqual(failures, []);
      second.end();
      await second.work;
    });

    it('has a title of text, and can be cancelled only if asked for', async () => {
      const { api } = pair.plugin('mine');
      await api.window.withProgress({ title: 5 as unknown as string }, () => 1);
      await clock.settle();
      assert.deepEqual(sent[0], { kind: 'begin', title: '5', cancellable: false });
    });
  });

  describe('status items', () => {
    it('say which one the core refused', async () => {
      pair.core.onRequest(OpenStatusItemRequest.type, () => {
        throw new Error('not declared');
      });
      pair.listen();
      const { api, scope } = pair.plugin('mine');
      api.window.createStatusItem('mood');
      await assert.rejects(scope.started(), /not declared/);
      api.window.createStatusItem('other');
      await clock.settle();
      assert.deepEqual(pair.reported, ['the plugin "mine" failed: the status item "other": not declared']);
    });

    it('belong to the plugin, have a text of text, and are empty without a message if they were', async () => {
      const sent: unknown[] = [];
      pair.core.onRequest(OpenStatusItemRequest.type, (params) => {
        sent.push(params);
        return null;
      });
      pair.core.onNotification(StatusItemNotification.type, (params) => void sent.push(params));
      pair.listen();
      const { api, scope } = pair.plugin('mine');
      const [mood, other] = ['mood', 'other'].map((id) => api.window.createStatusItem(id));
      assert.ok(mood && other);
      mood.text = 5 as unknown as string;
      other.dispose();
      assert.deepEqual(scope.left(), ['the status item "mood"']);
      await clock.settle();
      assert.deepEqual(sent, [
        { plugin: 'mine', id: 'mood' },
        { plugin: 'mine', id: 'other' },
        { plugin: 'mine', id: 'mood', text: '5' },
      ]);
    });
  });

  it('secrets are asked for and stored in the name of the plugin', async () => {
    const sent: unknown[] = [];
    const take = (params: unknown) => {
      sent.push(params);
      return null;
    };
    pair.core.onRequest(GetSecretRequest.type, take);
    pair.core.onRequest(StoreSecretRequest.type, take);
    pair.core.onRequest(ListSecretsRequest.type, (params) => {
      sent.push(params);
      return [];
    });
    pair.listen();
    const storage = pair.services.secrets.createStorage(pair.plugin('mine').scope);
    assert.equal(await storage.get('a'), undefined);
    await storage.store('a', '');
    await storage.delete('a');
    assert.deepEqual(await storage.keys(), []);
    assert.deepEqual(sent, [
      { plugin: 'mine', key: 'a' },
      { plugin: 'mine', key: 'a', value: '' },
      { plugin: 'mine', key: 'a', value: null },
      { plugin: 'mine' },
    ]);
  });
});
