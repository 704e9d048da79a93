import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ServiceIdentifier } from 'inversify';
import { Broadcast } from '../../../src/core/broadcast/broadcast.js';
import { BroadcastView } from '../../../src/core/broadcast/broadcast-view.js';
import { createContainer } from '../../../src/core/composition-root.js';
import { ControlService } from '../../../src/core/control/control-service.js';
import { CoreCommands } from '../../../src/core/control/core-commands.js';
import { ExtensionHosts } from '../../../src/core/extension-hosts/hosts/extension-hosts.js';
import { StorageWatch } from '../../../src/core/extension-hosts/hosts/storage-watch.js';
import { CommandRegistry } from '../../../src/core/main-thread/command-registry.js';
import { MainThreadNamespace } from '../../../src/core/main-thread/main-thread-namespace.js';
import { Show } from '../../../src/core/show/show.js';
import { PluginManager } from '../../../src/plugins/library/plugin-manager.js';
import { tempDir } from '../../support/temp.js';

describe('the composition of the core', () => {
  it('creates each object once by constructor injection, and disposes of it', async () => {
    const folder = tempDir('composition');
    const container = await createContainer(
      {
        ...{ address: join(folder.path, 'core.sock'), mode: 'attach', isolate: undefined },
        ...{ logLevel: 'silent', logFile: join(folder.path, 'core.log'), version: '1.2.3' },
      },
      { encoder: undefined, isolation: undefined },
    );
    const roots: ServiceIdentifier[] = [ControlService, CoreCommands, StorageWatch, PluginManager];
    for (const id of roots) container.get(id);
    assert.equal(container.get(BroadcastView), container.get(Broadcast));
    const namespaces = container.getAll<MainThreadNamespace>(MainThreadNamespace);
    assert.equal(new Set(namespaces).size, namespaces.length);
    const { state, core, extensionHosts } = container.get(Show).status();
    assert.deepEqual([state, core.version, extensionHosts], ['idle', '1.2.3', []]);
    const commands = container.get(CommandRegistry);
    assert.deepEqual(commands.list(), [
      'bulkhead.addMarker',
      'bulkhead.cancelProgress',
      'bulkhead.saveReplay',
    ]);
    await container.get(ExtensionHosts).shutDown();
    container.unbindAll();
    assert.deepEqual(commands.list(), []);
    folder.dispose();
  });
});
