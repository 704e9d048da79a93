/**
 * Regular expressions whose time grows with the length of pattern and text alone, since they may be those of plugins and are matched in the core:
 * a part of JavaScript's, without lookaround, back references and \b. A pattern becomes a program, all of whose states are followed at once.
 */

/** Most characters of a pattern. */
export const MOST_PATTERN = 100;
/** Most instructions of a program, and most repetitions of one part. */
const MOST_STEPS = 200;
const WITHOUT_END = Number.POSITIVE_INFINITY;

type Instruction =
  | { readonly op: 'read'; readonly takes: (char: string) => boolean }
  | { readonly op: 'start' | 'end' | 'done' }
  | Split;

/** Goes on at each of these. */
interface Split {
  readonly op: 'split';
  to: readonly number[];
}

/** A part of a pattern. */
type Node =
  | { readonly type: 'atom'; readonly source: string }
  | { readonly type: 'start' | 'end' }
  | { readonly type: 'sequence'; readonly of: readonly Node[] }
  | { readonly type: 'choice'; readonly of: readonly Node[] }
  | { readonly type: 'repeat'; readonly of: Node; readonly min: number; readonly max: number };

export class LinearPattern {
  private readonly program: readonly Instruction[];

  /** @throws RangeError that says what is expected of the pattern */
  constructor(pattern: string, ignoreCase = false) {
    if (pattern.length > MOST_PATTERN) throw new RangeError(`expected at most ${MOST_PATTERN} characters`);
    try {
      new RegExp(pattern, 'u');
    } catch {
      throw new RangeError('expected a regular expression');
    }
    const program = new Compiler(ignoreCase ? 'iu' : 'u');
    program.add(new PatternReader(pattern).read());
    this.program = program.end();
  }

  /** Whether some part of the text matches. */
  test(text: string): boolean {
    const chars = [...text];
    let states = new Set<number>();
    for (let at = 0; at <= chars.length; at += 1) {
      this.follow(0, states, at, chars.length);
      const next = new Set<number>();
      for (const state of states) {
        const instruction = this.program[state];
        if (instruction?.op === 'done') return true;
        const char = chars[at];
        if (char !== undefined && instruction?.op === 'read' && instruction.takes(char)) {
          this.follow(state + 1, next, at + 1, chars.length);
        }
      }
      states = next;
    }
    return false;
  }

  /** Adds the state, and those that are reached from it without reading. */
  private follow(first: number, states: Set<number>, at: number, length: number): void {
    const waiting = [first];
    for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
      if (states.has(state)) continue;
      states.add(state);
      const instruction = this.program[state];
      if (instruction?.op === 'split') waiting.push(...instruction.to);
      else if (instruction?.op === 'start' ? at === 0 : instruction?.op === 'end' && at === length)
        waiting.push(state + 1);
    }
  }
}

/** Takes a pattern apart that JavaScript accepts with the flag `u`. */
class PatternReader {
  private at = 0;

  constructor(private readonly pattern: string) {}

  read(): Node {
    const choices = [this.sequence()];
    while (this.take('|')) choices.push(this.sequence());
    return choices.length === 1 && choices[0] !== undefined ? choices[0] : { type: 'choice', of: choices };
  }

  private sequence(): Node {
    const of: Node[] = [];
    while (this.at < this.pattern.length && !/[|)]/.test(this.pattern.charAt(this.at)))
      of.push(this.repeated());
    return { type: 'sequence', of };
  }

  private repeated(): Node {
    const of = this.single();
    const [written = '', braces, least, comma, most] =
      /^(?:[*+?]|(\{(\d+)(?:(,)(\d*))?\}))\??/.exec(this.pattern.slice(this.at)) ?? [];
    if (written === '') return of;
    this.at += written.length;
    if (braces === undefined) {
      return {
        type: 'repeat',
        of,
        min: written.startsWith('+') ? 1 : 0,
        max: written.startsWith('?') ? 1 : WITHOUT_END,
      };
    }
    const min = Number(least);
    const max = comma === undefined ? min : most === '' ? WITHOUT_END : Number(most);
    if (Math.max(min, max === WITHOUT_END ? 0 : max) > MOST_STEPS) throw tooLarge();
    return { type: 'repeat', of, min, max };
  }

  private single(): Node {
    if (this.take('^')) return { type: 'start' };
    if (this.take('$')) return { type: 'end' };
    if (this.take('(')) {
      if (this.pattern.charAt(this.at) === '?' && !this.take('?:')) {
        throw new RangeError('expected no lookaround, names or flags in it');
      }
      const group = this.read();
      this.at += 1;
      return group;
    }
    const rest = this.pattern.slice(this.at);
    const [source = ''] =
      /^(?:\[(?:[^\]\\]|\\.)*\]|\\u\{[0-9a-fA-F]+\}|\\u[0-9a-fA-F]{4}|\\x..|\\c.|\\[pP]\{[^}]*\}|\\.|.)/su.exec(
        rest,
      ) ?? [];
    if (/^\\[1-9kbB]/.test(source)) throw new RangeError('expected no back references, \\b or \\B in it');
    this.at += source.length;
    return { type: 'atom', source };
  }

  private take(text: string): boolean {
    const is = this.pattern.startsWith(text, this.at);
    if (is) this.at += text.length;
    return is;
  }
}

class Compiler {
  private readonly program: Instruction[] = [];

  constructor(private readonly flags: string) {}

  end(): readonly Instruction[] {
    this.push({ op: 'done' });
    return this.program;
  }

  add(node: Node): void {
    if (node.type === 'atom') this.push({ op: 'read', takes: charTest(node.source, this.flags) });
    else if (node.type === 'sequence') for (const part of node.of) this.add(part);
    else if (node.type === 'choice') this.choose(node.of);
    else if (node.type === 'repeat') this.repeat(node.of, node.min, node.max);
    else this.push({ op: node.type });
  }

  private choose(nodes: readonly Node[]): void {
    const split = this.split([]);
    const starts: number[] = [];
    const ends: Split[] = [];
    for (const node of nodes) {
      starts.push(this.program.length);
      this.add(node);
      ends.push(this.split([]));
    }
    split.to = starts;
    for (const end of ends) end.to = [this.program.length];
  }

  private repeat(node: Node, min: number, max: number): void {
    for (let count = 0; count < min; count += 1) {
      const before = this.program.length;
      this.add(node);
      // What is empty is so as often as one likes.
      if (this.program.length === before) break;
    }
    if (max === WITHOUT_END) {
      const start = this.program.length;
      const split = this.split([]);
      this.add(node);
      this.split([start]);
      split.to = [start + 1, this.program.length];
      return;
    }
    const splits: Split[] = [];
    for (let count = min; count < max; count += 1) {
      splits.push(this.split([]));
      this.add(node);
    }
    for (const split of splits) split.to = [this.program.indexOf(split) + 1, this.program.length];
  }

  private split(to: readonly number[]): Split {
    const split: Split = { op: 'split', to };
    this.push(split);
    return split;
  }

  private push(instruction: Instruction): void {
    if (this.program.length >= MOST_STEPS) throw tooLarge();
    this.program.push(instruction);
  }
}

/** Of one character at a time, JavaScript's own regular expressions take no longer than they have to. */
function charTest(source: string, flags: string): (char: string) => boolean {
  if (!/[\\[.]/.test(source) && !flags.includes('i')) return (char) => char === source;
  const test = new RegExp(`^(?:${source})$`, flags);
  return (char) => test.test(char);
}

function tooLarge(): RangeError {
  return new RangeError(
    `expected a smaller pattern: its parts with all their repetitions are more than ${MOST_STEPS}`,
  );
}
