import { RequestType } from 'vscode-jsonrpc/node';
import { TO_CORE_LIMITS } from '../../../src/protocol/channel-limits.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import type { Contender, Payload } from '../contender.js';

const Echo = new RequestType<Payload, Payload, void>('echo');

export const bulkhead: Contender = {
  name: 'RpcConnection',
  serve: (socket) => {
    const connection = new RpcConnection(socket, {
      peer: 'bench',
      receive: TO_CORE_LIMITS,
      send: TO_CORE_LIMITS,
    });
    connection.onRequest(Echo, (payload) => payload);
    connection.listen();
  },
  connect: (socket) => {
    const connection = new RpcConnection(socket, {
      peer: 'echo',
      receive: TO_CORE_LIMITS,
      send: TO_CORE_LIMITS,
    });
    connection.listen();
    return (payload) => connection.sendRequest(Echo, payload);
  },
};
