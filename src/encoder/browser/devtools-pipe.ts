import type { Readable, Writable } from 'node:stream';

/**
 * The DevTools protocol on two descriptors of a browser (`--remote-debugging-pipe`): JSON, each message followed by a zero byte.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/
 */

/** Of one message, bytes: a frame of 1920 × 1080 pixels in base64 has at most so many. */
const MAX_MESSAGE = 16 * 1024 * 1024;
/** How long the browser may take for an answer, ms. */
const ANSWER_MS = 10_000;

export interface DevtoolsEvent {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Of the page that it comes from. */
  readonly sessionId: string | undefined;
}

interface Message extends Partial<DevtoolsEvent> {
  readonly id?: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message?: string };
}

interface Call {
  readonly resolve: (result: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export interface DevtoolsPipeOptions {
  readonly input: Writable;
  readonly output: Readable;
  readonly onEvent: (event: DevtoolsEvent) => void;
  /** It sends what cannot be. */
  readonly onBroken: (error: Error) => void;
}

export class DevtoolsPipe {
  private readonly calls = new Map<number, Call>();
  private chunks: Buffer[] = [];
  private bytes = 0;
  private ids = 0;
  private closed = false;

  constructor(private readonly options: DevtoolsPipeOptions) {
    const { input, output } = options;
    for (const stream of [input, output]) stream.on('error', () => this.close());
    output.on('data', (chunk: Buffer) => this.take(chunk));
    output.once('close', () => this.close());
  }

  /** Rejects with the browser's error, or if it does not answer in time. */
  call(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    sessionId?: string,
    answerMs = ANSWER_MS,
  ): Promise<Readonly<Record<string, unknown>>> {
    return new Promise((resolve, reject) => {
      if (this.closed) {
        reject(new Error('the browser has closed its connection'));
        return;
      }
      this.ids += 1;
      const id = this.ids;
      const timer = setTimeout(() => {
        this.calls.delete(id);
        reject(new Error(`${method}: no answer in ${answerMs / 1000} s`));
      }, answerMs);
      this.calls.set(id, { resolve, reject, timer });
      this.options.input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  private take(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(0); end >= 0 && !this.closed; end = rest.indexOf(0)) {
      const message = Buffer.concat([...this.chunks, rest.subarray(0, end)]);
      rest = rest.subarray(end + 1);
      this.chunks = [];
      this.bytes = 0;
      this.read(message);
    }
    this.chunks.push(rest);
    this.bytes += rest.length;
    if (this.bytes > MAX_MESSAGE) this.break(new Error('the browser sends a message that is too long'));
  }

  private read(bytes: Buffer): void {
    let message: Message;
    try {
      message = Object(JSON.parse(bytes.toString('utf8')));
    } catch (error) {
      this.break(error as Error);
      return;
    }
    const { id, result, error, method, params, sessionId } = message;
    if (typeof id === 'number') this.answer(id, result, error);
    else if (typeof method === 'string') this.options.onEvent({ method, params: Object(params), sessionId });
  }

  private answer(id: number, result: Message['result'], error: Message['error']): void {
    const call = this.calls.get(id);
    if (call === undefined) return;
    this.calls.delete(id);
    clearTimeout(call.timer);
    if (error === undefined) call.resolve(Object(result));
    else call.reject(new Error(String(error.message)));
  }

  private break(error: Error): void {
    this.close();
    this.options.onBroken(error);
  }

  close(): void {
    this.closed = true;
    this.chunks = [];
    for (const { reject, timer } of this.calls.values()) {
      clearTimeout(timer);
      reject(new Error('the browser has closed its connection'));
    }
    this.calls.clear();
  }
}
