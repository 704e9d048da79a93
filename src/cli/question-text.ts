import type {
  FileQuestion,
  OpenQuestion,
  PickItem,
  PickQuestion,
  TextQuestion,
} from '../protocol/questions.js';
import { bold, dim, type Styled, styled } from './terminal/styled.js';

/**
 * A question as listed by `bulkhead answer`: the plugin, its question, and the possible answers.
 */
export function questionLines(question: OpenQuestion): Styled[] {
  const { id, plugin, message } = question;
  return [
    styled`${bold(id)}  ${plugin}: ${message}`,
    ...choices(question).map((line) => styled`   ${line}`),
    styled`   ${dim(answerHint(question))}`,
  ];
}

/** What can be answered, a line each. */
export function choices({ actions, text, pick, file }: OpenQuestion): string[] {
  if (text !== undefined) return [textLine(text)];
  if (pick !== undefined) return pickLines(pick);
  if (file !== undefined) return [fileLine(file)];
  return [actionList(actions)];
}

/** `1 Yes   2 No` */
export function actionList(actions: readonly string[]): string {
  return actions.map((action, index) => `${index + 1} ${action}`).join('   ');
}

function textLine({ password, minLength = 0, maxLength, placeHolder, value }: TextQuestion): string {
  const kind = password === true ? 'a password' : 'a text';
  const length = `${minLength === 0 ? '' : `${minLength} to `}${maxLength} characters`;
  const example = placeHolder === undefined ? '' : `, such as: ${placeHolder}`;
  const preset = value === undefined || value === '' ? '' : ` [${value}]`;
  return `${kind} of ${minLength === 0 ? 'up to ' : ''}${length}${example}${preset}`;
}

function pickLines({ items }: PickQuestion): string[] {
  return items.flatMap((item, index) => itemLines(item, index + 1));
}

function itemLines({ label, description, detail, picked }: PickItem, number: number): string[] {
  const more = description === undefined ? '' : `  ${description}`;
  const line = `${number} ${label}${more}${picked === true ? '  (picked)' : ''}`;
  return detail === undefined ? [line] : [line, `  ${detail}`];
}

function fileLine({ filters, many }: FileQuestion): string {
  const kinds = filters.map(({ name, extensions }) => `${name} (${extensions.join(', ')})`).join(', ');
  return `${many === true ? 'files' : 'a file'}${kinds === '' ? '' : `: ${kinds}`}`;
}

/** @param address the control socket, if it is not the default one */
export function answerHint(
  { id, actions, text, pick, file }: Pick<OpenQuestion, 'id' | 'actions' | 'text' | 'pick' | 'file'>,
  address?: string,
): string {
  const several = (what: string, many: boolean | undefined) => (many === true ? `${what} …` : what);
  let what = '';
  if (actions.length > 0) what = ' N';
  else if (pick !== undefined) what = ` ${several('N', pick.many)}`;
  else if (file !== undefined) what = ` ${several('FILE', file.many)}`;
  else if (text !== undefined && text.password !== true) what = ' TEXT';
  return `answer with: bulkhead answer ${id}${what}${address === undefined ? '' : ` --address ${address}`}`;
}
