const MOST = 4096;

/** How long tags stayed in the core, ms; the latest 4096 when nobody takes them. */
export class TransitTimes {
  private times: number[] = [];
  private next = 0;

  add(ms: number): void {
    if (this.times.length < MOST) this.times.push(ms);
    else this.times[this.next] = ms;
    this.next = (this.next + 1) % MOST;
  }

  /** All of them, each once. */
  take(): number[] {
    const taken = this.times;
    this.times = [];
    this.next = 0;
    return taken;
  }
}
