/**
 * How far the timestamps of what arrives are ahead of this process' clock. What arrives late says nothing of the source's clock, so
 * that only the earliest arrivals count.
 */
export class ArrivalLead {
  private leadS = Number.NEGATIVE_INFINITY;

  /** To be called on arrival. @param timeS of the end of what has arrived, on the source's clock */
  note(timeS: number): void {
    this.leadS = Math.max(this.leadS, timeS - performance.now() / 1000);
  }

  /** The furthest since the last call, s; undefined if nothing has arrived. */
  take(): number | undefined {
    const { leadS } = this;
    this.leadS = Number.NEGATIVE_INFINITY;
    return Number.isFinite(leadS) ? leadS : undefined;
  }
}
