import type { CancellationToken, Disposable, NotificationType, RequestType } from 'vscode-jsonrpc/node';
import { checkValue } from '../base/check-value.js';
import type * as z from '../base/zod.js';
import { firstMistake } from '../protocol/bounded.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../protocol/errors.js';
import type { CallOptions, RpcConnection } from './rpc-connection.js';

/**
 * How the core receives messages from any other process: a handler is registered with the schema of its params, and gets the
 * parsed value, never the raw one.
 */
export class CheckedChannel {
  constructor(
    protected readonly connection: RpcConnection,
    /** The peer's name. */
    readonly name: string,
    private readonly code: ErrorCode = ErrorCodes.rpcInvalidParams,
  ) {}

  /** Registers a handler of requests. */
  serve<P, C extends P, R, E>(
    type: RequestType<P, R, E>,
    schema: z.ZodType<C>,
    handler: (params: C, token: CancellationToken) => R | Promise<R>,
  ): Disposable {
    return this.connection.onRequest(type, (params, token) =>
      handler(this.check(schema, params, type), token),
    );
  }

  /**
   * Registers a handler of notifications.
   *
   * @param admit Called before the params are checked; false drops the message.
   */
  receive<P, C extends P>(
    type: NotificationType<P>,
    schema: z.ZodType<C>,
    handler: (params: C) => void,
    admit: () => boolean = () => true,
  ): Disposable {
    return this.connection.onNotification(type, (params) => {
      if (admit()) handler(this.check(schema, params, type));
    });
  }

  /**
   * Sends a request, and checks the answer. Rejects as {@link RpcConnection.sendRequest} does, and with the channel's code for
   * an invalid answer.
   */
  async ask<P, R, C extends R, E>(
    type: RequestType<P, R, E>,
    params: P,
    schema: z.ZodType<C>,
    options?: CallOptions,
  ): Promise<C> {
    const answer = await this.connection.sendRequest(type, params, options);
    return this.parse(schema, answer, `answered "${type.method}" with what is not valid`);
  }

  /** @throws an error with the channel's code for invalid params. */
  protected check<T>(schema: z.ZodType<T>, params: unknown, { method }: { readonly method: string }): T {
    return this.parse(schema, params, `sent "${method}" with params that are not valid`);
  }

  private parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
    const result = checkValue(schema, value);
    if (result.success) return result.data;
    const message = `${this.name} ${what}: ${firstMistake(result.error)}`;
    throw new BulkheadError(this.code, message, { where: this.name });
  }
}
