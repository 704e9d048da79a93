import type { Disposable } from 'vscode-jsonrpc';

/** Time to the first attempt, ms; it doubles with each one, up to the second. */
const FIRST_MS = 30_000;
const MOST_MS = 600_000;

/** Tries a hardware encoder again whose place software has taken, such as after its driver was restarted. */
export class HardwareReturn implements Disposable {
  private delayMs = FIRST_MS;
  private timer: NodeJS.Timeout | undefined;
  private disposed = false;

  /** @param attempt rejects if the hardware does not work yet */
  constructor(private readonly attempt: () => Promise<void>) {}

  /** Software has taken its place. */
  begin(): void {
    if (this.disposed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.attempt().catch(() => this.begin()), this.delayMs);
    this.delayMs = Math.min(MOST_MS, this.delayMs * 2);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
  }
}
