import { ResponseError } from 'vscode-jsonrpc/node';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../protocol/errors.js';

/** JSON-RPC's own codes and LSP 3.17's `RequestFailed`, for a request that was understood and did not succeed. */
const REQUEST_FAILED = -32803;
const MAX_CAUSES = 8;
const MAX_TEXT = 16_384;

/** An error as it crosses the channel: the `data` of a JSON-RPC error. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly where?: string;
  readonly remedy?: string;
  readonly data?: unknown;
  readonly pluginId?: string;
  readonly cause?: SerializedError;
}

/** What was thrown on the other side, under its own name and with its own stack. The cause of the error seen here. */
export class RemoteError extends Error {
  readonly code: string | number | undefined;
  readonly data: unknown;
  readonly pluginId: string | undefined;

  constructor(error: SerializedError) {
    super(error.message, error.cause === undefined ? undefined : { cause: new RemoteError(error.cause) });
    this.name = error.name;
    this.code = error.code;
    this.data = error.data;
    this.pluginId = error.pluginId;
    this.stack = error.stack ?? `${error.name}: ${error.message}`;
  }
}

export function serializeError(error: unknown, causesLeft = MAX_CAUSES): SerializedError {
  if (!(error instanceof Error)) return { name: 'Error', message: limited(String(error)) };
  const { code, where, remedy, data, pluginId } = error as Partial<Record<keyof SerializedError, unknown>>;
  return {
    name: error.name,
    message: limited(error.message),
    ...(error.stack === undefined ? {} : { stack: limited(error.stack) }),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof where === 'string' ? { where } : {}),
    ...(typeof remedy === 'string' ? { remedy } : {}),
    ...(typeof pluginId === 'string' ? { pluginId } : {}),
    ...(data === undefined ? {} : { data }),
    ...(error.cause === undefined || causesLeft === 0
      ? {}
      : { cause: serializeError(error.cause, causesLeft - 1) }),
  };
}

/** What a request is answered with when its handler failed. */
export function toResponseError(error: unknown): ResponseError<SerializedError> {
  const data = serializeError(error);
  return new ResponseError(REQUEST_FAILED, data.message, data);
}

/** What a caller gets: the peer's BulkheadError under its code, and any other error as `internal`. */
export function fromResponseError(error: ResponseError<unknown>, peer: string): BulkheadError {
  const data = error.data as SerializedError | undefined;
  if (typeof data !== 'object' || data === null || typeof data.message !== 'string') {
    return new BulkheadError(ErrorCodes.internal, error.message, { where: peer, cause: error });
  }
  return new BulkheadError(isErrorCode(data.code) ? data.code : ErrorCodes.internal, data.message, {
    where: data.where,
    remedy: data.remedy,
    cause: new RemoteError(data),
  });
}

const KNOWN_CODES: ReadonlySet<unknown> = new Set(Object.values(ErrorCodes));

function isErrorCode(code: unknown): code is ErrorCode {
  return KNOWN_CODES.has(code);
}

function limited(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
