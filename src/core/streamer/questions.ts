import { injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { QUESTION_MS } from '../../protocol/plugin-window.js';
import type { Answer, OpenQuestion } from '../../protocol/questions.js';
import { type AnswerReader, actionReader } from './answer-readers.js';

interface Asked {
  readonly question: OpenQuestion;
  /** Checks an answer, and passes it on unless the question has ended meanwhile. */
  readonly take: (given: Answer) => Promise<void>;
  readonly dismiss: () => void;
}

/** An open question, as returned to its creator; disposing withdraws it. */
export interface Question<T> extends Disposable {
  readonly id: number;
  /** What was answered; null if it was dismissed, withdrawn, or not answered in time. */
  readonly answer: Promise<T | null>;
}

/**
 * Plugins' questions to the streamer; the first valid answer from any client of the control API counts.
 */
@injectable()
export class Questions implements Disposable {
  private readonly open = new Map<number, Asked>();
  /** When the last question of each plugin ended, by `performance.now()`. */
  private readonly endedMs = new Map<string, number>();
  private lastId = 0;

  /** Oldest first. */
  list(): OpenQuestion[] {
    return [...this.open.values()].map(({ question }) => question);
  }

  isOpen(id: number): boolean {
    return this.open.has(id);
  }

  /** How many questions of a plugin are open. */
  countOf(plugin: string): number {
    return this.list().filter((question) => question.plugin === plugin).length;
  }

  /** When a question of the plugin was last open, by `performance.now()`: now if one is, and 0 if none ever was. */
  lastOpenMs(plugin: string): number {
    return this.countOf(plugin) > 0 ? performance.now() : (this.endedMs.get(plugin) ?? 0);
  }

  /** Asks to choose one of the actions. @param timeoutMs how long it stays open */
  ask(asked: Omit<OpenQuestion, 'id' | 'atMs'>, timeoutMs = QUESTION_MS): Question<string> {
    return this.askFor(asked, actionReader(asked.actions), timeoutMs);
  }

  /** @param reader makes of an answer what the question asks for, or throws what is wrong with it: then the question stays open */
  askFor<T>(
    asked: Omit<OpenQuestion, 'id' | 'atMs'>,
    { read, discard }: AnswerReader<T>,
    timeoutMs = QUESTION_MS,
  ): Question<T> {
    this.lastId += 1;
    const id = this.lastId;
    let resolve: (value: T | null) => void = () => {};
    const answer = new Promise<T | null>((settle) => {
      resolve = settle;
    });
    const end = (value: T | null) => {
      clearTimeout(deadline);
      resolve(value);
      if (this.open.delete(id)) this.endedMs.set(asked.plugin, performance.now());
    };
    const deadline = setTimeout(() => end(null), timeoutMs);
    this.open.set(id, {
      question: { id, ...asked, atMs: Date.now() },
      take: async (given) => {
        const value = await read(given);
        if (this.open.has(id)) {
          end(value);
          return;
        }
        discard?.(value);
        throw notFound(id);
      },
      dismiss: () => end(null),
    });
    return { id, answer, dispose: () => end(null) };
  }

  /**
   * @param given null dismisses it
   * @throws `question.notFound`; what is wrong with the answer, most often `config.invalid`
   */
  async answer(id: number, given: Answer | null): Promise<void> {
    const asked = this.open.get(id);
    if (asked === undefined) throw notFound(id);
    if (given === null) asked.dismiss();
    else await asked.take(given);
  }

  dispose(): void {
    for (const { dismiss } of this.open.values()) dismiss();
  }
}

function notFound(id: number): BulkheadError {
  return new BulkheadError(ErrorCodes.questionNotFound, `there is no open question ${id}`, {
    remedy: 'See "bulkhead answer".',
  });
}
