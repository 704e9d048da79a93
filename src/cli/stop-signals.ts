import type { CliContext } from './cli-context.js';

/** Ctrl-C and the like. Once: end in order. Twice: end at once. */
export class StopSignals {
  private readonly first = new AbortController();
  private readonly second = new AbortController();
  /** Aborted by the first signal. */
  readonly requested: AbortSignal = this.first.signal;
  /** Aborted by the second. */
  readonly forced: AbortSignal = this.second.signal;

  private readonly onSignal = () => {
    if (this.requested.aborted) this.second.abort();
    else this.first.abort();
  };

  constructor(private readonly context: Pick<CliContext, 'signals' | 'endSignals'>) {
    for (const signal of context.endSignals) context.signals.on(signal, this.onSignal);
  }

  dispose(): void {
    const { signals, endSignals } = this.context;
    for (const signal of endSignals) signals.off(signal, this.onSignal);
  }
}

/** Resolves when the signal is aborted, with `value`. */
export function whenAborted<T>(signal: AbortSignal, value: T): Promise<T> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(value);
    else signal.addEventListener('abort', () => resolve(value), { once: true });
  });
}
