import type { Disposable } from 'vscode-jsonrpc';
import * as z from 'zod';
import {
  MessageType,
  PluginLogNotification,
  PluginMessageNotification,
  PluginQuestionRequest,
} from '../../protocol/plugin-window.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import type { NoticeSink } from '../control/notice-sink.js';
import type { Log } from '../log/log.js';
import { FromPluginSchema, type HostIdentity } from './host-identity.js';
import { RateLimiter } from './rate-limiter.js';

/** How often it is said in the log that something has been dropped, ms. */
const REPORT_MS = 10_000;

/** Longest message shown and longest line logged, characters. */
const MAX_MESSAGE = 2000;
const MAX_LINE = 8000;

const limited = (max: number) =>
  z.string().transform((text) => (text.length > max ? `${text.slice(0, max)}…` : text));
const type = z.union([
  z.literal(MessageType.Error),
  z.literal(MessageType.Warning),
  z.literal(MessageType.Info),
  z.literal(MessageType.Log),
  z.literal(MessageType.Debug),
]);
const Message = FromPluginSchema.extend({ type, message: limited(MAX_MESSAGE) });
const Line = FromPluginSchema.extend({ type, message: limited(MAX_LINE), channel: limited(100) });

const LEVELS = {
  [MessageType.Error]: 'error',
  [MessageType.Warning]: 'warn',
  [MessageType.Info]: 'info',
  [MessageType.Log]: 'trace',
  [MessageType.Debug]: 'debug',
} as const;

const SEVERITIES = {
  [MessageType.Error]: 'error',
  [MessageType.Warning]: 'warning',
  [MessageType.Info]: 'info',
  [MessageType.Log]: 'info',
  [MessageType.Debug]: 'info',
} as const;

/**
 * Takes one host's messages and log lines, as many as a person could read. Its pair there is `ExtHostWindow`. No client of
 * the core answers questions yet: their message is shown, and nothing is chosen.
 */
export class MainThreadWindow implements Disposable {
  private readonly messages = new RateLimiter({ burst: 10, perSecond: 1 });
  private readonly lines = new RateLimiter({ burst: 1000, perSecond: 100 });
  private readonly handlers: readonly Disposable[];
  private reporting: NodeJS.Timeout | undefined;

  constructor(
    connection: RpcConnection,
    private readonly identity: HostIdentity,
    private readonly notices: NoticeSink,
    private readonly log: Log,
  ) {
    this.handlers = [
      connection.onNotification(PluginMessageNotification.type, (params) => this.show(params)),
      connection.onRequest(PluginQuestionRequest.type, (params) => {
        this.show(params);
        return null;
      }),
      connection.onNotification(PluginLogNotification.type, (params) => this.write(params)),
    ];
  }

  private show(params: unknown): void {
    if (!this.messages.take()) {
      this.reportRefused();
      return;
    }
    const { plugin, type, message } = this.identity.check(Message, params);
    this.notices.notice({ severity: SEVERITIES[type], source: plugin, message });
    this.log[LEVELS[type]](message, { plugin });
  }

  private write(params: unknown): void {
    // Before the check, which costs more than all that it is to keep out.
    if (!this.lines.take()) {
      this.reportRefused();
      return;
    }
    const { plugin, type, message, channel } = this.identity.check(Line, params);
    this.log[LEVELS[type]](message, { plugin, channel });
  }

  /** Says how much has been dropped, now and then. */
  private reportRefused(): void {
    this.reporting ??= setTimeout(() => {
      this.reporting = undefined;
      const messages = this.messages.takeRefused();
      const lines = this.lines.takeRefused();
      this.log.warn(`${messages} messages and ${lines} log lines came too fast and were dropped`, {
        plugin: this.identity.name,
      });
    }, REPORT_MS);
  }

  dispose(): void {
    clearTimeout(this.reporting);
    for (const handler of this.handlers) handler.dispose();
  }
}
