import assert from 'node:assert/strict';
import { ExtensionHost } from '../../../src/extension-host/extension-host.js';
import { discoverPlugins } from '../../../src/plugins/discover-plugins.js';
import { describePlugin } from '../../../src/plugins/installed-plugin.js';
import {
  ActivatePluginRequest,
  DeactivatePluginRequest,
  type PluginDescription,
  PluginErrorNotification,
  type PluginErrorParams,
} from '../../../src/protocol/extension-host.js';
import { BroadcastSnapshotNotification } from '../../../src/protocol/plugin-broadcast.js';
import { RegisterCommandRequest, UnregisterCommandRequest } from '../../../src/protocol/plugin-commands.js';
import { ReadProfileStateRequest, ReadStateRequest } from '../../../src/protocol/plugin-storage.js';
import { BeginUpgradeRequest } from '../../../src/protocol/plugin-upgrades.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { writePlugin } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** Filled by the plugins of these tests, which run in this process. */
const seen: string[] = [];
Object.assign(globalThis, { seen });

const api = `import { broadcast, commands, window } from '@bulkhead/extension-api';`;

describe('the extension host with a core', () => {
  let folder: TempDir;
  let core: RpcConnection;
  let far: RpcConnection;
  let host: ExtensionHost;
  let registered: string[];
  let faults: PluginErrorParams[];

  beforeEach(() => {
    folder = tempDir('host');
    seen.length = 0;
    registered = [];
    faults = [];
    const [nearStream, farStream] = createInMemoryPair();
    core = new RpcConnection(nearStream, { peer: 'host' });
    far = new RpcConnection(farStream, { peer: 'core' });
    host = new ExtensionHost({ connection: far, exit: () => {} }, { ownsProcess: false });
    core.onRequest(RegisterCommandRequest.type, ({ plugin, registrations }) => {
      registered.push(...registrations.map(({ id }) => `${plugin} ${id}`));
      return null;
    });
    core.onRequest(UnregisterCommandRequest.type, ({ plugin, unregisterations }) => {
      const gone = unregisterations.map(({ id }) => `${plugin} ${id}`);
      registered = registered.filter((name) => !gone.includes(name));
      return null;
    });
    core.onRequest(ReadStateRequest.type, () => ({}));
    core.onRequest(BeginUpgradeRequest.type, () => ({ runs: [] }));
    core.onRequest(ReadProfileStateRequest.type, () => ({ profile: 'default', values: {} }));
    core.onNotification(PluginErrorNotification.type, (params) => void faults.push(params));
    core.listen();
    far.listen();
    sendState(0, 'idle');
  });

  afterEach(() => {
    host.dispose();
    far.dispose();
    core.dispose();
    folder.dispose();
  });

  const sendState = (uptimeMs: number, state: 'idle' | 'live') =>
    core.sendNotification(BroadcastSnapshotNotification.type, {
      sampledAtMs: 0,
      state,
      uptimeMs,
      encoder: { fps: 0, bitrateKbps: 0, restarts: 0 },
      timeline: { videoFrames: 0, audioFrames: 0, splices: 0, lastGapMs: 0, maxGapMs: 0 },
      outputs: [],
    });

  function write(name: string, source: string): PluginDescription {
    const { plugins, errors } = discoverPlugins([writePlugin(folder.path, name, { source })]);
    assert.deepEqual(errors, []);
    const [plugin] = plugins;
    assert.ok(plugin);
    return describePlugin(plugin, folder.path, 'none');
  }

  const activate = (plugin: PluginDescription, deadlineMs = 5000) =>
    core.sendRequest(ActivatePluginRequest.type, { plugin, deadlineMs });
  const deactivate = (id: string) => core.sendRequest(DeactivatePluginRequest.type, { id, deadlineMs: 1000 });

  it('removes everything of a deactivated plugin, and nothing of others', async () => {
    const source = (name: string) => `${api}
      export function activate({ log }) {
        commands.registerCommand('${name}.command', () => 1);
        broadcast.onDidStart(() => seen.push('${name} heard'));
        const waiting = setInterval(() => {
          if (!seen.includes('late')) return;
          clearInterval(waiting);
          try { commands.registerCommand('${name}.late', () => 1); } catch (error) { seen.push(error.message); }
        }, 5);
      }`;
    await activate(write('goes', source('goes')));
    await activate(write('stays', source('stays')));
    assert.deepEqual(registered, ['goes goes.command', 'stays stays.command']);
    await deactivate('goes');
    sendState(1, 'live');
    seen.push('late');

    await eventually('both have tried', () => (seen.length === 3 && registered.length === 2) || undefined);
    assert.deepEqual(seen.sort(), [
      'late',
      'stays heard',
      `the plugin in ${folder.path}/goes is no longer active`,
    ]);
    assert.deepEqual(registered, ['stays stays.command', 'stays stays.late']);
  });

  it('cancels a late activation, and disposes of what it registers afterwards', async () => {
    const plugin = write(
      'late',
      `export async function activate(context, token) {
        await new Promise((resolve) => token.onCancellationRequested(resolve));
        seen.push('cancelled');
        context.subscriptions.push({ dispose: () => seen.push('disposed') });
      }`,
    );
    await assert.rejects(activate(plugin, 500), { code: 'plugin.failed', where: 'late' });

    await eventually('the late end', () => seen.length === 2 || undefined);
    assert.deepEqual(seen, ['cancelled', 'disposed']);
  });

  it('does not activate a plugin that took too long to load', async () => {
    const slow = write(
      'slow',
      `while (!seen.includes('go')) await new Promise((resolve) => setTimeout(resolve, 5));
      seen.push('loaded');
      export function activate() { seen.push('activated'); }`,
    );
    await assert.rejects(activate(slow, 50), { code: 'plugin.failed', where: 'slow' });
    seen.push('go');
    await eventually('it is loaded', () => seen.includes('loaded') || undefined);
    await activate(write('next', `export function activate() { seen.push('next'); }`));

    assert.deepEqual(seen, ['go', 'loaded', 'next']);
  });

  it('loads a plugin again after a failure, with a working API', async () => {
    const plugin = write(
      'again',
      `${api}
      seen.push('loaded');
      export function activate() {
        commands.registerCommand('again.command', () => 1);
        if (seen.length === 1) throw new Error('not yet');
      }`,
    );
    await assert.rejects(activate(plugin), /not yet/);
    await eventually('nothing is registered', () => registered.length === 0 || undefined);
    await activate(plugin);

    assert.deepEqual(seen, ['loaded', 'loaded']);
    assert.deepEqual(registered, ['again again.command']);
  });

  it('refuses to activate a plugin twice', async () => {
    const plugin = write('once', 'export function activate() {}');
    await activate(plugin);

    await assert.rejects(activate(plugin), /"once" is already active/);
  });

  it('ignores a plugin that it does not have', async () => {
    assert.deepEqual(await deactivate('unknown'), { left: [] });
  });

  it('keeps the API from being changed', async () => {
    await activate(
      write(
        'changer',
        `${api}
        export function activate() {
          for (const change of [
            () => { commands.registerCommand = () => {}; },
            () => { window.extra = 1; },
            () => { globalThis[Symbol.for('@bulkhead/extension-api')] = {}; },
          ]) {
            try { change(); seen.push('changed'); } catch (error) { seen.push(error.name); }
          }
        }`,
      ),
    );

    assert.deepEqual(seen, ['TypeError', 'TypeError', 'TypeError']);
  });

  it('reports errors of a listener, with the stack', async () => {
    await activate(
      write(
        'twice',
        `${api}
        export function activate({ subscriptions }) {
          commands.registerCommand('twice.command', () => 1);
          broadcast.onDidStart(() => commands.registerCommand('twice.command', () => 2), undefined, subscriptions);
        }`,
      ),
    );
    sendState(1, 'live');

    const [fault] = await eventually('the report', () => (faults.length > 0 ? faults : undefined));
    assert.equal(fault?.plugin, 'twice');
    assert.equal(fault?.fatal, false);
    assert.match(
      fault?.message ?? '',
      /the command "twice\.command" is already registered by the plugin "twice"/,
    );
    assert.match(fault?.stack ?? '', /main\.mjs/);
  });
});
