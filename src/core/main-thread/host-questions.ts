import type { CancellationToken, Disposable } from 'vscode-jsonrpc';
import type { OpenQuestion } from '../../protocol/questions.js';
import type { Log } from '../log/log.js';
import type { AnswerReader } from '../streamer/answer-readers.js';
import type { NoticeSink } from '../streamer/notice-sink.js';
import type { Question, Questions } from '../streamer/questions.js';

/** Maximum number of open questions of one plugin. */
export const MAX_QUESTIONS = 5;

const LEVELS = { error: 'error', warning: 'warn', info: 'info' } as const;

/** Asks the streamer for one host's plugins, and withdraws what is still open when the host ends. */
export class HostQuestions implements Disposable {
  private readonly open = new Set<Question<unknown>>();

  constructor(
    private readonly notices: NoticeSink,
    private readonly questions: Questions,
    private readonly log: Log,
  ) {}

  /** Whether a plugin may ask one more. */
  mayAsk(plugin: string): boolean {
    return this.questions.countOf(plugin) < MAX_QUESTIONS;
  }

  /**
   * @param token withdraws it
   * @returns null if it was dismissed, withdrawn, or not answered in time
   */
  async ask<T>(
    asked: Omit<OpenQuestion, 'id' | 'atMs'>,
    reader: AnswerReader<T>,
    token: CancellationToken,
    timeoutMs?: number,
  ): Promise<T | null> {
    const { plugin, severity, message, actions } = asked;
    const question = this.questions.askFor(asked, reader, timeoutMs);
    this.open.add(question);
    const cancelling = token.onCancellationRequested(() => question.dispose());
    this.notices.notice({ severity, source: plugin, message, question: { id: question.id, actions } });
    this.log[LEVELS[severity]](message, { plugin, question: question.id });
    try {
      return await question.answer;
    } finally {
      cancelling.dispose();
      this.open.delete(question);
    }
  }

  dispose(): void {
    for (const question of this.open) question.dispose();
  }
}
