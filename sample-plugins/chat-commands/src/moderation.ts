/** What to do about a message. */
export type Verdict = 'fine' | 'warn' | 'remove';

/** Number of people whose warnings are remembered. */
const MAX_REMEMBERED = 10_000;

/** Moderates by a list of words. */
export class Moderation {
  private readonly pattern: RegExp | undefined;
  private readonly warned = new Map<string, number>();

  /** @param warnings Number of warnings before a user is removed. */
  constructor(
    words: readonly string[],
    private readonly warnings: number,
  ) {
    const alternatives = words
      .map((word) => word.trim())
      .filter((word) => word !== '')
      .map(escaped);
    if (alternatives.length === 0) return;
    // Whole words: a list of bad words must not match "Scunthorpe".
    this.pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${alternatives.join('|')})(?![\\p{L}\\p{N}])`, 'iu');
  }

  judge(nick: string, text: string): Verdict {
    if (this.pattern?.test(text.normalize('NFKC')) !== true) return 'fine';
    const count = (this.warned.get(nick) ?? 0) + 1;
    this.warned.delete(nick);
    this.warned.set(nick, count);
    const [oldest] = this.warned.keys();
    if (this.warned.size > MAX_REMEMBERED && oldest !== undefined) this.warned.delete(oldest);
    return count > this.warnings ? 'remove' : 'warn';
  }
}

function escaped(word: string): string {
  return word.normalize('NFKC').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
