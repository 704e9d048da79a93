import assert from 'node:assert/strict';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import type { PluginExports } from '../../../src/protocol/plugin-exports.js';
import {
  ActivateExtensionRequest,
  type CallExportParams,
  CallExportRequest,
  ExtensionChangedNotification,
  RunExportRequest,
} from '../../../src/protocol/plugin-extensions.js';
import { HostPair } from './host-pair.js';

interface Raids {
  version: number;
  greet(name: unknown, token?: unknown): string;
}

describe('what a plugin sees of others', () => {
  let pair: HostPair;
  let called: CallExportParams[];
  let answer: (params: CallExportParams) => unknown;

  beforeEach(() => {
    pair = new HostPair();
    called = [];
    answer = ({ path, arguments: args }) => [path, args];
    pair.core.onRequest(CallExportRequest.type, (params) => {
      called.push(params);
      return answer(params);
    });
    pair.core.onRequest(ActivateExtensionRequest.type, ({ id }) => {
      tell(id, true, { value: {}, functions: [['greet']] });
      return null;
    });
    pair.listen();
  });

  afterEach(() => pair.dispose());

  const tell = (id: string, active: boolean, exports?: PluginExports) =>
    pair.core.sendNotification(ExtensionChangedNotification.type, {
      id,
      extension: {
        id,
        packageJson: { name: id, version: '2.0.0', author: { name: 'you' } },
        path: `/p/${id}`,
        active,
        exports,
      },
    });
  const leave = (id: string) =>
    pair.core.sendNotification(ExtensionChangedNotification.type, { id, extension: null });
  const uses = { extensionDependencies: ['raids'], optionalExtensionDependencies: ['maybe'] };
  const plugin = (id = 'mine') => pair.plugin(id, uses).api;

  it('is what its manifest names, as it comes and goes', async () => {
    const api = plugin();
    const changes: string[][] = [];
    api.extensions.onDidChange(() => changes.push(api.extensions.all.map(({ id }) => id)));
    assert.equal(api.extensions.getExtension('raids'), undefined);
    tell('raids', false);
    tell('stranger', true);
    tell('mine', true);
    await pair.settled();
    assert.deepEqual(changes, [['raids'], ['mine', 'raids']]);
    const raids = api.extensions.getExtension('raids');
    assert.equal(raids, api.extensions.getExtension('raids'));
    assert.deepEqual([raids?.id, raids?.extensionPath, raids?.isActive], ['raids', '/p/raids', false]);
    assert.equal(raids?.packageJSON.version, '2.0.0');
    assert.ok(Object.isFrozen(raids?.packageJSON['author']));
    assert.throws(() => api.extensions.getExtension('stranger'), {
      code: 'permission.denied',
      message: 'the plugin "mine" may not use what the plugin "stranger" exports',
      remedy: /Name it in "extensionDependencies" or "optionalExtensionDependencies"/,
    });
    leave('raids');
    await pair.settled();
    assert.equal(api.extensions.getExtension('raids'), undefined);
  });

  it('has values, and functions that are calls', async () => {
    const api = plugin();
    tell('raids', true, { value: { version: 2 }, functions: [['greet']] });
    await pair.settled();
    const raids = api.extensions.getExtension<Raids>('raids')?.exports;
    assert.equal(raids?.version, 2);
    assert.deepEqual(await raids?.greet('you'), [['greet'], ['you']]);
    assert.deepEqual(called, [
      { plugin: 'mine', id: 'raids', path: ['greet'], arguments: ['you'], cancellable: false },
    ]);
    await assert.rejects(raids?.greet(new Set()) ?? assert.fail(), {
      code: 'rpc.unencodable',
      message: 'exports.greet of the plugin "raids" was not run: args[0] is a Set; pass a list of it',
    });
  });

  it('stays while the plugin is restarted, and is another one then', async () => {
    const api = plugin();
    tell('raids', true, { value: { version: 2 }, functions: [['greet']] });
    await pair.settled();
    const extension = api.extensions.getExtension<Raids>('raids');
    const before = extension?.exports;
    tell('raids', false);
    await pair.settled();
    assert.equal(extension?.isActive, false);
    assert.equal(extension?.exports, before);
    tell('raids', true, { value: { version: 3 }, functions: [['greet']] });
    await pair.settled();
    assert.deepEqual([extension?.isActive, extension?.exports?.version, before?.version], [true, 3, 2]);
    assert.ok(await before?.greet('you'));
    tell('raids', true);
    await pair.settled();
    assert.equal(extension?.exports, undefined);
  });

  it('is copied for each plugin of a host', async () => {
    const [one, two] = [plugin('one'), plugin('two')];
    tell('raids', true, { value: { version: 2, list: [1] }, functions: [] });
    await pair.settled();
    const [a, b] = [one, two].map(({ extensions }) => extensions.getExtension('raids')?.exports);
    assert.deepEqual(a, b);
    assert.notEqual(a, b);
  });

  it('throws what the other plugin throws, by its name and code', async () => {
    const api = plugin();
    tell('raids', true, { functions: [['greet']], value: {} });
    await pair.settled();
    answer = () => {
      const cause = Object.assign(new Error('no device'), { name: 'DeviceError', code: 'EDEVICE' });
      throw new BulkheadError(
        ErrorCodes.pluginFailed,
        'the plugin "raids" failed: exports.greet: no device',
        {
          where: 'raids',
          cause,
        },
      );
    };
    await assert.rejects(
      api.extensions.getExtension<Raids>('raids')?.exports?.greet('you') ?? assert.fail(),
      {
        name: 'DeviceError',
        code: 'EDEVICE',
        message: 'the plugin "raids" failed: exports.greet: no device',
      },
    );
  });

  it('is activated on request', async () => {
    const api = plugin();
    tell('maybe', false);
    await pair.settled();
    const maybe = api.extensions.getExtension<Raids>('maybe');
    assert.equal(maybe?.exports, undefined);
    const exported = await maybe?.activate();
    assert.equal(maybe?.isActive, true);
    assert.deepEqual(await exported?.greet('you'), [['greet'], ['you']]);
  });

  describe('and exports', () => {
    const run = (path: string[], args: unknown[] = [], more: object = {}, options = {}) =>
      pair.core.sendRequest(
        RunExportRequest.type,
        { plugin: 'mine', path, arguments: args, ...more },
        options,
      );

    it('is run by its path, until its end', async () => {
      const { scope } = pair.plugin('mine');
      const { extensions } = pair.services;
      assert.equal(extensions.publish(scope, undefined), undefined);
      const data = extensions.publish(scope, {
        api: { add: (a: number, b: number) => a + b, bad: () => new Map() },
      });
      assert.deepEqual(data?.functions, [
        ['api', 'add'],
        ['api', 'bad'],
      ]);
      assert.equal(await run(['api', 'add'], [2, 3]), 5);
      await assert.rejects(run(['api', 'bad']), {
        code: 'plugin.failed',
        message: /^the plugin "mine" failed: exports\.api\.bad: its result is a Map/,
      });
      await assert.rejects(run(['api', 'none']), {
        message: 'the plugin "mine" does not export exports.api.none now',
      });
      scope.dispose();
      await assert.rejects(run(['api', 'add'], [2, 3]), { code: 'plugin.failed' });
    });

    it('is told by a token that the result is no longer needed', async () => {
      const { scope } = pair.plugin('mine');
      const wait = (_word: string, token: { onCancellationRequested(listener: () => void): void }) =>
        new Promise((_resolve, reject) => {
          token.onCancellationRequested(() => reject(new Error('stopped')));
        });
      pair.services.extensions.publish(scope, { wait });
      const source = new CancellationTokenSource();
      const cancelled = assert.rejects(
        run(['wait'], ['word'], { cancellable: true }, { token: source.token }),
        {
          code: 'rpc.cancelled',
          message: 'exports.wait of the plugin "mine" was cancelled',
        },
      );
      await pair.settled();
      source.cancel();
      await cancelled;
    });
  });
});
