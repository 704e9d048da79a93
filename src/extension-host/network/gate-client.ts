import type { Socket } from 'node:net';
import { join } from 'node:path';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../../protocol/errors.js';
import { ASK_SOCKET, type GateAnswer, type GateError } from '../../protocol/network-gate.js';

/** How long a gate that is being started again is waited for, ms, and how often it is tried. */
const PATIENCE_MS = 5000;
const RETRY_MS = 50;
/** Longest answer, characters. */
const MAX_ANSWER = 8192;

/** Connects a socket to a local one, as Node does. */
export type ConnectToPath = (socket: Socket, path: string) => void;

/** A question to the gate; disposing withdraws it. */
export interface GateQuestion {
  dispose(): void;
}

/** Asks the network gate for connections, by the door of this sandbox. */
export class GateClient {
  constructor(
    private readonly folder: string,
    private readonly newSocket: () => Socket,
    private readonly connect: ConnectToPath,
  ) {}

  /** @param onAnswer called once, and not after the question was withdrawn */
  ask(
    host: string,
    port: number,
    onAnswer: (answer: Exclude<GateAnswer, { readonly error: GateError }> | Error) => void,
  ): GateQuestion {
    const askedAtMs = performance.now();
    let asking: Socket | undefined;
    let timer: NodeJS.Timeout | undefined;
    let settled = false;
    const settle = (answer: Parameters<typeof onAnswer>[0]) => {
      if (settled) return;
      settled = true;
      onAnswer(answer);
    };
    const begin = () => {
      const socket = this.newSocket();
      asking = socket;
      let text = '';
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => {
        text += chunk;
        const end = text.indexOf('\n');
        if (end !== -1) settle(readAnswer(text.slice(0, end)));
        else if (text.length > MAX_ANSWER) socket.destroy();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        const isAbsent = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
        if (settled || !isAbsent || performance.now() - askedAtMs > PATIENCE_MS) return;
        asking = undefined;
        timer = setTimeout(begin, RETRY_MS);
      });
      socket.on('close', () => {
        if (asking === socket) settle(lost());
      });
      this.connect(socket, join(this.folder, ASK_SOCKET));
      socket.write(`${port} ${host}\n`);
    };
    begin();
    return {
      dispose: () => {
        settled = true;
        clearTimeout(timer);
        asking?.destroy();
      },
    };
  }

  /** Path of what leads to the host. */
  pathOf(way: string): string {
    return join(this.folder, way);
  }
}

function readAnswer(line: string): Exclude<GateAnswer, { readonly error: GateError }> | Error {
  const answer = JSON.parse(line) as GateAnswer;
  if (!('error' in answer)) return answer;
  const { code, message, ...facts } = answer.error;
  const own = Object.values<string>(ErrorCodes).includes(code);
  if (own) return new BulkheadError(code as ErrorCode, message);
  return Object.assign(new Error(message), { code, ...facts });
}

function lost(): Error {
  return new BulkheadError(ErrorCodes.processFailed, 'the network gate of Bulkhead does not answer', {
    remedy: 'Connect again.',
  });
}
