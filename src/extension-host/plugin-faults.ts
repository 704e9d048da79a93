import { inspect } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import { RateLimiter } from '../base/rate-limiter.js';
import { mentions, stackWithCauses } from '../base/stack-frames.js';
import { type ProcessFault, processFaults } from '../process-host/process-faults.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import {
  type PluginDescription,
  PluginErrorNotification,
  type PluginErrorParams,
} from '../protocol/extension-host.js';
import { PartLogNotification } from '../protocol/lifecycle.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { foldOwnFrames } from './own-frames.js';
import { staged } from './plugin-loader.js';
import type { FaultSink } from './plugin-scope.js';

const MAX_STACK = 8192;

/** Unhandled rejections that are reported, and those that a host outlives: so many at once, then so many a second. */
const REPORTED = { burst: 20, perSecond: 1 };
const OUTLIVED = { burst: 1000, perSecond: 10 };

export interface PluginFaultsOptions {
  readonly connection: RpcConnection;
  readonly ownsProcess: boolean;
  /** Ends the host. */
  readonly exit: (code: number) => void;
  readonly plugins: () => readonly PluginDescription[];
}

/**
 * Attributes failures to plugins and reports them to the core: failures without a caller, unhandled rejections, and faults
 * that end the host. After an uncaught exception a plugin's state is undefined, so its host exits and is restarted; a
 * rejection that nobody handled has interrupted nothing, so only a flood of them ends it.
 */
export class PluginFaults implements FaultSink, Disposable {
  private readonly watching: Disposable;
  private readonly reported = new RateLimiter(REPORTED);
  private readonly outlived = new RateLimiter(OUTLIVED);
  private rejections = 0;
  private flooded = false;

  constructor(private readonly options: PluginFaultsOptions) {
    this.watching = processFaults.watch((fault) => this.claim(fault));
  }

  report(failure: BulkheadError, more: Partial<Pick<PluginErrorParams, 'fatal' | 'rejections'>> = {}): void {
    const error = failure.cause instanceof Error ? failure.cause : failure;
    foldOwnFrames(error);
    const stack = error.stack === undefined ? undefined : stackWithCauses(error).slice(0, MAX_STACK);
    this.options.connection.sendNotification(PluginErrorNotification.type, {
      plugin: failure.where ?? '',
      message: failure.message,
      fatal: false,
      ...more,
      ...(stack === undefined ? {} : { stack }),
    });
  }

  /** Whether the fault was caused by one of this host's plugins. */
  private claim(fault: ProcessFault): boolean {
    const plugin = this.culprit(fault);
    const rejected = fault.kind === 'unhandled rejection';
    if (plugin === undefined) return rejected && this.logNobodys(fault);
    if (rejected) this.outlive(plugin, fault);
    else this.end(plugin, `${fault.kind}: ${textOf(fault.error)}`, fault);
    return true;
  }

  private outlive(plugin: PluginDescription, fault: ProcessFault): void {
    this.rejections += 1;
    if (this.flooded) return;
    const { rejections } = this;
    const what = textOf(fault.error);
    if (!this.outlived.take()) {
      this.flooded = true;
      this.end(plugin, `too many unhandled rejections, ${rejections} so far, the last: ${what}`, fault);
    } else if (this.reported.take()) {
      this.report(failureOf(plugin, `unhandled rejection: ${what}`, fault), { rejections });
    }
  }

  private end(plugin: PluginDescription, what: string, fault: ProcessFault): void {
    this.report(failureOf(plugin, what, fault), { fatal: true });
    // Deferred, so that it does not exit within the plugin's call, and the report is sent first.
    setImmediate(() => this.options.exit(ExitCodes.crash));
  }

  /** A rejection that no stack attributes to one of the plugins which share this process. */
  private logNobodys({ kind, error }: ProcessFault): boolean {
    const { connection, ownsProcess, plugins } = this.options;
    if (!ownsProcess || plugins().length < 2) return false;
    this.rejections += 1;
    if (!this.outlived.take()) return false;
    const message = `${kind}: ${error instanceof Error ? (error.stack ?? error.message) : textOf(error)}`;
    if (this.reported.take())
      connection.sendNotification(PartLogNotification.type, { level: 'error', message });
    return true;
  }

  private culprit({ kind, error }: ProcessFault): PluginDescription | undefined {
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

function failureOf({ id }: PluginDescription, what: string, { error }: ProcessFault): BulkheadError {
  return new BulkheadError(ErrorCodes.pluginFailed, `the plugin "${id}" failed: ${what}`, {
    where: id,
    cause: error,
  });
}

/** What was thrown, which may be anything. */
function textOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === 'string' ? error : inspect(error, { depth: 1, maxArrayLength: 10 });
}
