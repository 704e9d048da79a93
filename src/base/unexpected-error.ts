import { inspect } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import { printableLines } from './printable.js';

/** Handles an error that has no caller. Must not throw. */
export type UnexpectedErrorHandler = (error: unknown) => void;

const toStderr: UnexpectedErrorHandler = (error) => {
  process.stderr.write(`Unexpected error: ${printableLines(inspect(error))}\n`);
};

let handler = toStderr;

/**
 * Replaces the handler of unexpected errors in this process; the default writes to stderr. Disposing restores the
 * previous handler.
 */
export function setUnexpectedErrorHandler(replacement: UnexpectedErrorHandler): Disposable {
  const before = handler;
  handler = replacement;
  return {
    dispose: () => {
      if (handler === replacement) handler = before;
    },
  };
}

/** Reports an error thrown by a callback that has no caller to receive it. Never throws. */
export function onUnexpectedError(error: unknown): void {
  try {
    handler(error);
  } catch (failure) {
    try {
      toStderr(failure);
    } catch {}
  }
}
