import { inject, injectable } from 'inversify';
import type { CancellationToken, Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import { shorten } from '../../base/printable.js';
import { RateLimiter } from '../../base/rate-limiter.js';
import * as z from '../../base/zod.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { boundedList } from '../../protocol/bounded.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  CheckInputRequest,
  CloseFileNotification,
  InputBoxRequest,
  MAX_FILE_PIECE_BYTES,
  OpenFileRequest,
  QuickPickRequest,
  ReadFileRequest,
} from '../../protocol/plugin-questions.js';
import { QUESTION_MS } from '../../protocol/plugin-window.js';
import { MAX_ANSWER_CHARACTERS, MAX_ANSWERS } from '../../protocol/questions.js';
import { type AnswerReader, invalid, pickReader, textReader } from '../streamer/answer-readers.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { Questions } from '../streamer/questions.js';
import { FromPluginSchema, type HostChannel } from './host-channel.js';
import { HostFiles } from './host-files.js';
import { HostQuestions } from './host-questions.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { deadlineFor } from './plugin-deadlines.js';
import { manyLines, oneLine, oneLineOfText } from './plugin-text.js';

/** How fast one host may ask: faster than a person answers. */
const RATE = { burst: 10, perSecond: 0.5 };
/** How long a plugin may take to check a text, ms. */
const CHECK_MS = 5000;
/** Maximum length of a question, of what describes it on one line, and of why a text is refused, characters. */
const MAX_MESSAGE = 2000;
const MAX_LINE = 200;
/** Characters of the items of one question: they are in the status until it is answered. */
const MAX_ITEMS_CHARACTERS = 16 * 1024;
/** Filters of one question, and extensions of one filter. */
const MAX_FILTERS = 20;

const Asked = FromPluginSchema.extend({
  message: manyLines(MAX_MESSAGE),
  timeoutMs: z.number().min(1).max(QUESTION_MS).optional(),
});
const InputBox = Asked.extend({
  text: z.object({
    password: z.boolean().optional(),
    placeHolder: oneLine(MAX_LINE).optional(),
    value: manyLines(MAX_MESSAGE).optional(),
    minLength: z.int().min(0).max(MAX_ANSWER_CHARACTERS).optional(),
    maxLength: z.int().min(0).max(MAX_ANSWER_CHARACTERS),
  }),
  check: z.int().optional(),
});
const Item = z.object({
  label: oneLineOfText(MAX_LINE),
  description: oneLine(MAX_LINE).optional(),
  detail: oneLine(MAX_LINE).optional(),
  picked: z.boolean().optional(),
});
const QuickPick = Asked.extend({
  pick: z.object({
    items: boundedList(Item, MAX_ANSWERS)
      .refine((items) => items.length > 0, 'expected at least one item')
      .refine(
        (items) => JSON.stringify(items).length <= MAX_ITEMS_CHARACTERS,
        `expected items of ${MAX_ITEMS_CHARACTERS} characters in all`,
      ),
    many: z.boolean().optional(),
  }),
});
const Extension = oneLineOfText(20);
const OpenFile = Asked.extend({
  question: z.object({
    filters: boundedList(
      z.object({ name: oneLine(MAX_LINE), extensions: boundedList(Extension, MAX_FILTERS) }),
      MAX_FILTERS,
    ),
    many: z.boolean().optional(),
  }),
});
const File = FromPluginSchema.extend({ file: z.int() });
const Read = File.extend({
  offset: z.int().min(0),
  length: z.int().min(0).max(MAX_FILE_PIECE_BYTES),
});
const CheckResult = z.string().max(MAX_ANSWER_CHARACTERS).nullable();

/** Asks the streamer for texts, items and files. Its pair in the host is `ExtHostQuestions`. */
@injectable()
export class MainThreadQuestions implements MainThreadNamespace {
  constructor(
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Questions) private readonly questions: Questions,
  ) {}

  serve({ channel, plugins, log }: ServedHost): Disposable {
    return new AskingHost(channel, plugins, new HostQuestions(this.notices, this.questions, log));
  }
}

/** What one host's plugins ask. */
class AskingHost implements Disposable {
  private readonly rate = new RateLimiter(RATE);
  private readonly files = new HostFiles();
  private readonly held: DisposableStore;

  constructor(
    private readonly channel: HostChannel,
    private readonly plugins: readonly InstalledPlugin[],
    private readonly questions: HostQuestions,
  ) {
    this.held = new DisposableStore([
      channel.serve(InputBoxRequest.type, InputBox, ({ text, check, ...asked }, token) =>
        this.ask(asked, { text }, this.inputReader(text, check), token),
      ),
      channel.serve(QuickPickRequest.type, QuickPick, ({ pick, ...asked }, token) =>
        this.ask(asked, { pick }, pickReader(pick), token),
      ),
      channel.serve(OpenFileRequest.type, OpenFile, async ({ question, ...asked }, token) => {
        const opened = await this.ask(asked, { file: question }, this.files.reader(question), token);
        return opened && this.files.hold(asked.plugin, opened);
      }),
      channel.serve(ReadFileRequest.type, Read, (piece) => this.files.read(piece)),
      channel.receive(CloseFileNotification.type, File, ({ plugin, file }) => this.files.close(plugin, file)),
      questions,
      this.files,
    ]);
  }

  private ask<T>(
    { plugin, message, timeoutMs }: z.infer<typeof Asked>,
    kind: object,
    reader: AnswerReader<T>,
    token: CancellationToken,
  ): Promise<T | null> {
    if (!this.questions.mayAsk(plugin) || !this.rate.take()) {
      throw new BulkheadError(ErrorCodes.rpcBusy, `the plugin "${plugin}" asks too many questions at once`, {
        where: plugin,
        remedy: 'Wait for the answers first.',
      });
    }
    const asked = { plugin, severity: 'info', message, actions: [], ...kind } as const;
    return this.questions.ask(asked, reader, token, timeoutMs);
  }

  /** Lengths are checked here, the rest in the plugin's own process: a pattern may take forever. */
  private inputReader(
    text: z.infer<typeof InputBox>['text'],
    check: number | undefined,
  ): AnswerReader<string> {
    const { read } = textReader(text);
    if (check === undefined) return { read };
    return {
      read: async (given) => {
        const entered = await read(given);
        const mistake = await this.check(check, entered);
        if (mistake === null) return entered;
        throw invalid(shorten(text.password === true ? withoutText(mistake, entered) : mistake, MAX_LINE));
      },
    };
  }

  private async check(check: number, text: string): Promise<string | null> {
    const deadlineMs = deadlineFor(this.plugins, CHECK_MS);
    try {
      return await this.channel.ask(CheckInputRequest.type, { check, text }, CheckResult, { deadlineMs });
    } catch (error) {
      const { message } = BulkheadError.from(error);
      throw new BulkheadError(ErrorCodes.pluginFailed, `the answer could not be checked: ${message}`, {
        where: this.channel.name,
        remedy: 'Try again, or dismiss the question.',
      });
    }
  }

  dispose(): void {
    this.held.dispose();
  }
}

/** What is wrong with a password must not show it. */
function withoutText(mistake: string, entered: string): string {
  return entered === '' ? mistake : mistake.replaceAll(entered, '***');
}
