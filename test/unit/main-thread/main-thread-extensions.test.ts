import assert from 'node:assert/strict';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { MainThreadExtensions } from '../../../src/core/main-thread/main-thread-extensions.js';
import { PluginDirectory } from '../../../src/core/main-thread/plugin-directory.js';
import { exportsIn } from '../../../src/core/main-thread/plugin-exports.js';
import { Questions } from '../../../src/core/streamer/questions.js';
import {
  ActivateExtensionRequest,
  CallExportRequest,
  ExtensionChangedNotification,
  type ExtensionChangedParams,
  type RunExportParams,
  RunExportRequest,
} from '../../../src/protocol/plugin-extensions.js';
import { FakeClock } from '../../support/fake-clock.js';
import { SILENT_LOG } from '../../support/silent-log.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

describe('what plugins export for each other', () => {
  const user = installedPlugin('user', { optionalExtensionDependencies: ['other', 'missing'] });
  const other = installedPlugin('other');
  const exports = { value: { version: 1 }, functions: [['greet'], ['api', 'hang']] };
  let clock: FakeClock;
  let directory: PluginDirectory;
  let near: FakeHost;
  let far: FakeHost;
  /** What the host of `user` has been told. */
  let told: ExtensionChangedParams[];
  /** How the host of `other` runs an exported function. */
  let run: (params: RunExportParams) => unknown;
  let logged: [message: string, details: { readonly [key: string]: unknown }][];

  beforeEach(() => {
    clock = new FakeClock();
    told = [];
    logged = [];
    run = ({ path, arguments: args }) => `${path.join('.')}(${args.join(', ')})`;
    directory = new PluginDirectory();
    directory.set([user, other]);
    const namespace = () => new MainThreadExtensions(directory, { commandMs: 500 }, new Questions());
    near = new FakeHost(namespace(), [user], (connection) => {
      connection.onNotification(ExtensionChangedNotification.type, (params) => told.push(params));
    });
    far = new FakeHost(
      namespace(),
      [other],
      (connection) => {
        connection.onNotification(ExtensionChangedNotification.type, () => {});
        connection.onRequest(RunExportRequest.type, (params) => run(params));
      },
      { ...SILENT_LOG, error: (message, details) => logged.push([message, { ...details }]) },
    );
  });

  afterEach(() => {
    near.dispose();
    far.dispose();
    directory.dispose();
    clock.restore();
  });

  const call = (path: unknown, args: unknown = [], more: object = {}, host = near) =>
    host.request(CallExportRequest.method, { plugin: 'user', id: 'other', path, arguments: args, ...more });
  /** What was sent to the host before has arrived. */
  const settled = () => call(['none']).catch(() => {});
  const states = () => told.map(({ id, extension }) => [id, extension?.active ?? null]);

  it('are told to those that name them, as they come and go', async () => {
    await settled();
    assert.deepEqual(states(), [
      ['user', false],
      ['other', false],
      ['missing', null],
    ]);
    told.length = 0;
    far.didActivate.fire({ id: 'other', exports });
    directory.set([user, other, installedPlugin('missing'), installedPlugin('stranger')]);
    far.served.dispose();
    directory.set([user]);
    await settled();
    assert.deepEqual(states(), [
      ['other', true],
      ['missing', false],
      ['other', false],
      ['other', null],
      ['missing', null],
    ]);
    assert.deepEqual(told[0]?.extension?.exports, exports);
    assert.equal(told[2]?.extension?.exports, undefined);
  });

  it('are not told again when nothing has changed', async () => {
    await settled();
    told.length = 0;
    directory.set([{ ...user }, { ...other, packageJson: { ...other.packageJson } }]);
    await settled();
    assert.deepEqual(told, []);
  });

  it('are called in the host of the plugin, while it is active', async () => {
    await assert.rejects(call(['greet'], ['you']), {
      code: 'plugin.failed',
      message: 'exports.greet: the plugin "other" is not active',
    });
    far.didActivate.fire({ id: 'other', exports });
    assert.equal(await call(['greet'], ['you', 1]), 'greet(you, 1)');
    await assert.rejects(call(['version']), { message: /the plugin "other" exports no such function$/ });
    far.willDeactivate.fire('other');
    await assert.rejects(call(['greet']), { message: /is not active$/ });
    far.didActivate.fire({ id: 'other', exports });
    assert.equal(await call(['greet']), 'greet()');
    directory.set([user]);
    await assert.rejects(call(['greet']), { message: /the plugin "other" does not run$/ });
  });

  it('are refused to plugins that do not name the other one', async () => {
    far.didActivate.fire({ id: 'other', exports });
    near.didActivate.fire({ id: 'user', exports });
    for (const method of [CallExportRequest.method, ActivateExtensionRequest.method]) {
      await assert.rejects(
        far.request(method, { plugin: 'other', id: 'user', path: ['greet'], arguments: [] }),
        {
          code: 'permission.denied',
          message: 'the plugin "other" may not use what the plugin "user" exports',
        },
      );
    }
    await assert.rejects(call(['greet'], [], { plugin: 'other' }), { code: 'permission.denied' });
  });

  it('fail by name when they throw, take too long, or their host ends; the log has it for the author', async () => {
    far.didActivate.fire({ id: 'other', exports });
    run = () => new Promise(() => {});
    const late = assert.rejects(call(['api', 'hang']), {
      code: 'plugin.failed',
      message: 'the plugin "other" failed: exports.api.hang did not respond within 500 ms',
    });
    await clock.pass(500);
    await late;
    assert.deepEqual(
      logged.map(([, details]) => details),
      [{ plugin: 'other', export: 'exports.api.hang' }],
    );
    const ended = assert.rejects(call(['greet']), {
      message: 'the plugin "other" ended before exports.greet was done',
    });
    await clock.settle();
    far.connection.dispose();
    await ended;
    assert.equal(logged.length, 1);
  });

  it('are bounded for each plugin that calls', async () => {
    far.didActivate.fire({ id: 'other', exports });
    run = () => new Promise(() => {});
    for (let count = 0; count < 128; count++) call(['greet']).catch(() => {});
    await clock.settle();
    await assert.rejects(call(['greet']), {
      code: 'rpc.busy',
      message: '128 calls of the plugin "user" to the host of other wait for an answer already',
    });
  });

  it('are cancelled with the call', async () => {
    far.didActivate.fire({ id: 'other', exports });
    let asked: unknown;
    far.dispose();
    far = new FakeHost(
      new MainThreadExtensions(directory, { commandMs: 500 }, new Questions()),
      [other],
      (connection) => {
        connection.onNotification(ExtensionChangedNotification.type, () => {});
        connection.onRequest(RunExportRequest.type, ({ cancellable }, token) => {
          asked = cancellable;
          return new Promise((_resolve, reject) => {
            token.onCancellationRequested(() => reject(new Error('stopped')));
          });
        });
      },
    );
    far.didActivate.fire({ id: 'other', exports });
    const source = new CancellationTokenSource();
    const params = { plugin: 'user', id: 'other', path: ['greet'], arguments: [], cancellable: true };
    const cancelled = assert.rejects(near.request(CallExportRequest.method, params, source.token), {
      code: 'rpc.cancelled',
    });
    await clock.settle();
    source.cancel();
    await cancelled;
    assert.equal(asked, true);
  });

  it('are activated on request', async () => {
    const asked: string[] = [];
    directory.activateBy(async (id) => {
      asked.push(id);
      far.didActivate.fire({ id, exports });
    });
    const activate = (id: string) => near.request(ActivateExtensionRequest.method, { plugin: 'user', id });
    assert.equal(await activate('other'), null);
    // The host knows it before the answer.
    assert.equal(told.at(-1)?.extension?.active, true);
    await assert.rejects(activate('missing'), {
      code: 'plugin.failed',
      message: 'there is no plugin "missing"',
    });
    assert.deepEqual(asked, ['other']);
  });

  it('are bounded, whatever a host says', () => {
    assert.equal(exportsIn({}, 'p'), undefined);
    assert.deepEqual(exportsIn({ exports }, 'p'), exports);
    const path = Array.from({ length: 11 }, () => 'a');
    for (const wrong of [
      null,
      { exports: 5 },
      { exports: { functions: Array.from({ length: 201 }, () => ['a']) } },
      { exports: { functions: [path] } },
      { exports: { functions: [['n'.repeat(101)]] } },
      { exports: { functions: [], value: 'x'.repeat(65_536) } },
    ]) {
      assert.throws(() => exportsIn(wrong, 'p'), {
        code: 'plugin.failed',
        message: /^the plugin "p" failed: activate: /,
      });
    }
  });
});
