import type { Message } from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** Maximum length of a method name, and of an id that is a string, characters. */
const MAX_METHOD = 256;
const MAX_ID = 256;

/**
 * Validates a parsed value as a message. vscode-jsonrpc prints what it does not understand, which costs time and, for some
 * values, ends the process; so it gets valid messages only. Positional params are refused as well: no message here has any.
 *
 * @throws `rpc.framing` for anything but a request, notification or response (JSON-RPC 2.0, sections 4 and 5).
 */
export function checkMessage(value: unknown): Message {
  if (!isObject(value)) throw notAMessage('it is not a JSON object');
  const { id, method, params, result, error } = value;
  if (method === undefined) {
    if (!isId(id)) throw notAMessage('it has neither a method nor an id');
    if (error === undefined ? result === undefined : !isError(error)) {
      throw notAMessage('it has an id and neither a result nor an error');
    }
  } else {
    if (typeof method !== 'string' || method === '' || method.length > MAX_METHOD) {
      throw notAMessage(`its method is not a name of 1 to ${MAX_METHOD} characters`);
    }
    if (id !== undefined && !isId(id)) throw notAMessage('its id is neither a number nor a short text');
    if (params !== undefined && !isObject(params)) throw notAMessage('its params are not an object');
  }
  return value as unknown as Message;
}

function notAMessage(why: string): BulkheadError {
  return new BulkheadError(ErrorCodes.rpcFraming, `a message is not valid: ${why}`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is number | string {
  return typeof value === 'number' || (typeof value === 'string' && value.length <= MAX_ID);
}

function isError(value: unknown): boolean {
  return isObject(value) && Number.isInteger(value['code']) && typeof value['message'] === 'string';
}
