import { resolve } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { ControlClient } from '../../../control-client/control-client.js';
import type { PluginTools } from '../../../plugin-tools/plugin-tools.js';
import { inspectorPortFree } from '../../../process-host/inspector-port.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import { CoreProcess } from '../../core-process.js';
import type { AddressOptions } from '../../options.js';
import { defaultLogFile } from '../../options.js';
import { StopSignals, whenAborted } from '../../stop-signals.js';
import { withPluginTools } from '../author-tools.js';
import { DevelopmentSession } from '../development/development-session.js';
import { type InspectOptions, inspectorOf } from '../inspector-options.js';

export interface DevOptions extends AddressOptions, InspectOptions {}

/** Deadline for a core started by this command to exit, ms. */
const CORE_END_MS = 5000;

/** A core to run the plugin in. */
interface CoreToDevelopIn {
  readonly client: ControlClient;
  /** Ends the core if this command has started it. */
  end(): Promise<void>;
}

/** `bulkhead plugin dev`: runs a plugin from its folder and reloads it on each save, until Ctrl-C. */
export async function dev(folder: string, options: DevOptions, context: CliContext): Promise<number> {
  const path = resolve(context.cwd, folder);
  const inspector = inspectorOf(options);
  if (inspector !== undefined) await inspectorPortFree(inspector.port);
  return withPluginTools(path, (tools) => develop(path, options, context, tools));
}

async function develop(
  path: string,
  options: DevOptions,
  context: CliContext,
  tools: PluginTools,
): Promise<number> {
  const { stdout } = context;
  const signals = new StopSignals(context);
  const { client, end } = await coreFor(options.address, context);
  const session = new DevelopmentSession(client, path, tools, stdout, inspectorOf(options));
  let watcher: Disposable | undefined;
  try {
    watcher = await tools.watchFolder(path, () => void session.load());
    const gone = new Promise<'gone'>((resolveGone) => client.onDidClose(() => resolveGone('gone')));
    const ended = Promise.race([gone, whenAborted(signals.requested, 'stop')]);
    // A plugin that is debugged may stand at a breakpoint for as long as its author likes.
    const loaded = session.load().then(() => 'loaded' as const);
    if ((await Promise.race([loaded, ended])) === 'loaded') stdout.line(`Watching ${path}; Ctrl-C ends it.`);
    if ((await ended) === 'stop') return ExitCodes.ok;
    throw new BulkheadError(ErrorCodes.rpcClosed, `the core at ${options.address} has gone`, {
      remedy: 'Run the command again; it starts a core if none is running.',
    });
  } finally {
    watcher?.dispose();
    session.dispose();
    await end();
    signals.dispose();
  }
}

/** The core that runs at the address, or an idle one started by this command. */
async function coreFor(
  address: string,
  { corePath, env, stdout, stderr }: CliContext,
): Promise<CoreToDevelopIn> {
  try {
    const client = await ControlClient.connect(address);
    stdout.line(`In the core at ${address}.`);
    return { client, end: async () => client.dispose() };
  } catch (error) {
    if (BulkheadError.from(error).code !== ErrorCodes.coreNotRunning) throw error;
  }
  const core = new CoreProcess(corePath, { address, mode: 'spawn', logFile: defaultLogFile() }, env);
  core.stderr.setEncoding('utf8').on('data', (text: string) => stderr.piece(text));
  const client = new ControlClient(core.control);
  stdout.line('No core is running; this one is private to the command and not on air.');
  return {
    client,
    end: async () => {
      client.dispose();
      await core.endWithin(CORE_END_MS);
    },
  };
}
