import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reachedBranches } from './coverage/coverage.js';
import { mutateBytes } from './mutate-bytes.js';
import type { Random } from './random.js';
import type { Target } from './target.js';

const MAX_BYTES = 256 * 1024;
const MAX_CPU_MS = 20;
/** An input that has been slow is tried so often again: once may be the garbage collector, or another program. */
const RETRIES = 5;
/** What one input may leave behind, bytes. */
const MAX_GROWTH_BYTES = 1024 ** 3;
/** Inputs that have reached something new, and are changed further. */
const MAX_CORPUS = 5000;
/** How often an input is looked at for what the process has grown by. */
const INPUTS_PER_LOOK = 4096;

/** An input that has done what none may do. */
export interface Finding {
  readonly target: string;
  readonly problem: string;
  /** Where the input is. */
  readonly file: string;
}

/** How it went with one target. */
export interface Result {
  readonly target: string;
  readonly inputs: number;
  readonly perSecond: number;
  /** Inputs in the corpus at the end, and branches of the project that this target was the first to reach. */
  readonly corpus: number;
  readonly branches: number;
  /** The slowest input, ms of CPU. */
  readonly slowestMs: number;
  readonly findings: number;
}

/** Runs one target after the other, each on inputs that grow from those which have reached something new. */
export class Fuzzer {
  readonly findings: Finding[] = [];
  private current: { readonly target: Target; readonly input: Buffer } | undefined;

  /**
   * @param folder Where inputs of findings are written.
   * @param report Called with each finding.
   */
  constructor(
    private readonly random: Random,
    private readonly folder: string,
    private readonly report: (text: string) => void,
  ) {}

  async run(target: Target, ms: number): Promise<Result> {
    const { random } = this;
    const { maxBytes = MAX_BYTES } = target;
    const corpus: Buffer[] = target.seeds.map((seed) => seed.subarray(0, maxBytes));
    const startMs = performance.now();
    const firstBranch = reachedBranches();
    const findingsBefore = this.findings.length;
    let inputs = 0;
    let slowestMs = 0;
    const atStart = process.memoryUsage.rss();
    const give = async (input: Buffer) => {
      const before = reachedBranches();
      slowestMs = Math.max(slowestMs, await this.give(target, input));
      inputs += 1;
      if (reachedBranches() > before && corpus.length < MAX_CORPUS) corpus.push(input);
    };
    for (const seed of [...corpus]) await give(seed);
    while (performance.now() - startMs < ms) {
      const parent = this.parentOf(corpus);
      const input =
        target.mutate?.(parent, random) ?? mutateBytes(parent, this.parentOf(corpus), random, maxBytes);
      if (input.length <= maxBytes) await give(input);
      if (inputs % INPUTS_PER_LOOK === 0 && process.memoryUsage.rss() - atStart > MAX_GROWTH_BYTES) {
        this.note(target, input, 'the process has grown by more than 1 GB');
        break;
      }
      if (this.findings.length - findingsBefore >= 20) break;
    }
    target.dispose?.();
    const seconds = (performance.now() - startMs) / 1000;
    return {
      target: target.name,
      inputs,
      perSecond: Math.round(inputs / seconds),
      corpus: corpus.length,
      branches: reachedBranches() - firstBranch,
      slowestMs,
      findings: this.findings.length - findingsBefore,
    };
  }

  /** Takes an uncaught error, which the present input caused. */
  noteStray(error: unknown): void {
    if (this.current === undefined) throw error;
    this.note(this.current.target, this.current.input, `not caught: ${describe(error)}`);
  }

  /** Mostly one of the shorter ones: they are many times faster, and the long ones have their turn. */
  private parentOf(corpus: readonly Buffer[]): Buffer {
    const { random } = this;
    const first = random.pick(corpus);
    if (random.once(100)) return first;
    let shortest = first;
    for (let tries = 0; tries < 3; tries += 1) {
      const other = random.pick(corpus);
      if (other.length < shortest.length) shortest = other;
    }
    return shortest;
  }

  /** @returns What it has cost, ms. The time that has passed is an upper bound of the CPU time of this thread. */
  private async give(target: Target, input: Buffer): Promise<number> {
    this.current = { target, input };
    const { maxCpuMs = MAX_CPU_MS } = target;
    const startMs = performance.now();
    try {
      const running = target.run(input);
      if (running !== undefined) await running;
    } catch (error) {
      this.note(target, input, describe(error));
      return 0;
    }
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs <= maxCpuMs) return elapsedMs;
    const cpuMs = await this.cpuMs(target, input);
    if (cpuMs > maxCpuMs) this.note(target, input, `took ${cpuMs.toFixed(1)} ms of CPU`);
    return cpuMs;
  }

  /** The least of several runs. */
  private async cpuMs(target: Target, input: Buffer): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < RETRIES; run += 1) {
      const before = process.cpuUsage();
      await target.run(input);
      const { user, system } = process.cpuUsage(before);
      least = Math.min(least, (user + system) / 1000);
    }
    return least;
  }

  private note(target: Target, input: Buffer, problem: string): void {
    const [title] = problem.split('\n');
    if (this.findings.some((known) => known.target === target.name && known.problem === title)) return;
    mkdirSync(this.folder, { recursive: true });
    const file = join(this.folder, `${target.name}-${this.findings.length + 1}`);
    writeFileSync(file, input);
    this.findings.push({ target: target.name, problem: title ?? '', file });
    this.report(`${target.name}: ${problem}\n  input of ${input.length} bytes: ${file}`);
  }
}

function describe(error: unknown): string {
  return error instanceof Error
    ? (error.stack ?? error.message).split('\n').slice(0, 8).join('\n')
    : String(error);
}
