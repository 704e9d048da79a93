import type { Disposable } from 'vscode-jsonrpc';
import { type ProcessFault, processFaults } from '../process-host/process-faults.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import { type PluginDescription, PluginErrorNotification } from '../protocol/extension-host.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { mentions } from './plugin-apis.js';
import { staged } from './plugin-loader.js';
import type { FaultSink } from './plugin-scope.js';

const MAX_STACK = 8192;

export interface PluginFaultsOptions {
  readonly connection: RpcConnection;
  readonly ownsProcess: boolean;
  /** Ends the host. */
  readonly exit: (code: number) => void;
  readonly plugins: () => readonly PluginDescription[];
}

/**
 * Attributes failures to plugins and reports them to the core: failures without a caller, and faults that end the host.
 * After an uncaught error a plugin's state is undefined, so its host exits and is restarted.
 */
export class PluginFaults implements FaultSink, Disposable {
  private readonly watching: Disposable;

  constructor(private readonly options: PluginFaultsOptions) {
    this.watching = processFaults.watch((fault) => this.claim(fault));
  }

  report(failure: BulkheadError, fatal = false): void {
    const { stack } = failure.cause instanceof Error ? failure.cause : failure;
    this.options.connection.sendNotification(PluginErrorNotification.type, {
      plugin: failure.where ?? '',
      message: failure.message,
      fatal,
      ...(stack === undefined ? {} : { stack: stack.slice(0, MAX_STACK) }),
    });
  }

  /** Whether the fault was caused by one of this host's plugins. */
  private claim({ kind, error }: ProcessFault): boolean {
    const plugin = this.culprit(kind, error);
    if (plugin === undefined) return false;
    const message = error instanceof Error ? error.message : String(error);
    this.report(
      new BulkheadError(ErrorCodes.pluginFailed, `the plugin "${plugin.id}" failed: ${kind}: ${message}`, {
        where: plugin.id,
        cause: error,
      }),
      true,
    );
    // Deferred, so that it does not exit within the plugin's call, and the report is sent first.
    setImmediate(() => this.options.exit(ExitCodes.crash));
    return true;
  }

  private culprit(kind: ProcessFault['kind'], error: unknown): PluginDescription | undefined {
    const plugins = this.options.plugins();
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    const [only] = plugins;
    const onStack = plugins.find(({ path }) => mentions(stack, path) || mentions(stack, staged(path, path)));
    // The host itself also exits.
    if (kind === 'process.exit' || !this.options.ownsProcess || plugins.length > 1) return onStack;
    return only;
  }

  dispose(): void {
    this.watching.dispose();
  }
}
