import { ControlClient } from '../../control-client/control-client.js';
import type { OpenQuestion } from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { questionLines } from '../question-text.js';

/**
 * `bulkhead answer`: answers a plugin's question.
 *
 * @param id The question; if undefined, the open ones are listed.
 * @param action One of its answers, or its number; if undefined, the question is shown.
 */
export async function answer(
  id: string | undefined,
  action: string | undefined,
  options: AddressOptions & JsonOptions & { readonly dismiss?: boolean },
  { stdout }: CliContext,
): Promise<number> {
  const client = await ControlClient.connect(options.address);
  try {
    const { questions } = await client.status();
    if (id !== undefined && (action !== undefined || options.dismiss === true)) {
      const question = find(questions, id);
      const chosen = options.dismiss === true ? null : titleOf(question, action ?? '');
      await client.answerQuestion(question.id, chosen);
      if (options.json) stdout.json({ id: question.id, action: chosen });
      return ExitCodes.ok;
    }
    const shown = id === undefined ? questions : [find(questions, id)];
    if (options.json) {
      stdout.json(shown, 2);
      return ExitCodes.ok;
    }
    for (const question of shown) stdout.line(...questionLines(question));
    if (shown.length === 0) stdout.line('No plugin has an open question.');
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

function find(questions: readonly OpenQuestion[], id: string): OpenQuestion {
  const question = questions.find((candidate) => String(candidate.id) === id);
  if (question !== undefined) return question;
  throw new BulkheadError(ErrorCodes.questionNotFound, `there is no open question ${id}`, {
    remedy: 'See "bulkhead answer".',
  });
}

/** An action by its text, or else by its number from 1 on. Anything else is refused by the core. */
function titleOf({ actions }: OpenQuestion, text: string): string {
  return actions.includes(text) ? text : (actions[Number(text) - 1] ?? text);
}
