import { ResponseError } from 'vscode-jsonrpc/node';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../protocol/errors.js';

/** LSP 3.17's `RequestFailed`: the request was valid but failed. */
const REQUEST_FAILED = -32803;
/** Maximum number of an error's causes that are sent. */
const MAX_CAUSES = 8;
/** Maximum length of a message or stack that is sent, characters. */
const MAX_TEXT = 16_384;

/** An error as sent over the channel: the `data` of a JSON-RPC error. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly where?: string;
  readonly remedy?: string;
  readonly pluginId?: string;
  /** Other data of the error, if JSON can represent it. */
  readonly data?: unknown;
  readonly cause?: SerializedError;
}

/** An error thrown on the other side, with its name and stack there. It is the cause of the error thrown here. */
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

/** The response to a request whose handler failed. */
export function toResponseError(error: unknown): ResponseError<SerializedError> {
  const data = serialize(error, MAX_CAUSES);
  return new ResponseError(REQUEST_FAILED, data.message, data);
}

/**
 * The response to a request that reached no handler. Without a stack: there may be many, and their stacks are of no use.
 */
export function refusal(
  code: ErrorCode,
  message: string,
): { code: number; message: string; data: SerializedError } {
  return { code: REQUEST_FAILED, message, data: { name: 'BulkheadError', message, code } };
}

/** The error for a caller: the peer's BulkheadError with its code, and any other error as `internal`. */
export function fromResponseError(error: ResponseError<unknown>, peer: string): BulkheadError {
  const data = parse(error.data, MAX_CAUSES);
  if (data === undefined) {
    return new BulkheadError(ErrorCodes.internal, error.message, { where: peer, cause: error });
  }
  const cause = new RemoteError(data);
  if (!isErrorCode(data.code)) {
    return new BulkheadError(ErrorCodes.internal, data.message, { where: peer, cause });
  }
  return new BulkheadError(data.code, data.message, { where: data.where, remedy: data.remedy, cause });
}

function serialize(error: unknown, causesLeft: number): SerializedError {
  if (!(error instanceof Error)) return { name: 'Error', message: limited(String(error)) };
  const extra = error as Error & Partial<Record<keyof SerializedError, unknown>>;
  const { stack, cause } = carriedBy(error) ?? error;
  return defined({
    name: error.name,
    message: limited(error.message),
    stack: stack === undefined ? undefined : limited(stack),
    code: codeOf(extra.code),
    where: textOf(extra.where),
    remedy: textOf(extra.remedy),
    pluginId: textOf(extra.pluginId),
    data: encodable(extra.data),
    cause: cause === undefined || causesLeft === 0 ? undefined : serialize(cause, causesLeft - 1),
  });
}

/** The error that this one was made of when it came from another process: passed on, it stays as it was there. */
function carriedBy(error: Error): RemoteError | undefined {
  const { message, cause } = error;
  const isCarried =
    error instanceof BulkheadError && cause instanceof RemoteError && cause.message === message;
  return isCarried && cause.code === error.code ? cause : undefined;
}

/** Validates what the peer sent field by field: it may come from a plugin. */
function parse(value: unknown, causesLeft: number): SerializedError | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const error = value as Partial<Record<keyof SerializedError, unknown>>;
  const message = textOf(error.message);
  if (message === undefined) return undefined;
  return defined({
    name: textOf(error.name) ?? 'Error',
    message,
    stack: textOf(error.stack),
    code: codeOf(error.code),
    where: textOf(error.where),
    remedy: textOf(error.remedy),
    pluginId: textOf(error.pluginId),
    data: error.data,
    cause: causesLeft === 0 ? undefined : parse(error.cause, causesLeft - 1),
  });
}

const KNOWN_CODES: ReadonlySet<unknown> = new Set(Object.values(ErrorCodes));

function isErrorCode(code: unknown): code is ErrorCode {
  return KNOWN_CODES.has(code);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? limited(value) : undefined;
}

function codeOf(value: unknown): string | number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

function encodable(value: unknown): unknown {
  try {
    JSON.stringify(value);
    return value;
  } catch {
    return undefined;
  }
}

function limited(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

/** Omits undefined properties. */
function defined(error: { [K in keyof SerializedError]: SerializedError[K] | undefined }): SerializedError {
  return Object.fromEntries(
    Object.entries(error).filter(([, value]) => value !== undefined),
  ) as unknown as SerializedError;
}
