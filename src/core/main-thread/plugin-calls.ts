import type { CancellationToken, RequestType } from 'vscode-jsonrpc';
import { RateLimiter } from '../../base/rate-limiter.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { pluginStack } from '../../rpc/thrown-by-plugin.js';
import type { Log } from '../log/log.js';
import type { Questions } from '../streamer/questions.js';
import type { HostChannel } from './host-channel.js';

/** How many failed calls of one host are logged: so many at once, then so many a second. */
const LOGGED = { burst: 50, perSecond: 2 };

/** What is called. */
export interface CalledFunction {
  readonly plugin: string;
  /** As in `the command "chat.say"`. */
  readonly what: string;
  /** For the log, beside the plugin. */
  readonly details: Readonly<Record<string, string>>;
}

/** Whose call it is. */
export interface PluginCall {
  readonly token?: CancellationToken | undefined;
  /** The plugin that calls; absent for the streamer, whose calls wait for no plugin's. */
  readonly caller?: string | undefined;
}

/** Calls what the plugins of one host have given others to call: with a deadline, failures by name, and in the log for their author. */
export class PluginCalls {
  private readonly lines = new RateLimiter(LOGGED);

  constructor(
    private readonly channel: HostChannel,
    private readonly deadlineMs: number,
    private readonly log: Pick<Log, 'error'>,
    private readonly questions: Pick<Questions, 'lastOpenMs'>,
  ) {}

  /**
   * The deadline does not run while a question of the plugin is open: then it waits for the streamer.
   *
   * @throws what the function throws; `plugin.failed` if the plugin does not answer in time, ends, or answers what cannot be
   * sent; `rpc.busy` if plugins call this host faster than it works
   */
  run<P, R>(
    called: CalledFunction,
    type: RequestType<P, R, void>,
    params: P,
    { caller, token }: PluginCall,
  ): Promise<R> {
    const send = () => this.send(called, type, params, token);
    // Plugins that share a process may hold it up anyway.
    if (caller === undefined || this.channel.has(caller)) return send();
    return this.channel.calls.run(caller, send, token);
  }

  private async send<P, R>(
    called: CalledFunction,
    type: RequestType<P, R, void>,
    params: P,
    token: CancellationToken | undefined,
  ): Promise<R> {
    const { deadlineMs } = this;
    try {
      const sinceMs = () => this.questions.lastOpenMs(called.plugin);
      return await this.channel.sendRequest(type, params, { deadlineMs, sinceMs, token });
    } catch (error) {
      const given = BulkheadError.from(error);
      const failure = this.failure(called, given);
      // The end of a host is reported for itself, and whoever cancels a call knows of it.
      const isKnown = given.code === ErrorCodes.rpcClosed || given.code === ErrorCodes.rpcCancelled;
      if (!isKnown) this.report(called, failure);
      throw failure;
    }
  }

  private failure({ plugin, what }: CalledFunction, error: BulkheadError): BulkheadError {
    const failed = (message: string) =>
      new BulkheadError(ErrorCodes.pluginFailed, message, { where: plugin, cause: error });
    const subject = `the plugin "${plugin}" failed: ${what}`;
    switch (error.code) {
      case ErrorCodes.rpcTimeout:
        return failed(`${subject} did not respond within ${this.deadlineMs} ms`);
      case ErrorCodes.rpcClosed:
        return failed(`the plugin "${plugin}" ended before ${what} was done`);
      case ErrorCodes.rpcUnencodable:
      case ErrorCodes.rpcTooLarge:
        return failed(`${subject} returned a value that cannot be sent: ${error.message}`);
      default:
        return error;
    }
  }

  /** For the plugin's author: whoever calls gets the message alone. */
  private report({ plugin, details }: CalledFunction, failure: BulkheadError): void {
    if (!this.lines.take()) return;
    const unlogged = this.lines.takeRefused();
    // A missing permission is for the streamer to grant.
    const stack = failure.code === ErrorCodes.permissionDenied ? undefined : pluginStack(failure);
    this.log.error(failure.message, {
      ...{ plugin, ...details },
      ...(stack !== undefined && { stack }),
      ...(unlogged > 0 && { unlogged }),
    });
  }
}
