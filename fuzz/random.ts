/** A seeded generator of numbers (xorshift32): the same seed gives the same inputs. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0 || 0x9e3779b9;
  }

  /** 0 to `bound` - 1. */
  below(bound: number): number {
    let { state } = this;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.state = state;
    return bound <= 0 ? 0 : (state >>> 0) % bound;
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** 0 to `bound`, as often small as large: each power of two is as likely. */
  size(bound: number): number {
    const bits = this.below(Math.ceil(Math.log2(bound + 1)) + 1);
    return Math.min(bound, this.below(2 ** bits));
  }
}
