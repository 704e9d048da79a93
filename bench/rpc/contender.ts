import type { Socket } from 'node:net';

/** What every call carries and gets back, about the size of a status notification. */
export interface Payload {
  readonly id: number;
  readonly text: string;
}

/** One way to call another process over a socket. */
export interface Contender {
  readonly name: string;
  /** Answers each call with its own payload. */
  serve(socket: Socket): void;
  /** A function that makes one call. */
  connect(socket: Socket): (payload: Payload) => Promise<unknown>;
}
