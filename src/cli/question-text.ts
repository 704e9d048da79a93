import type { OpenQuestion } from '../protocol/control.js';
import type { Colors } from './colors.js';
import { printable } from './printable.js';

/** What `bulkhead answer` lists of a question: who asks what, and the answers to choose from. */
export function questionLines(
  { id, plugin, message, actions }: OpenQuestion,
  { bold, dim }: Colors,
): string[] {
  return [
    `${bold(String(id))}  ${printable(plugin)}: ${printable(message)}`,
    `   ${actionList(actions)}`,
    `   ${dim(answerHint(id))}`,
  ];
}

/** `1 Yes   2 No` */
export function actionList(actions: readonly string[]): string {
  return actions.map((action, index) => `${index + 1} ${printable(action)}`).join('   ');
}

/** @param address the control socket, where it is not the default one. */
export function answerHint(id: number, address?: string): string {
  return `answer with: bulkhead answer ${id} N${address === undefined ? '' : ` --address ${address}`}`;
}
