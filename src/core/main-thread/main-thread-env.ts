import { inject, injectable } from 'inversify';
import type { CancellationToken, Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import { RateLimiter } from '../../base/rate-limiter.js';
import * as z from '../../base/zod.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  CALLBACK_MS,
  CallbackNotification,
  CloseCallbackNotification,
  CreateCallbackRequest,
  MAX_URL_CHARACTERS,
  OpenExternalRequest,
} from '../../protocol/plugin-env.js';
import { QUESTION_MS } from '../../protocol/plugin-window.js';
import { actionReader } from '../streamer/answer-readers.js';
import { Browser } from '../streamer/browser.js';
import { CallbackAddresses, type OpenCallback } from '../streamer/callback-addresses.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { Questions } from '../streamer/questions.js';
import { FromPluginSchema, type HostChannel } from './host-channel.js';
import { HostQuestions } from './host-questions.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';

/** How often the plugins of one host may open an address, and have one opened for them. */
const RATE = { burst: 5, perSecond: 0.1 };
/** Callback addresses that are open for the plugins of one host. */
const MAX_CALLBACKS = 3;

const OPEN = 'Open it';
const ANSWERS = [OPEN, "Don't open it"];

const External = FromPluginSchema.extend({ url: z.string().max(MAX_URL_CHARACTERS) });
const NewCallback = FromPluginSchema.extend({ timeoutMs: z.number().min(1).max(QUESTION_MS).optional() });
const Callback = FromPluginSchema.extend({ callback: z.int() });

/**
 * Opens addresses in the streamer's browser, once the streamer has agreed for this plugin and site, and takes what comes back. Its pair in
 * the host is `ExtHostEnv`.
 */
@injectable()
export class MainThreadEnv implements MainThreadNamespace {
  /** Sites that the streamer has agreed to since the core began, by plugin. */
  private readonly agreed = new Map<string, Set<string>>();

  constructor(
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Questions) private readonly questions: Questions,
    @inject(Browser) private readonly browser: Browser,
    @inject(CallbackAddresses) private readonly callbacks: CallbackAddresses,
  ) {}

  serve({ channel, log }: ServedHost): Disposable {
    const rate = new RateLimiter(RATE);
    const questions = new HostQuestions(this.notices, this.questions, log);
    return new DisposableStore([
      channel.serve(OpenExternalRequest.type, External, ({ plugin, url }, token) => {
        if (!rate.take() || !questions.mayAsk(plugin)) throw tooOften(plugin, 'opens addresses');
        return this.openExternal(plugin, parsed(plugin, url), questions, token);
      }),
      new HostCallbacks(channel, this.callbacks),
      questions,
    ]);
  }

  release(plugin: string): void {
    this.agreed.delete(plugin);
  }

  private async openExternal(
    plugin: string,
    { href, origin }: URL,
    questions: HostQuestions,
    token: CancellationToken,
  ): Promise<boolean> {
    if (this.browser.isAvailable) {
      const agreed = this.agreed.get(plugin) ?? new Set();
      if (!agreed.has(origin)) {
        const message = `wants to open ${origin} in your browser:\n${href}`;
        const asked = { plugin, severity: 'info', message, actions: ANSWERS } as const;
        if ((await questions.ask(asked, actionReader(ANSWERS), token)) !== OPEN) return false;
        this.agreed.set(plugin, agreed.add(origin));
      }
      if (await this.browser.open(href)) return true;
    }
    this.notices.notice({ severity: 'info', source: plugin, message: `Open this in your browser: ${href}` });
    return true;
  }
}

/** Callback addresses of one host's plugins. */
class HostCallbacks implements Disposable {
  private readonly rate = new RateLimiter(RATE);
  private readonly open = new Map<number, { readonly plugin: string; readonly address: OpenCallback }>();
  private readonly handlers: DisposableStore;
  /** Those that are being opened count, too. */
  private count = 0;
  private lastId = 0;
  private disposed = false;

  constructor(
    private readonly channel: HostChannel,
    private readonly callbacks: CallbackAddresses,
  ) {
    this.handlers = new DisposableStore([
      channel.serve(CreateCallbackRequest.type, NewCallback, ({ plugin, timeoutMs }) =>
        this.create(plugin, timeoutMs),
      ),
      channel.receive(CloseCallbackNotification.type, Callback, ({ plugin, callback }) => {
        const entry = this.open.get(callback);
        if (entry?.plugin === plugin) entry.address.dispose();
      }),
    ]);
  }

  private async create(plugin: string, timeoutMs = CALLBACK_MS): Promise<{ callback: number; url: string }> {
    if (this.count >= MAX_CALLBACKS) {
      throw new BulkheadError(ErrorCodes.rpcBusy, `${MAX_CALLBACKS} callback addresses are open already`, {
        where: plugin,
        remedy: 'Dispose of one that is no longer needed.',
      });
    }
    if (!this.rate.take()) throw tooOften(plugin, 'opens callback addresses');
    this.count += 1;
    let address: OpenCallback;
    try {
      address = await this.callbacks.open(timeoutMs);
    } catch (error) {
      this.count -= 1;
      throw error;
    }
    if (this.disposed) address.dispose();
    this.lastId += 1;
    const callback = this.lastId;
    this.open.set(callback, { plugin, address });
    void address.query.then((query) => {
      this.count -= 1;
      this.open.delete(callback);
      this.channel.sendNotification(CallbackNotification.type, { callback, query });
    });
    return { callback, url: address.url };
  }

  dispose(): void {
    this.disposed = true;
    this.handlers.dispose();
    for (const { address } of this.open.values()) address.dispose();
  }
}

function parsed(plugin: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw wrongAddress(plugin, 'expected an address that begins with https:// or http://');
  }
  // Only there to look like another site: https://twitch.tv@example.com
  if (url.username !== '' || url.password !== '')
    throw wrongAddress(plugin, 'expected an address without a login');
  // Characters beyond ASCII take several.
  if (url.href.length > MAX_URL_CHARACTERS)
    throw wrongAddress(plugin, `expected an address of at most ${MAX_URL_CHARACTERS} characters`);
  return url;
}

function wrongAddress(plugin: string, message: string): BulkheadError {
  return new BulkheadError(ErrorCodes.configInvalid, message, { where: `${plugin}: env.openExternal` });
}

function tooOften(plugin: string, what: string): BulkheadError {
  return new BulkheadError(ErrorCodes.rpcBusy, `the plugin "${plugin}" ${what} too often`, {
    where: plugin,
    remedy: 'Wait some seconds.',
  });
}
