import { inject, injectable } from 'inversify';
import type { CancellationToken, Disposable } from 'vscode-jsonrpc';
import type { MessageActionItem } from 'vscode-languageserver-protocol';
import { DisposableStore } from '../../base/disposable-store.js';
import { RateLimiter } from '../../base/rate-limiter.js';
import * as z from '../../base/zod.js';
import { boundedList } from '../../protocol/bounded.js';
import {
  MessageType,
  PluginLogNotification,
  PluginMessageNotification,
  PluginQuestionRequest,
  QUESTION_MS,
} from '../../protocol/plugin-window.js';
import type { Log } from '../log/log.js';
import { actionReader } from '../streamer/answer-readers.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { Questions } from '../streamer/questions.js';
import { FromPluginSchema, type HostChannel } from './host-channel.js';
import { HostQuestions } from './host-questions.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { manyLines, oneLine, toOneLine } from './plugin-text.js';

/** Interval at which the number of dropped messages is logged, ms. */
const REPORT_MS = 10_000;

/** How much of the log one host may fill: a burst of errors, then some lines a second. */
const LOG_BYTES = { burst: 256 * 1024, perSecond: 16 * 1024 };

/** Maximum length of a message shown and of a line logged, characters. */
const MAX_MESSAGE = 2000;
const MAX_LINE = 8000;
/** Maximum number of actions of one question, and of characters of one action. */
const MAX_ACTIONS = 10;
const MAX_ACTION = 100;

const type = z.union([
  z.literal(MessageType.Error),
  z.literal(MessageType.Warning),
  z.literal(MessageType.Info),
  z.literal(MessageType.Log),
  z.literal(MessageType.Debug),
]);
const Message = FromPluginSchema.extend({
  type,
  message: manyLines(MAX_MESSAGE),
  detail: manyLines(MAX_MESSAGE).optional(),
});
const Asked = Message.extend({
  modal: z.boolean().optional(),
  timeoutMs: z.number().min(1).max(QUESTION_MS).optional(),
  actions: boundedList(
    z.object({
      title: z
        .string()
        .max(MAX_ACTION)
        .refine((title) => toOneLine(title, MAX_ACTION) !== '', 'expected text'),
    }),
    MAX_ACTIONS,
  ).refine((actions) => actions.length > 0, 'expected at least one'),
});
const Line = FromPluginSchema.extend({ type, message: manyLines(MAX_LINE), channel: oneLine(100) });

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
 * Receives plugins' messages, questions and log lines, at a rate that a person could read. Its pair in the host is
 * `ExtHostWindow`.
 */
@injectable()
export class MainThreadWindow implements MainThreadNamespace {
  constructor(
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Questions) private readonly questions: Questions,
  ) {}

  serve({ channel, log }: ServedHost): Disposable {
    return new HostWindow(channel, this.notices, new HostQuestions(this.notices, this.questions, log), log);
  }
}

/** Messages of one host's plugins. */
class HostWindow implements Disposable {
  private readonly messages = new RateLimiter({ burst: 10, perSecond: 1 });
  private readonly lines = new RateLimiter({ burst: 1000, perSecond: 100 });
  private readonly lineBytes = new RateLimiter(LOG_BYTES);
  private readonly handlers: DisposableStore;
  private reporting: NodeJS.Timeout | undefined;

  constructor(
    private readonly channel: HostChannel,
    private readonly notices: NoticeSink,
    private readonly questions: HostQuestions,
    private readonly log: Log,
  ) {
    this.handlers = new DisposableStore([
      channel.receive(
        PluginMessageNotification.type,
        Message,
        (message) => this.show(message),
        () => this.admit(this.messages),
      ),
      channel.serve(PluginQuestionRequest.type, Asked, (question, token) => this.ask(question, token)),
      channel.receive(
        PluginLogNotification.type,
        Line,
        (line) => this.write(line),
        () => this.admit(this.lines),
      ),
    ]);
  }

  /** Called before a message is validated, since validation would cost too much for a flood of messages. */
  private admit(limiter: RateLimiter): boolean {
    const admitted = limiter.take();
    if (!admitted) this.reportRefused();
    return admitted;
  }

  private show({ plugin, type, ...text }: z.infer<typeof Message>): void {
    const message = wholeText(text);
    this.notices.notice({ severity: SEVERITIES[type], source: plugin, message });
    this.log[LEVELS[type]](message, { plugin });
  }

  /** Resolves to null without showing the question if there are too many. */
  private async ask(
    { plugin, type, actions, modal, timeoutMs, ...text }: z.infer<typeof Asked>,
    token: CancellationToken,
  ): Promise<MessageActionItem | null> {
    if (!this.questions.mayAsk(plugin) || !this.messages.take()) {
      this.reportRefused();
      return null;
    }
    const titles = actions.map(({ title }) => toOneLine(title, MAX_ACTION));
    const asked = {
      ...{ plugin, severity: SEVERITIES[type], message: wholeText(text), actions: titles },
      ...(modal === true && { modal }),
    };
    const title = await this.questions.ask(asked, actionReader(titles), token, timeoutMs);
    // As the plugin wrote it.
    return title === null ? null : (actions[titles.indexOf(title)] ?? null);
  }

  private write({ plugin, type, message, channel }: z.infer<typeof Line>): void {
    if (!this.lineBytes.take(message.length)) {
      this.reportRefused();
      return;
    }
    this.log[LEVELS[type]](message, { plugin, channel });
  }

  /** Logs how many messages have been dropped, at intervals. */
  private reportRefused(): void {
    this.reporting ??= setTimeout(() => {
      this.reporting = undefined;
      const messages = this.messages.takeRefused();
      const lines = this.lines.takeRefused() + this.lineBytes.takeRefused();
      this.log.warn(`${messages} messages and ${lines} log lines came too fast and were dropped`, {
        plugin: this.channel.name,
      });
    }, REPORT_MS);
  }

  dispose(): void {
    clearTimeout(this.reporting);
    this.handlers.dispose();
    this.questions.dispose();
  }
}

function wholeText({
  message,
  detail,
}: {
  readonly message: string;
  readonly detail?: string | undefined;
}): string {
  return detail === undefined ? message : `${message}\n${detail}`;
}
