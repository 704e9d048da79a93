import { DisposableStore } from '../base/disposable-store.js';
import { withDeadline } from '../base/with-deadline.js';
import 'reflect-metadata';
import type { Socket } from 'node:net';
import { endSignals } from '../base/process-signals.js';
import { onUnexpectedError } from '../base/unexpected-error.js';
import { PluginLibrary } from '../plugins/library/plugin-library.js';
import { PluginManager } from '../plugins/library/plugin-manager.js';
import { BulkheadError } from '../protocol/errors.js';
import { setRpcTrace } from '../rpc/rpc-trace.js';
import { Broadcast } from './broadcast/broadcast.js';
import { createContainer, type StartedAhead } from './composition-root.js';
import { ControlService } from './control/control-service.js';
import { listenOnControlSocket } from './control/control-socket.js';
import { CoreCommands } from './control/core-commands.js';
import type { CoreOptions } from './core-options.js';
import { CrashJournal } from './extension-hosts/hosts/crash-journal.js';
import { ExtensionHosts } from './extension-hosts/hosts/extension-hosts.js';
import { StorageWatch } from './extension-hosts/hosts/storage-watch.js';
import { describeIsolation } from './extension-hosts/isolation/isolation.js';
import { FlightRecorder } from './flight/flight-recorder.js';
import { LastResort } from './last-resort.js';
import { Log, type OpenLog } from './log/log.js';
import { MediaListener } from './media-sockets/media-listener.js';
import { observePartEnds } from './processes/part-ends.js';
import { EncoderStub } from './stubs/encoder-stub.js';

/** Deadline for everything except the broadcast to end, ms; what remains then ends with the core. */
const LAST_PARTS_MS = 5000;
/** The same for writing what happened before a crash. */
const LAST_RECORD_MS = 1000;
/** The same for writing the end of the log. */
const LAST_LINES_MS = 1000;

/**
 * Runs the core until a client requests its end, its parent exits (`spawn` and `hybrid`), or a signal ends it.
 *
 * @param parent control channel of the process that created the core; undefined in `attach` mode
 * @param ahead what has already been started; a part that is missing here runs inside the core
 * @throws `core.alreadyRunning` if another core uses the address.
 */
export async function runCore(
  options: CoreOptions,
  parent: Socket | undefined,
  ahead: StartedAhead,
): Promise<void> {
  const container = await createContainer(options, ahead);
  const log = container.get<OpenLog>(Log);
  const lastResort = container.get(LastResort);
  const flight = container.get(FlightRecorder);
  const observed = new DisposableStore([
    setRpcTrace(flight.trace),
    observePartEnds((role, { message }) => flight.crashed(role, message)),
  ]);
  const encoder = container.get(EncoderStub);
  encoder.warmUp();
  const journal = container.get(CrashJournal);
  process.on('uncaughtExceptionMonitor', () => journal.writeNow());
  const control = container.get(ControlService);
  container.get(CoreCommands);
  // From now on a signal leaves neither the control socket nor its token behind.
  const signalled = new Promise<void>((resolve) => {
    for (const signal of endSignals()) process.once(signal, () => resolve());
  });
  const socket = await listenOnControlSocket(options.address, (client) =>
    control.serve(client, 'control client'),
  );
  // Only now is the control address, with the files next to it, reserved for this core.
  const media = container.get(MediaListener);
  await media.start();
  log.info(`core ${options.version} runs at ${options.address}`, { pid: process.pid, mode: options.mode });
  log.info(describeIsolation(await ahead.isolation));
  const library = container.get(PluginLibrary);
  const plugins = container.get(PluginManager);
  runInstalled(library, plugins);
  const end = new Promise<void>((resolve) => {
    control.onDidRequestShutdown(resolve);
    void signalled.then(resolve);
    if (parent !== undefined) control.serve(parent, 'parent').onDidClose(() => resolve());
  });
  // The previous owner of the library may have changed it in the meantime.
  const opened = library.open().then(
    () => plugins.start(),
    (error) => reportLibrary(error, log),
  );
  const storage = container.get(StorageWatch);
  await end;
  storage.dispose();
  await container.get(Broadcast).stop();
  const ended = Promise.allSettled([opened, encoder.stop(), container.get(ExtensionHosts).shutDown()]);
  // Together with the broadcast's own end this is less than the time after which "bulkhead live" kills its core.
  await withDeadline(ended, LAST_PARTS_MS, () => {});
  library.dispose();
  media.dispose();
  socket.dispose();
  control.dispose();
  try {
    container.unbindAll();
  } catch (error) {
    onUnexpectedError(error);
  }
  observed.dispose();
  await flight.settle(LAST_RECORD_MS).catch(() => {});
  flight.dispose();
  log.info('core ended');
  await log.close(LAST_LINES_MS);
  lastResort.dispose();
}

/**
 * Synchronously, so that a broadcast that starts now finds them. Errors are reported when the library is opened.
 */
function runInstalled(library: PluginLibrary, plugins: PluginManager): void {
  try {
    library.read();
    plugins.start();
  } catch {}
}

/**
 * A core whose library is managed by another one runs the installed plugins; a damaged library affects nothing
 * else.
 */
function reportLibrary(error: unknown, log: Log): void {
  const { code, sentence } = BulkheadError.from(error);
  log.warn(sentence, { code });
}
