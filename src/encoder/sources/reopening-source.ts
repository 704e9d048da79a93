import { Backoff } from '../../base/backoff.js';
import type { SourcePosition, SourceState } from '../../protocol/encoder.js';
import { BulkheadError } from '../../protocol/errors.js';
import { NOTHING, type Source, type SourceSlot } from './source.js';

const RETRY = { baseMs: 500, capMs: 5000, jitter: 0.2 } as const;

/** A source that cannot be opened yet: it is tried again until it can. */
export class ReopeningSource implements Source {
  private readonly backoff = new Backoff(RETRY);
  private source: Source | undefined;
  private failed = false;
  private timer: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(
    private readonly open: () => Promise<Source>,
    private readonly onFailure: (error: BulkheadError) => void,
    /** Where it will be played from. */
    private readonly start: SourcePosition,
  ) {
    void this.attempt();
  }

  get state(): SourceState {
    return this.source?.state ?? (this.failed ? 'retrying' : 'starting');
  }

  get isReady(): boolean {
    return this.source?.isReady === true;
  }

  get pid(): number {
    return this.source?.pid ?? 0;
  }

  get cpuPercent(): number | undefined {
    return this.source?.cpuPercent;
  }

  get position(): SourcePosition | undefined {
    return this.source === undefined ? this.start : this.source.position;
  }

  take(samples: number): SourceSlot {
    return this.source?.take(samples) ?? NOTHING;
  }

  private async attempt(): Promise<void> {
    try {
      const source = await this.open();
      if (this.disposed) source.dispose();
      else this.source = source;
    } catch (error) {
      if (this.disposed) return;
      this.failed = true;
      this.onFailure(BulkheadError.from(error));
      this.timer = setTimeout(() => void this.attempt(), Math.max(RETRY.baseMs, this.backoff.next()));
    }
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.source?.dispose();
  }
}
