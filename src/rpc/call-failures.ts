import { ErrorCodes as JsonRpcErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../protocol/errors.js';
import { fromResponseError } from './remote-error.js';

/** Response to a call whose deadline has passed. Never sent. */
export const TIMED_OUT = { code: 1, message: 'timed out' } as const;

/** The errors that callers of one peer get when a call fails. */
export class CallFailures {
  constructor(private readonly peer: string) {}

  of(code: ErrorCode, method: string, why: string, cause?: unknown): BulkheadError {
    const message = `The call ${method} to ${this.peer} failed: ${why}.`;
    return new BulkheadError(code, message, { where: this.peer, cause });
  }

  /** Without a stack: a peer that crashes may leave a thousand calls, which all end in one turn. */
  closed(method: string, cause: Error | undefined): BulkheadError {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return this.of(ErrorCodes.rpcClosed, method, 'the connection is closed', cause);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  /** Converts an error from vscode-jsonrpc: its own, or the peer's. */
  from(error: unknown, method: string, deadlineMs: number, closeCause: Error | undefined): BulkheadError {
    if (!(error instanceof ResponseError)) return BulkheadError.from(error);
    switch (error.code) {
      case JsonRpcErrorCodes.PendingResponseRejected:
        return this.closed(method, closeCause);
      case TIMED_OUT.code:
        return this.of(ErrorCodes.rpcTimeout, method, `no response within ${deadlineMs} ms`);
      case JsonRpcErrorCodes.MethodNotFound:
        return this.of(ErrorCodes.internal, method, `${this.peer} has no such method`);
      default:
        return fromResponseError(error, this.peer);
    }
  }
}
