import { injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import type { OpenQuestion } from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { QUESTION_MS } from '../../protocol/plugin-window.js';

interface Asked {
  readonly question: OpenQuestion;
  readonly settle: (action: string | null) => void;
}

/** An open question, as returned to its creator; disposing withdraws it. */
export interface Question extends Disposable {
  readonly id: number;
  /** The action chosen; null if it was dismissed, withdrawn, or not answered in time. */
  readonly answer: Promise<string | null>;
}

/**
 * Plugins' questions to the streamer; the first answer from any client of the control API counts.
 */
@injectable()
export class Questions implements Disposable {
  private readonly open = new Map<number, Asked>();
  private lastId = 0;

  /** Oldest first. */
  list(): OpenQuestion[] {
    return [...this.open.values()].map(({ question }) => question);
  }

  isOpen(id: number): boolean {
    return this.open.has(id);
  }

  /** @param timeoutMs how long it stays open */
  ask(asked: Omit<OpenQuestion, 'id' | 'atMs'>, timeoutMs = QUESTION_MS): Question {
    this.lastId += 1;
    const id = this.lastId;
    const answer = new Promise<string | null>((resolve) => {
      const deadline = setTimeout(() => this.settle(id, null), timeoutMs);
      this.open.set(id, {
        question: { id, ...asked, atMs: Date.now() },
        settle: (action) => {
          clearTimeout(deadline);
          resolve(action);
        },
      });
    });
    return { id, answer, dispose: () => this.settle(id, null) };
  }

  /**
   * @param action one of the question's; null dismisses it.
   * @throws `question.notFound`; `config.invalid` if the question has no such action.
   */
  answer(id: number, action: string | null): void {
    const asked = this.open.get(id);
    if (asked === undefined) {
      throw new BulkheadError(ErrorCodes.questionNotFound, `there is no open question ${id}`, {
        remedy: 'See "bulkhead answer".',
      });
    }
    const { actions } = asked.question;
    if (action !== null && !actions.includes(action)) {
      throw new BulkheadError(ErrorCodes.configInvalid, `the question ${id} has no answer "${action}"`, {
        remedy: `Available answers: ${actions.map((one) => `"${one}"`).join(', ')}.`,
      });
    }
    this.settle(id, action);
  }

  private settle(id: number, action: string | null): void {
    const asked = this.open.get(id);
    this.open.delete(id);
    asked?.settle(action);
  }

  dispose(): void {
    for (const id of [...this.open.keys()]) this.settle(id, null);
  }
}
