import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { Contender, Payload } from '../contender.js';

/** vscode-jsonrpc as its readme shows it. */
export const stock: Contender = {
  name: 'stock vscode-jsonrpc',
  serve: (socket) => {
    const connection = createMessageConnection(
      new StreamMessageReader(socket),
      new StreamMessageWriter(socket),
    );
    connection.onRequest('echo', (payload: Payload) => payload);
    connection.listen();
  },
  connect: (socket) => {
    const connection = createMessageConnection(
      new StreamMessageReader(socket),
      new StreamMessageWriter(socket),
    );
    connection.listen();
    return (payload) => connection.sendRequest('echo', payload);
  },
};
