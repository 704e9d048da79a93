import type { CliContext } from './cli-context.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C and its kin. Once: end in order. Twice: end at once. */
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

  constructor(private readonly source: CliContext['signals']) {
    for (const signal of SIGNALS) source.on(signal, this.onSignal);
  }

  dispose(): void {
    for (const signal of SIGNALS) this.source.off(signal, this.onSignal);
  }
}

/** Resolves when the signal is aborted, with `value`. */
export function whenAborted<T>(signal: AbortSignal, value: T): Promise<T> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(value);
    else signal.addEventListener('abort', () => resolve(value), { once: true });
  });
}
