import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  createExtensionHostPart,
  extensionHostPart,
} from '../../../src/extension-host/extension-host-part.js';
import { pluginApis } from '../../../src/extension-host/plugin-apis.js';
import { processFaults } from '../../../src/process-host/process-faults.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import {
  ActivatePluginRequest,
  API_VERSION,
  DeactivatePluginRequest,
  type PluginDescription,
  PluginErrorNotification,
} from '../../../src/protocol/extension-host.js';
import { RegisterCommandRequest, UnregisterCommandRequest } from '../../../src/protocol/plugin-commands.js';
import { ReadProfileStateRequest, ReadStateRequest } from '../../../src/protocol/plugin-storage.js';
import { BeginUpgradeRequest } from '../../../src/protocol/plugin-upgrades.js';
import { PluginLogNotification } from '../../../src/protocol/plugin-window.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { pluginDescription } from './host-pair.js';

/** Filled by the plugins of these tests, which run in this process. */
const events: unknown[] = [];
Object.assign(globalThis, { hostedEvents: events });

describe('a plugin in its host', () => {
  let folder: TempDir;
  let core: RpcConnection;
  let far: RpcConnection;
  let host: { dispose(): void };
  let reports: string[];
  let exits: number[];
  let refuse: string | undefined;

  beforeEach(() => {
    folder = tempDir('hosted');
    events.length = 0;
    refuse = undefined;
    start();
  });
  afterEach(() => {
    end();
    folder.dispose();
  });

  function start(part = extensionHostPart): void {
    reports = [];
    exits = [];
    const [nearStream, farStream] = createInMemoryPair();
    core = new RpcConnection(nearStream, { peer: 'host' });
    far = new RpcConnection(farStream, { peer: 'core' });
    host = part.activate({ connection: far, exit: (code) => void exits.push(code) });
    core.onRequest(RegisterCommandRequest.type, () => {
      if (refuse !== undefined) throw new Error(refuse);
      return null;
    });
    core.onRequest(UnregisterCommandRequest.type, () => null);
    core.onRequest(ReadStateRequest.type, () => ({ stored: '"for all"' }));
    core.onRequest(BeginUpgradeRequest.type, () => ({ runs: [] }));
    core.onRequest(ReadProfileStateRequest.type, () => ({
      profile: 'default',
      values: { stored: '"for one"' },
    }));
    core.onNotification(PluginErrorNotification.type, ({ message }) => void reports.push(message));
    core.onNotification(PluginLogNotification.type, ({ channel, message }) => {
      events.push(['log', channel, message]);
    });
    core.listen();
    far.listen();
  }

  function end(): void {
    host.dispose();
    far.dispose();
    core.dispose();
  }

  function write(name: string, source: string): PluginDescription {
    const path = writePlugin(folder.path, name, { source });
    return { ...pluginDescription(name, { displayName: `The ${name}` }), path, main: join(path, 'main.mjs') };
  }

  const activate = (plugin: PluginDescription, deadlineMs = 5000) =>
    core.sendRequest(ActivatePluginRequest.type, { plugin, deadlineMs });
  const deactivate = (id: string, deadlineMs = 5000) =>
    core.sendRequest(DeactivatePluginRequest.type, { id, deadlineMs });

  /** A plugin whose `activate` and `deactivate` have these bodies. */
  const withBodies = (activateBody: string, deactivateBody: string) => `
    import { commands } from '@bulkhead/extension-api';
    const disposable = (name) => ({ dispose: () => void hostedEvents.push('disposed ' + name) });
    export async function activate(context) { ${activateBody} }
    export async function deactivate() { ${deactivateBody} }`;

  it('gets what describes it, what is stored, and a log of its name', async () => {
    const plugin = write(
      'context',
      withBodies(
        `hostedEvents.push(
          context.extension.id,
          context.extension.packageJSON.version,
          context.extension.extensionPath,
          context.extensionMode,
          context.storagePath,
          context.asAbsolutePath('data/x.json'),
          context.globalState.get('stored'),
          context.profileState.get('stored'),
          Object.isFrozen(context) && Object.isFrozen(context.extension) && Object.isFrozen(context.extension.packageJSON),
        );
        context.log.info('hello');`,
        '',
      ),
    );
    await activate(plugin);
    await eventually('the log', () => events.length === 10 || undefined);
    assert.deepEqual(
      events.filter((event) => !Array.isArray(event)),
      [
        'context',
        '1.0.0',
        plugin.path,
        'production',
        '/stored',
        join(plugin.path, 'data/x.json'),
        'for all',
        'for one',
        true,
      ],
    );
    assert.deepEqual(events.filter(Array.isArray), [['log', 'The context', 'hello']]);
  });

  it('keeps its subscriptions until its end: the last one first, after `deactivate`', async () => {
    await activate(
      write(
        'ends',
        withBodies(
          `context.subscriptions.push(disposable('a'), { dispose() { throw new Error('broken'); } }, disposable('b'));`,
          `hostedEvents.push('deactivate');`,
        ),
      ),
    );
    assert.deepEqual(events, []);
    assert.deepEqual(await deactivate('ends'), { left: [] });
    assert.deepEqual(events, ['deactivate', 'disposed b', 'disposed a']);
    await eventually('the report', () => reports.length > 0 || undefined);
    assert.deepEqual(reports, ['the plugin "ends" failed: disposing of a subscription: broken']);
  });

  it('says what it has left, at a deactivation only', async () => {
    const plugin = write(
      'leaves',
      withBodies(
        `commands.registerCommand('leaves.a', () => 1);
        context.subscriptions.push(commands.registerCommand('leaves.b', () => 1));`,
        '',
      ),
    );
    await activate(plugin);
    assert.deepEqual(await deactivate('leaves'), { left: ['the command "leaves.a"'] });
    assert.deepEqual(await deactivate('leaves'), { left: [] });
  });

  it('may do without `deactivate`', async () => {
    await activate(write('plain', 'export function activate() {}'));
    assert.deepEqual(await deactivate('plain'), { left: [] });
  });

  it('may be deactivated while it is being loaded, and is not activated then', async () => {
    const plugin = write(
      'loading',
      `while (!hostedEvents.includes('go')) await new Promise((resolve) => setTimeout(resolve, 5));
      export function activate() { hostedEvents.push('activated'); }`,
    );
    const activated = activate(plugin).catch(() => {});
    assert.deepEqual(await deactivate('loading'), { left: [] });
    events.push('go');
    await activated;
    assert.deepEqual(events, ['go']);
  });

  it('is gone even if `deactivate` fails, or is too slow', async () => {
    const subscribe = `context.subscriptions.push(disposable('a'));`;
    const fails = write('fails', withBodies(subscribe, `throw new Error('no luck');`));
    const hangs = write('hangs', withBodies(subscribe, 'await new Promise(() => {});'));
    for (const [plugin, why] of [
      [fails, 'no luck'],
      [hangs, 'it did not finish within 20 ms'],
    ] as const) {
      await activate(plugin);
      await assert.rejects(deactivate(plugin.id, 20), {
        code: 'plugin.failed',
        where: plugin.id,
        message: `the plugin "${plugin.id}" failed: deactivate: ${why}`,
      });
      assert.deepEqual(events.splice(0), ['disposed a']);
      await activate(plugin);
      await assert.rejects(deactivate(plugin.id, 20), { code: 'plugin.failed' });
      events.length = 0;
    }
  });

  it('fails with what failed: loading, `activate`, its deadline, or a registration', async () => {
    const failure = (plugin: PluginDescription, what: string) => ({
      code: 'plugin.failed',
      where: plugin.id,
      message: `the plugin "${plugin.id}" failed: ${what}`,
    });
    const unloadable = write('unloadable', `throw new Error('no module');`);
    await assert.rejects(activate(unloadable), failure(unloadable, 'loading: no module'));
    const broken = write('broken', withBodies(`throw new Error('no luck');`, ''));
    await assert.rejects(activate(broken), failure(broken, 'activate: no luck'));
    const never = write('never', `await new Promise(() => {});\n${withBodies('', '')}`);
    await assert.rejects(
      activate(never, 200),
      failure(
        never,
        'loading: its module was not loaded within 200 ms; a top-level await in it may wait for what never comes',
      ),
    );
    const slow = write('slow', withBodies('await new Promise(() => {});', ''));
    await assert.rejects(activate(slow, 500), failure(slow, 'activate: it did not finish within 500 ms'));
    refuse = 'taken';
    const refused = write('refused', withBodies(`commands.registerCommand('x', () => 1);`, ''));
    await assert.rejects(activate(refused), failure(refused, 'activate: taken'));
  });

  it('has no API after its end, and one again when it is active again', async () => {
    const plugin = write('again', withBodies('', ''));
    await activate(plugin);
    const api = pluginApis.apiFor(plugin.main);
    assert.equal(api.env.isolationTier, 'none');
    await deactivate('again');
    const inactive = `the plugin in ${plugin.path} is no longer active`;
    assert.throws(() => api.env.isolationTier, { message: inactive });
    await activate(plugin);
    assert.equal(api.env.isolationTier, 'none');
    host.dispose();
    assert.throws(() => api.env.isolationTier, { message: inactive });
  });

  it('ends with its host, as do all that it has', async () => {
    for (const name of ['one', 'two'])
      await activate(write(name, withBodies(`context.subscriptions.push(disposable('${name}'));`, '')));
    host.dispose();
    assert.deepEqual(events, ['disposed one', 'disposed two']);
    host.dispose();
    assert.equal(events.length, 2);
  });

  describe('whose fault', () => {
    const fault = (plugin: PluginDescription) =>
      Object.assign(new Error('wrong'), { stack: `Error: wrong\n    at x (${plugin.main}:1:1)` });
    const claims = (error: unknown) => processFaults.offer({ kind: 'uncaught exception', error });

    it('is recognized by the stack inside the core, until the host has ended', async () => {
      const plugin = write('faulty', withBodies('', ''));
      await activate(plugin);
      assert.equal(claims('a text'), false);
      assert.equal(claims(fault(plugin)), true);
      await eventually('the exit', () => exits.length > 0 || undefined);
      assert.deepEqual(exits, [ExitCodes.crash]);
      assert.deepEqual(reports, ['the plugin "faulty" failed: uncaught exception: wrong']);
      host.dispose();
      assert.equal(claims(fault(plugin)), false);
    });

    it('is any in a process of its own', async () => {
      end();
      start(createExtensionHostPart({ ownsProcess: true }));
      await activate(write('faulty', withBodies('', '')));
      assert.equal(claims('a text'), true);
    });
  });

  it('is served by a part that says which API it has', () => {
    assert.equal(extensionHostPart.role, 'extension-host');
    assert.deepEqual(extensionHostPart.initializeResult, { apiVersion: API_VERSION, capabilities: {} });
  });
});
