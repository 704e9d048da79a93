import type { Disposable, NotificationType, RequestType } from 'vscode-jsonrpc/node';
import { Emitter, type Event } from '../../base/event.js';
import { RateLimiter } from '../../base/rate-limiter.js';
import * as z from '../../base/zod.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { FromPlugin } from '../../protocol/extension-host.js';
import { CheckedChannel } from '../../rpc/checked-channel.js';
import type { CallOptions, RpcConnection } from '../../rpc/rpc-connection.js';
import { CallQueue } from './call-queue.js';

/** Part of every message from a host; the messages' schemas extend it. */
export const FromPluginSchema = z.object({ plugin: z.string().max(400) });

/** Allowed rate of invalid messages from a host: errors of plugins are already rejected in the host. */
const MISTAKES = { burst: 100, perSecond: 1 };

/**
 * The core's end of one host's channel. All messages on it may come from a plugin: they are checked, and may name only the
 * plugins that the core assigned to that host. The sender is known from the channel, never from the message.
 */
export class HostChannel extends CheckedChannel implements Disposable {
  private readonly mistakes = new RateLimiter(MISTAKES);
  private readonly misuseEmitter = new Emitter<BulkheadError>();
  /** The host exceeds the allowed rate of invalid messages, fires with each further one; or it sends something else that is not valid. */
  readonly onDidMisuse: Event<BulkheadError> = this.misuseEmitter.event;

  /** Calls of other hosts' plugins to this one's. */
  readonly calls = new CallQueue(this);
  private readonly unknown: Disposable;

  constructor(
    connection: RpcConnection,
    private readonly plugins: ReadonlySet<string>,
  ) {
    const name = [...plugins].join(', ');
    super(connection, `the host of ${name}`, ErrorCodes.pluginFailed);
    this.unknown = connection.onDidReceiveUnknown((method) =>
      this.noteMistake(`it sent "${method}", which is not known`),
    );
  }

  /** Whether the plugin runs in this host. */
  has(plugin: string): boolean {
    return this.plugins.has(plugin);
  }

  /** Rejects only with a BulkheadError; see {@link RpcConnection.sendRequest}. */
  sendRequest<P, R, E>(type: RequestType<P, R, E>, params: P, options?: CallOptions): Promise<R> {
    return this.connection.sendRequest(type, params, options);
  }

  /** Never throws; a host that does not read its channel misses messages that do not fit into its queue. */
  sendNotification<P>(type: NotificationType<P>, params: P): void {
    this.connection.sendNotification(type, params);
  }

  /** @throws `permission.denied` for another plugin's id as well. */
  protected override check<T>(schema: z.ZodType<T>, params: unknown, type: { readonly method: string }): T {
    try {
      const message = super.check(schema, params, type);
      const { plugin } = message as Partial<FromPlugin>;
      if (plugin !== undefined && this.plugins.has(plugin)) return message;
      throw new BulkheadError(
        ErrorCodes.permissionDenied,
        `${this.name} sent a message for the plugin "${plugin}", which does not run in it`,
        { where: this.name },
      );
    } catch (error) {
      this.noteMistake(BulkheadError.from(error).message);
      throw error;
    }
  }

  private noteMistake(what: string): void {
    if (this.mistakes.take()) return;
    this.reportMisuse(`it sends messages that are not valid, the last: ${what}`);
  }

  /** The host is to be ended, because of this. @param what begins with "it" */
  reportMisuse(what: string): void {
    this.misuseEmitter.fire(new BulkheadError(ErrorCodes.pluginFailed, what, { where: this.name }));
  }

  dispose(): void {
    this.unknown.dispose();
    this.misuseEmitter.dispose();
  }
}
