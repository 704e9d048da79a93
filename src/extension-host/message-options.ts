import type { MessageOptions } from '@bulkhead/extension-api';
import { type MessageExtras, QUESTION_MS } from '../protocol/plugin-window.js';

/** What follows the text of a message: options or not, and actions. */
export interface MessageArguments<T extends string> {
  readonly extras: MessageExtras;
  readonly actions: readonly T[];
}

/**
 * Reads what follows the text of a message: as in VS Code, options may precede the actions, and those that are not known
 * are ignored.
 *
 * @throws TypeError for an action that is not text, or an option of another type.
 */
export function readMessageArguments<T extends string>(args: readonly unknown[]): MessageArguments<T> {
  const [first, ...others] = args;
  const hasOptions = first === undefined || first === null || isOptions(first);
  const actions = hasOptions ? others : args;
  for (const [index, action] of actions.entries()) {
    if (typeof action === 'string') continue;
    const title = (action as { readonly title?: unknown } | null)?.title;
    const hint = typeof title === 'string' ? `: pass ${JSON.stringify(title)} alone` : '';
    throw new TypeError(`the actions of a message are texts; number ${index + 1} is not${hint}`);
  }
  return { extras: isOptions(first) ? extrasOf(first) : {}, actions: actions as readonly T[] };
}

/** An item of VS Code has a title. */
function isOptions(value: unknown): value is MessageOptions {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('title' in value);
}

function extrasOf({ modal, detail, timeoutMs }: MessageOptions): MessageExtras {
  if (detail !== undefined && typeof detail !== 'string') throw new TypeError("a message's detail is text");
  // Not a number either.
  if (timeoutMs !== undefined && !(timeoutMs > 0))
    throw new TypeError("a message's timeoutMs is a number of milliseconds above 0");
  return {
    ...(modal === true && { modal }),
    ...(detail !== undefined && { detail }),
    ...(timeoutMs !== undefined && { timeoutMs: Math.min(Math.max(timeoutMs, 1), QUESTION_MS) }),
  };
}
