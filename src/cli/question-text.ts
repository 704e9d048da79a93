import type { OpenQuestion } from '../protocol/control.js';
import { bold, dim, type Styled, styled } from './terminal/styled.js';

/**
 * A question as listed by `bulkhead answer`: the plugin, its question, and the possible answers.
 */
export function questionLines({ id, plugin, message, actions }: OpenQuestion): Styled[] {
  return [
    styled`${bold(id)}  ${plugin}: ${message}`,
    styled`   ${actionList(actions)}`,
    styled`   ${dim(answerHint(id))}`,
  ];
}

/** `1 Yes   2 No` */
export function actionList(actions: readonly string[]): string {
  return actions.map((action, index) => `${index + 1} ${action}`).join('   ');
}

/** @param address the control socket, if it is not the default one. */
export function answerHint(id: number, address?: string): string {
  return `answer with: bulkhead answer ${id} N${address === undefined ? '' : ` --address ${address}`}`;
}
