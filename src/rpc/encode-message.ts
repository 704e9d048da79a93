import { Message } from 'vscode-jsonrpc/node';

/**
 * A message as JSON. The envelopes of requests and responses are built by hand: `JSON.stringify` takes as long for them
 * as for a small payload. Throws for values that JSON cannot represent.
 */
export function encodeMessage(message: Message): string {
  if (Message.isRequest(message) && message.params !== undefined) {
    const { id, method, params } = message;
    return `{"jsonrpc":"2.0","id":${json(id)},"method":${json(method)},"params":${json(params)}}`;
  }
  if (Message.isResponse(message) && message.error === undefined) {
    return `{"jsonrpc":"2.0","id":${json(message.id)},"result":${json(message.result)}}`;
  }
  return json(message);
}

/** `null` for values that JSON omits, such as functions. */
function json(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
