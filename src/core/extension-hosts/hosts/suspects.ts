import type { Disposable } from 'vscode-jsonrpc/node';
import type { JournalEntries } from './crash-journal.js';
import { type QueuedStart, StartQueue } from './start-queue.js';

/** How long a suspect runs before the next one is started, ms. */
const TRIAL_MS = 3000;
/** Maximum time that suspects wait for the stream, ms. */
const ON_AIR_DEADLINE_MS = 15_000;

/**
 * The plugins that were active when the previous core crashed. One of them may have caused it: they are started one at a time,
 * after the stream is on air, and a crash of the core counts as a crash of theirs.
 */
export class Suspects implements Disposable {
  private readonly ids: Set<string>;
  private readonly crashes: Map<string, readonly number[]>;
  private readonly queue = new StartQueue(1);
  private readonly trials = new Set<string>();
  private readonly released: Promise<void>;
  private release: () => void = () => {};
  private readonly deadline: NodeJS.Timeout;
  private readonly ended = new AbortController();

  constructor({ active, onTrial, crashes }: JournalEntries, diedAtMs = Date.now()) {
    this.ids = new Set(onTrial.length > 0 ? onTrial : active);
    this.crashes = new Map(Object.entries(crashes));
    for (const id of this.ids) this.crashes.set(id, [...(this.crashes.get(id) ?? []), diedAtMs]);
    this.released = new Promise((resolve) => {
      this.release = resolve;
    });
    this.deadline = setTimeout(() => this.release(), ON_AIR_DEADLINE_MS);
    this.deadline.unref();
  }

  /** All suspects, including those already tried. */
  get all(): readonly string[] {
    return [...this.ids];
  }

  /** The suspects being tried now. */
  get onTrial(): readonly string[] {
    return [...this.trials];
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  /**
   * When a host with these plugins crashed under a previous core, ms since 1970. Returned once: a host created later starts
   * with no crashes.
   */
  takeCrashes(ids: readonly string[]): readonly number[] {
    const crashes = ids.flatMap((id) => this.crashes.get(id) ?? []);
    for (const id of ids) this.crashes.delete(id);
    return [...new Set(crashes)].sort((a, b) => a - b);
  }

  /** The stream is on air: trials may begin. */
  begin(): void {
    this.release();
  }

  /** The queue for the start of a host with a suspect in it. */
  queueFor(ids: readonly string[]): Pick<StartQueue, 'add' | 'remove'> {
    const waiting = new Map<QueuedStart, QueuedStart>();
    return {
      add: (start) => {
        const trial: QueuedStart = { begin: () => this.try(ids, start, () => waiting.get(start) === trial) };
        waiting.set(start, trial);
        this.queue.add(trial);
      },
      remove: (start) => {
        const trial = waiting.get(start);
        waiting.delete(start);
        return trial !== undefined && this.queue.remove(trial);
      },
    };
  }

  private async try(ids: readonly string[], start: QueuedStart, isWanted: () => boolean): Promise<void> {
    const { signal } = this.ended;
    await this.released;
    if (signal.aborted || !isWanted()) return;
    for (const id of ids) this.trials.add(id);
    await start.begin();
    await this.watched();
    for (const id of ids) this.trials.delete(id);
  }

  /** Resolves when a trial is over. */
  private watched(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, TRIAL_MS);
      timer.unref();
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      this.ended.signal.addEventListener('abort', end, { once: true });
    });
  }

  dispose(): void {
    clearTimeout(this.deadline);
    this.ended.abort();
    this.release();
  }
}
