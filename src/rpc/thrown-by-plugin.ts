import { stackWithCauses } from '../base/stack-frames.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { RemoteError } from './remote-error.js';

/**
 * What a plugin threw, of the failure that its host made of it.
 *
 * @returns undefined if there is no error of the plugin: it has not answered, or threw something else.
 */
function thrownByPlugin({ message, cause }: BulkheadError): RemoteError | undefined {
  const thrown = cause instanceof RemoteError && cause.message === message ? cause.cause : undefined;
  return thrown instanceof RemoteError ? thrown : undefined;
}

/** The stack of what a plugin threw, with those of its causes, for a log. */
export function pluginStack(failure: BulkheadError): string | undefined {
  const thrown = thrownByPlugin(failure);
  return thrown === undefined ? undefined : stackWithCauses(thrown);
}

/**
 * The error for whoever ran a command that failed: with the `name` and the `code` of what the command threw, which is its
 * cause. Without a code of its own it has that of the failure, as has any other error.
 */
export function asThrown(error: unknown): Error {
  const failure = BulkheadError.from(error);
  const thrown = failure.code === ErrorCodes.pluginFailed ? thrownByPlugin(failure) : undefined;
  if (thrown === undefined) return failure;
  const { name, code = failure.code } = thrown;
  return Object.assign(new Error(failure.message, { cause: thrown }), { name, code, where: failure.where });
}
