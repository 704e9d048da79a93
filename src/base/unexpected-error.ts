import { inspect } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import { printableLines } from './printable.js';

/** Takes an error that has no caller to go to. Must not throw. */
export type UnexpectedErrorHandler = (error: unknown) => void;

const toStderr: UnexpectedErrorHandler = (error) => {
  process.stderr.write(`Unexpected error: ${printableLines(inspect(error))}\n`);
};

let handler = toStderr;

/**
 * Replaces what becomes of unexpected errors in this process; they go to stderr by default. Disposing restores the
 * handler before.
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

/** Reports an error that a callback threw and nobody waits for. Never throws. */
export function onUnexpectedError(error: unknown): void {
  try {
    handler(error);
  } catch (failure) {
    try {
      toStderr(failure);
    } catch {}
  }
}
