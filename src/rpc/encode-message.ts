import { Message } from 'vscode-jsonrpc/node';

/**
 * A message in JSON. The envelope of a call and of its answer is put together here: left to `JSON.stringify`, it takes as
 * long as a small payload. Throws for what JSON does not know.
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

/** `null` for what JSON leaves out, such as a function. */
function json(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
