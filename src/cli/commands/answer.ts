import { ControlClient } from '../../control-client/control-client.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { Answer, OpenQuestion } from '../../protocol/questions.js';
import { answerOf, askForAnswer, textFromInput } from '../ask-question.js';
import type { CliContext } from '../cli-context.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { questionLines } from '../question-text.js';

type AnswerOptions = AddressOptions & JsonOptions & { readonly dismiss?: boolean };

/**
 * `bulkhead answer`: answers a plugin's question.
 *
 * @param id The question; if undefined, the open ones are listed.
 * @param words Its answer, by texts or numbers; if there are none it is asked for, at the terminal or on standard input for a text, and
 * elsewhere the question is shown.
 */
export async function answer(
  id: string | undefined,
  words: readonly string[],
  options: AnswerOptions,
  context: CliContext,
): Promise<number> {
  const client = await ControlClient.connect(options.address);
  try {
    const { questions } = await client.status();
    const question = id === undefined ? undefined : find(questions, id);
    if (question === undefined) return show(questions, options, context);
    if (options.dismiss === true) return await send(client, question, null, options, context);
    if (words.length > 0) {
      return await send(client, question, argument(question, words, context), options, context);
    }
    if (options.json) return show([question], options, context);
    if (isAskable(question, context)) return await askUntilAnswered(client, question, options, context);
    if (question.text === undefined) return show([question], options, context);
    return await send(client, question, await textFromInput(context), options, context);
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

function show(questions: readonly OpenQuestion[], { json }: JsonOptions, { stdout }: CliContext): number {
  if (json) stdout.json(questions, 2);
  else if (questions.length === 0) stdout.line('No plugin has an open question.');
  else for (const question of questions) stdout.line(...questionLines(question));
  return ExitCodes.ok;
}

/** The result says what was answered, except for a password. */
async function send(
  client: ControlClient,
  { id, text }: OpenQuestion,
  given: Answer | null,
  { json }: JsonOptions,
  { stdout }: CliContext,
): Promise<number> {
  await client.answerQuestion(id, given);
  if (json) stdout.json(text?.password === true ? { id } : { id, answer: given });
  return ExitCodes.ok;
}

function argument(question: OpenQuestion, words: readonly string[], { cwd }: CliContext): Answer {
  if (question.text?.password !== true) return answerOf(question, words, cwd);
  throw new BulkheadError(
    ErrorCodes.configInvalid,
    'the answer is a password, and others can read it on the command line',
    {
      remedy: `Run "bulkhead answer ${question.id}" alone, which asks for it or reads it from standard input.`,
    },
  );
}

function isAskable({ text }: OpenQuestion, { ask, askHidden }: CliContext): boolean {
  return (text?.password === true ? askHidden : ask) !== undefined;
}

/** Until it is accepted, or the user has had enough. */
async function askUntilAnswered(
  client: ControlClient,
  question: OpenQuestion,
  options: JsonOptions,
  context: CliContext,
): Promise<number> {
  context.stderr.line(`${question.plugin}: ${question.message}`);
  for (;;) {
    const given = await askForAnswer(question, context);
    if (given === undefined) return ExitCodes.interrupted;
    try {
      return await send(client, question, given, options, context);
    } catch (error) {
      if (!(error instanceof BulkheadError) || error.code !== ErrorCodes.configInvalid) throw error;
      context.stderr.line([error.message, error.remedy].filter(Boolean).join('. '));
    }
  }
}
