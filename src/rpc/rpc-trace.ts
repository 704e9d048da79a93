import type { Message } from 'vscode-jsonrpc/node';

/** Receives each message that this process sends or receives. It must be fast, and must not keep the message: it may hold secrets. */
export type RpcTrace = (
  peer: string,
  direction: 'sent' | 'received',
  message: Message,
  /** As JSON; of one in a batch, its share. */
  bytes: number,
) => void;

let current: RpcTrace | undefined;

/** Has all connections of this process traced. @returns undoes it */
export function setRpcTrace(trace: RpcTrace): { dispose(): void } {
  current = trace;
  return {
    dispose: () => {
      if (current === trace) current = undefined;
    },
  };
}

export const traceMessage: RpcTrace = (peer, direction, message, bytes) => {
  try {
    current?.(peer, direction, message, bytes);
  } catch {
    // A message has to come through all the same.
  }
};
