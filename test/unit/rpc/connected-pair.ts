import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { NotificationType, RequestType } from 'vscode-jsonrpc/node';
import { BulkheadError, type ErrorCode } from '../../../src/protocol/errors.js';
import { encodeFrame } from '../../../src/rpc/frame.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection, type RpcConnectionOptions } from '../../../src/rpc/rpc-connection.js';

export const Add = new RequestType<{ a: number; b: number }, number, void>('add');
/** Returns its own parameters. */
export const Echo = new RequestType<{ value: unknown }, { value: unknown }, void>('echo');
/** Answered by the test. */
export const Hold = new RequestType<{ id?: number }, unknown, void>('hold');
export const Note = new NotificationType<{ value: unknown }>('note');

export type Limits = Omit<RpcConnectionOptions, 'peer'>;

/** Two connections over an in-memory channel. */
export class ConnectedPair {
  readonly client: RpcConnection;
  readonly server: RpcConnection;
  readonly clientEnd: Duplex;
  readonly serverEnd: Duplex;

  constructor(clientLimits: Limits = {}, serverLimits: Limits = {}) {
    [this.clientEnd, this.serverEnd] = createInMemoryPair();
    this.client = new RpcConnection(this.clientEnd, { peer: 'server', ...clientLimits });
    this.server = new RpcConnection(this.serverEnd, { peer: 'client', ...serverLimits });
  }

  listen(): this {
    this.client.listen();
    this.server.listen();
    return this;
  }

  dispose(): void {
    this.client.dispose();
    this.server.dispose();
  }
}

/** A connection whose peer is the test itself, with raw bytes. */
export class RawPeer {
  readonly connection: RpcConnection;
  /** The connection's end of the channel. */
  readonly near: Duplex;
  /** The test's. */
  readonly end: Duplex;

  constructor(limits: Limits = {}) {
    [this.near, this.end] = createInMemoryPair();
    this.connection = new RpcConnection(this.near, { peer: 'raw', ...limits });
  }

  dispose(): void {
    this.connection.dispose();
    this.end.destroy();
  }
}

/** A message, or a batch of messages, in a frame. */
export function frame(body: unknown): Buffer {
  return encodeFrame(JSON.stringify(body));
}

export async function rejectsWith(
  promise: Promise<unknown>,
  code: ErrorCode,
  message = /./,
  cause?: unknown,
): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof BulkheadError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    if (cause !== undefined) assert.equal(error.cause, cause);
    return true;
  });
}

export function closeOf(connection: RpcConnection): Promise<Error | undefined> {
  return new Promise((resolve) => connection.onDidClose(({ error }) => resolve(error)));
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}
