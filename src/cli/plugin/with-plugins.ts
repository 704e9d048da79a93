import { ControlClient } from '../../control-client/control-client.js';
import { describeIsolation, probeIsolation } from '../../core/extension-hosts/isolation/isolation.js';
import { defaultStoreFolder, PluginStore } from '../../core/extension-hosts/store/plugin-store.js';
import { defaultLibraryFolder, PluginLibrary } from '../../plugins/library/plugin-library.js';
import { PluginManager } from '../../plugins/library/plugin-manager.js';
import { NoRunningPlugins } from '../../plugins/library/running-plugins.js';
import { StoredRecords } from '../../plugins/library/stored-records.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { PluginRecords } from '../../protocol/plugin-details.js';
import type { PluginManagement } from '../../protocol/plugin-management.js';
import type { Printer } from '../terminal/printer.js';

type Work<T> = (plugins: PluginManagement, records: PluginRecords) => Promise<T>;

/**
 * Manages plugins in the core that runs at `address`, even on air; if none runs, directly in the
 * library.
 *
 * @throws errors of `work`; `library.damaged`.
 */
export async function withPlugins<T>(address: string, stderr: Printer, work: Work<T>): Promise<T> {
  let client: ControlClient;
  try {
    client = await ControlClient.connect(address);
  } catch (error) {
    if (BulkheadError.from(error).code !== ErrorCodes.coreNotRunning) throw error;
    return await withLibrary(stderr, work);
  }
  try {
    return await work(client.plugins, client.records);
  } finally {
    client.dispose();
  }
}

async function withLibrary<T>(stderr: Printer, work: Work<T>): Promise<T> {
  const library = new PluginLibrary(defaultLibraryFolder(), 'another "bulkhead plugin" command');
  library.read();
  const store = new PluginStore(defaultStoreFolder(), { warn: (message) => stderr.line(message) });
  const running = new NoRunningPlugins();
  const isolation = await probeIsolation();
  const manager = new PluginManager({
    library,
    running,
    purge: (id) => store.purge(id),
    isolation: describeIsolation(isolation),
    enforcesScopes: isolation.tier === 'strict',
  });
  manager.start();
  try {
    return await work(manager, new StoredRecords({ library, running, data: store }));
  } finally {
    store.dispose();
    library.dispose();
  }
}
