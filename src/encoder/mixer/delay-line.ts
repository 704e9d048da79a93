/** Sound that is heard later. */
export class DelayLine {
  /** What has come before, as much as is still to be heard. */
  private past = new Float32Array(0);
  private delay = 0;
  private wanted = 0;

  /** @param samples interleaved: how much later it is heard, from the next sounds on. It goes over evenly. */
  set(samples: number): void {
    this.wanted = samples;
  }

  /** The sounds that are heard in place of these; the same ones without a delay. */
  process(samples: Float32Array): Float32Array {
    const { delay, wanted } = this;
    if (delay === 0 && wanted === 0) return samples;
    const most = Math.max(delay, wanted);
    const all = new Float32Array(most + samples.length);
    const kept = this.past.subarray(Math.max(0, this.past.length - most));
    all.set(kept, most - kept.length);
    all.set(samples, most);
    const heard = (later: number) => all.subarray(most - later, most - later + samples.length);
    this.past = all.slice(all.length - wanted);
    this.delay = wanted;
    if (delay === wanted) return heard(wanted);
    const [before, after] = [heard(delay), heard(wanted)];
    return Float32Array.from(after, (value, at) => {
      const share = at / samples.length;
      return value * share + (before[at] ?? 0) * (1 - share);
    });
  }
}
