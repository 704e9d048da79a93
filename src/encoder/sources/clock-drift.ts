/** Arrivals of this time make one measurement, s. */
const WINDOW_S = 2;
/** The median of so many measurements counts: a burst, or a network that is slow for a moment, is not the clock. */
const MEASUREMENTS = 5;
/** A source that has moved by this much since it began drifts, s; it no longer does once it stays this near to its place, this long. */
const DRIFTED_S = 0.005;
const STEADY_S = 0.001;
const STEADY_RATE = 5e-6;
const STEADY_FOR_S = 30;
/** What has moved by more than this has not drifted: something on the way has changed, and its place with it, s. */
const JUMP_S = 0.04;
/** The most that a source is played faster or slower, as a part. */
const MOST_RATE = 0.002;
/** A source is led back to its place within about this time, s. */
const APPROACH_S = 20;

/**
 * How much faster a source's clock runs than the programme's: measured by how early its packets arrive, and corrected so that it
 * stays as much behind them as it was in the beginning (a PI controller).
 */
export class ClockDrift {
  private arrivalS = Number.NEGATIVE_INFINITY;
  private dueS = Number.NEGATIVE_INFINITY;
  private windowS = 0;
  /** How far arrivals were ahead of what was due, s, in the last windows. */
  private readonly leads: number[] = [];
  /** The same as it should be, s. */
  private placeS: number | undefined;
  private placedForS = 0;
  private steadyForS = 0;
  private drift = 0;
  private isCorrecting = false;
  private current = 0;

  /** By which part the source is to be played faster; 0 without drift. */
  get rate(): number {
    return this.current;
  }

  /**
   * To be called in each slot.
   *
   * @param arrivalS how far what has arrived since the last slot is ahead of this process' clock, s; undefined if nothing has
   * @param dueS how far what is due is ahead of it, s
   */
  next(slotS: number, arrivalS: number | undefined, dueS: number): void {
    this.arrivalS = Math.max(this.arrivalS, arrivalS ?? Number.NEGATIVE_INFINITY);
    // Slots are late too.
    this.dueS = Math.max(this.dueS, dueS);
    this.windowS += slotS;
    if (this.windowS < WINDOW_S) return;
    const leadS = this.arrivalS - this.dueS;
    const sinceS = this.windowS;
    this.startWindow();
    if (Number.isFinite(leadS)) this.measure(leadS, sinceS);
  }

  /** What is due was moved by so much, s, for good. */
  moved(byS: number): void {
    if (this.placeS !== undefined) this.placeS -= byS;
    for (const [index, leadS] of this.leads.entries()) this.leads[index] = leadS - byS;
    this.startWindow();
  }

  /** The source is another one, or has jumped. */
  reset(): void {
    this.startWindow();
    this.leads.length = 0;
    this.placeS = undefined;
    this.stop();
  }

  private startWindow(): void {
    this.arrivalS = Number.NEGATIVE_INFINITY;
    this.dueS = Number.NEGATIVE_INFINITY;
    this.windowS = 0;
  }

  private stop(): void {
    this.isCorrecting = false;
    this.drift = 0;
    this.current = 0;
    this.steadyForS = 0;
  }

  private measure(leadS: number, sinceS: number): void {
    this.leads.push(leadS);
    if (this.leads.length < MEASUREMENTS) return;
    if (this.leads.length > MEASUREMENTS) this.leads.shift();
    const medianS = this.leads.toSorted((a, b) => a - b)[(MEASUREMENTS - 1) / 2] as number;
    if (this.placeS === undefined) {
      this.placeS = medianS;
      this.placedForS = 0;
    }
    const offS = medianS - this.placeS;
    if (Math.abs(offS) > JUMP_S) this.reset();
    else this.correct(offS, sinceS);
  }

  private correct(offS: number, sinceS: number): void {
    this.placedForS += sinceS;
    if (!this.isCorrecting) {
      if (Math.abs(offS) < DRIFTED_S) return;
      this.isCorrecting = true;
      this.drift = offS / this.placedForS;
    }
    // Critically damped.
    this.drift = limited(this.drift + (offS * sinceS) / (4 * APPROACH_S ** 2));
    this.current = limited(this.drift + offS / APPROACH_S);
    const isSteady = Math.abs(offS) < STEADY_S && Math.abs(this.current) < STEADY_RATE;
    this.steadyForS = isSteady ? this.steadyForS + sinceS : 0;
    if (this.steadyForS < STEADY_FOR_S) return;
    this.stop();
    this.placedForS = 0;
  }
}

function limited(rate: number): number {
  return Math.max(-MOST_RATE, Math.min(rate, MOST_RATE));
}
