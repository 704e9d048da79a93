import type { EndSignal } from '../base/process-signals.js';
import type { CliContext } from './cli-context.js';

/**
 * The first signal: end in order. Ctrl-C after that: end immediately. Other signals may arrive twice by themselves: closing a
 * terminal sends SIGHUP, its shell sends it as well, and a session manager sends SIGTERM too.
 */
export class StopSignals {
  private readonly first = new AbortController();
  private readonly second = new AbortController();
  /** Aborted by the first signal. */
  readonly requested: AbortSignal = this.first.signal;
  /** Aborted by Ctrl-C after that. */
  readonly forced: AbortSignal = this.second.signal;

  private readonly onInterrupt = () => {
    if (this.requested.aborted) this.second.abort();
    else this.first.abort();
  };
  private readonly onOther = () => this.first.abort();

  constructor(private readonly context: Pick<CliContext, 'signals' | 'endSignals'>) {
    for (const signal of context.endSignals) context.signals.on(signal, this.listener(signal));
  }

  private listener(signal: EndSignal): () => void {
    return signal === 'SIGINT' ? this.onInterrupt : this.onOther;
  }

  dispose(): void {
    const { signals, endSignals } = this.context;
    for (const signal of endSignals) signals.off(signal, this.listener(signal));
  }
}

/** Resolves when the signal is aborted, with `value`. */
export function whenAborted<T>(signal: AbortSignal, value: T): Promise<T> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(value);
    else signal.addEventListener('abort', () => resolve(value), { once: true });
  });
}
