import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import {
  ActivatePluginRequest,
  PluginErrorNotification,
  type PluginErrorParams,
} from '../../../src/protocol/extension-host.js';
import { ReadProfileStateRequest, ReadStateRequest } from '../../../src/protocol/plugin-storage.js';
import { BeginUpgradeRequest } from '../../../src/protocol/plugin-upgrades.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { writePlugin } from '../../support/plugins.js';
import { tempDir } from '../../support/temp.js';
import { pluginDescription } from './host-pair.js';

/** The main module of the process, which is not loaded into this one. It is named relative to this folder. */
const MAIN = "import '../../../src/extension-host/main.js';";

describe('the process of an extension host', () => {
  it('serves plugins on descriptor 3, and ends with whatever they do not catch', async () => {
    const folder = tempDir('main');
    const path = writePlugin(folder.path, 'mine', {
      source: `export function activate() { setImmediate(() => { throw 'no stack'; }); }`,
    });
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', MAIN], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const core = new RpcConnection(child.stdio[3] as Duplex, { peer: 'host' });
    try {
      const reports: PluginErrorParams[] = [];
      core.onNotification(PluginErrorNotification.type, (params) => void reports.push(params));
      core.onRequest(ReadStateRequest.type, () => ({}));
      core.onRequest(BeginUpgradeRequest.type, () => ({ runs: [] }));
      core.onRequest(ReadProfileStateRequest.type, () => ({ profile: 'default', values: {} }));
      core.listen();
      const exited = once(child, 'exit');
      await core.sendRequest(
        ActivatePluginRequest.type,
        {
          plugin: { ...pluginDescription('mine'), path, main: join(path, 'main.mjs') },
          deadlineMs: 20_000,
        },
        { deadlineMs: 20_000 },
      );
      assert.deepEqual(await exited, [ExitCodes.crash, null]);
      assert.deepEqual(
        reports.map(({ message, fatal }) => [message, fatal]),
        [['the plugin "mine" failed: uncaught exception: no stack', true]],
      );
    } finally {
      child.kill('SIGKILL');
      core.dispose();
      folder.dispose();
    }
  });
});
