import { pathToFileURL } from 'node:url';
import { CodeMap } from './code-map.js';

/** How many samples are kept, the last ones: ten minutes at a hundred a second. */
const MAX_SAMPLES = 60_000;

/** A function, as in the Chrome DevTools protocol. Lines and columns count from 0. */
export interface CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** What ran at one moment. */
export interface Sample {
  /** µs since the process began. */
  readonly atUs: number;
  /** The functions, the outermost first. One that ran again and again is the same object in all samples. */
  readonly stack: readonly CallFrame[];
}

/** States of V8 in which no function runs for the plugin. */
const GARBAGE_COLLECTOR = 1;
const EXTERNAL = 6;
const IDLE = 7;

/** The name of a function in the log: `spin /plugins/mine/main.cjs:14:25`, without a name ` /plugins/mine/main.cjs:1:1`. */
const FUNCTION = /^(?:(.*?) )?((?:file:|node:|\/|[a-z]:\\).*):(\d+):(\d+)$/i;

/**
 * Reads the log that V8 writes with `--prof`, line by line. It may hold anything: a plugin's process has written it. Lines
 * that it should not hold are skipped.
 */
export class V8Log {
  private readonly codes = new CodeMap<CallFrame>();
  private readonly frames = new Map<string, CallFrame>();
  private readonly taken: Sample[] = [];

  /** The last samples, the oldest first. */
  get samples(): readonly Sample[] {
    return this.taken.slice(-MAX_SAMPLES);
  }

  read(line: string): void {
    const [kind, ...fields] = line.split(',');
    if (kind === 'code-creation') this.addCode(fields);
    else if (kind === 'code-move') this.codes.move(Number(fields[0]), Number(fields[1]));
    else if (kind === 'tick') this.addSample(fields);
  }

  private addCode([type, , , start, size, name = '', owner]: readonly string[]): void {
    // Only functions have one; besides there are V8's own parts, which are not for the author.
    const isRegExp = type === 'RegExp';
    if (owner === undefined && !isRegExp) return;
    const text = unescaped(name);
    this.codes.add(
      Number(start),
      Number(size),
      isRegExp ? this.named(`RegExp: ${text}`) : this.function(text),
    );
  }

  private addSample([pc = '', atUs, isExternal, top = '', state, ...callers]: readonly string[]): void {
    const at = Number(atUs);
    if (!Number.isFinite(at)) return;
    // In a function of V8 or Node itself, the counter is that of the callee.
    const innermost = Number(isExternal === '1' ? top : pc);
    this.taken.push({ atUs: at, stack: this.stackOf(Number(state), innermost, callers) });
    if (this.taken.length >= 2 * MAX_SAMPLES) this.taken.splice(0, MAX_SAMPLES);
  }

  private stackOf(state: number, innermost: number, callers: readonly string[]): readonly CallFrame[] {
    if (state === GARBAGE_COLLECTOR) return [this.named('(garbage collector)')];
    const stack: CallFrame[] = [];
    for (const address of [innermost, ...callers.map(Number)]) {
      const frame = this.codes.at(address);
      // The innermost function may be named twice.
      if (frame !== undefined && (stack.length !== 1 || stack[0] !== frame)) stack.push(frame);
    }
    if (stack.length > 0) return stack.reverse();
    return [this.named(state === EXTERNAL || state === IDLE ? '(idle)' : '(program)')];
  }

  private function(name: string): CallFrame {
    const known = this.frames.get(name);
    if (known !== undefined) return known;
    const [, functionName = '', file, line, column] = FUNCTION.exec(name) ?? [undefined, name];
    return this.keep(name, {
      functionName: functionName === '' ? '(anonymous)' : functionName,
      ...{ scriptId: '0', url: file === undefined ? '' : urlOf(file) },
      ...{ lineNumber: Number(line ?? 0) - 1, columnNumber: Number(column ?? 0) - 1 },
    });
  }

  private named(functionName: string): CallFrame {
    const none = { scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };
    return this.frames.get(functionName) ?? this.keep(functionName, { functionName, ...none });
  }

  private keep(name: string, frame: CallFrame): CallFrame {
    this.frames.set(name, frame);
    return frame;
  }
}

function urlOf(file: string): string {
  return /^(?:file|node):/.test(file) ? file : pathToFileURL(file).href;
}

/** V8 writes commas, backslashes, line breaks and what is not ASCII in names by their code. */
function unescaped(name: string): string {
  return name.replaceAll(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|(n)|(\\))/gi,
    (_all, two: string | undefined, four: string | undefined, lineBreak: string | undefined) => {
      if (lineBreak !== undefined) return '\n';
      const code = two ?? four;
      return code === undefined ? '\\' : String.fromCharCode(Number.parseInt(code, 16));
    },
  );
}
