import type { SourceState } from '@bulkhead/extension-api';

/** Decides whether a source is fit to be on air. */
export class SourceWatch {
  private lostAtMs: number | undefined;
  private silentAtMs: number | undefined;

  /**
   * @param silentMs How long it may be silent; 0 for as long as it likes.
   * @param lostMs How long it may deliver nothing.
   * @param thresholdDb What is quieter is silence, dBFS.
   */
  constructor(
    private readonly silentMs: number,
    private readonly lostMs: number,
    private readonly thresholdDb: number,
  ) {}

  /** One that is not open, or is being opened, is as it was before. */
  noteState(state: SourceState, nowMs: number): void {
    if (state === 'live') this.lostAtMs = undefined;
    else if (state !== 'cold' && state !== 'starting') this.lostAtMs ??= nowMs;
  }

  noteLevel(rmsDbfs: number | null, nowMs: number): void {
    if (rmsDbfs !== null && rmsDbfs >= this.thresholdDb) this.silentAtMs = undefined;
    else this.silentAtMs ??= nowMs;
  }

  /** Why it is not fit; undefined if it is. */
  problem(nowMs: number): 'lost' | 'silent' | undefined {
    const { lostAtMs, silentAtMs, silentMs } = this;
    if (lostAtMs !== undefined && nowMs - lostAtMs >= this.lostMs) return 'lost';
    if (silentMs > 0 && silentAtMs !== undefined && nowMs - silentAtMs >= silentMs) return 'silent';
    return undefined;
  }
}
