import { l10n } from '@bulkhead/extension-api';

/** Deadline of one request, ms. */
const REQUEST_MS = 10_000;
/** First delay after a failure, ms; it doubles each time, up to the maximum. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** Maximum delay that a webhook may ask for, ms: a later announcement is of no use. */
const LONGEST_ASKED_MS = 3_600_000;
const ATTEMPTS = 8;
/** Maximum number of queued announcements; beyond it the oldest is dropped. */
const MAX_WAITING = 20;

/** A request that would fail again if repeated. */
class RefusedError extends Error {}

export interface WebhookOptions {
  /**
   * The address; undefined if none is set. It contains a token, so it must not appear in messages or
   * the log.
   */
  readonly url: () => Promise<string | undefined>;
  readonly onSent: () => void;
  /** Called when an announcement is dropped, with the reason for the streamer. */
  readonly onGiveUp: (reason: string) => void;
}

/** Posts announcements one at a time, in order, and retries those that fail. */
export class Webhook {
  private readonly waiting: unknown[] = [];
  private readonly ended = new AbortController();
  private sending = false;

  constructor(private readonly options: WebhookOptions) {}

  post(body: unknown): void {
    this.waiting.push(body);
    if (this.waiting.length > MAX_WAITING) {
      this.waiting.shift();
      this.options.onGiveUp(l10n.t('too many wait, and the oldest was dropped'));
    }
    if (!this.sending) void this.sendAll();
  }

  private async sendAll(): Promise<void> {
    this.sending = true;
    for (let body = this.waiting.shift(); body !== undefined; body = this.waiting.shift()) {
      const failure = await this.deliver(JSON.stringify(body));
      if (this.ended.signal.aborted) return;
      if (failure === undefined) this.options.onSent();
      else this.options.onGiveUp(failure);
    }
    this.sending = false;
  }

  /** Why it could not be delivered; undefined if it was. */
  private async deliver(body: string): Promise<string | undefined> {
    let url: string | undefined;
    try {
      url = await this.options.url();
    } catch {
      return l10n.t('the address cannot be read');
    }
    if (url === undefined)
      return l10n.t('no address is set: run go-live-notifier.setUrl with the webhook’s address');
    let failure = '';
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      let waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
      try {
        const retryAfterMs = await this.request(url, body);
        if (retryAfterMs === undefined) return undefined;
        failure = l10n.t('the webhook asks to send less');
        if (retryAfterMs > LONGEST_ASKED_MS) return l10n.t('the webhook asks to wait for more than an hour');
        waitMs = retryAfterMs;
      } catch (error) {
        if (error instanceof RefusedError) return error.message;
        // The message of fetch may contain the address.
        failure =
          error instanceof Error && error.name === 'TimeoutError'
            ? l10n.t('no answer in time')
            : l10n.t('no connection');
      }
      if (attempt + 1 < ATTEMPTS) await this.wait(waitMs);
      if (this.ended.signal.aborted) return failure;
    }
    return failure;
  }

  /** @returns undefined if it was accepted, or how long to wait, ms. */
  private async request(url: string, body: string): Promise<number | undefined> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.any([this.ended.signal, AbortSignal.timeout(REQUEST_MS)]),
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    if (response.status === 429) return retryAfterMs(response) ?? FIRST_WAIT_MS;
    if (response.status >= 500 || response.status === 408) throw new Error('try again');
    throw new RefusedError(
      l10n.t('the webhook refuses it ({0}); check its address and format', response.status),
    );
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.ended.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  dispose(): void {
    this.waiting.length = 0;
    this.ended.abort();
  }
}

/** The header is in seconds, with a fraction at Discord, or a date (RFC 9110, section 10.2.3). */
function retryAfterMs(response: Response): number | undefined {
  const text = response.headers.get('retry-after') ?? '';
  const ms = /^[\d.]+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
