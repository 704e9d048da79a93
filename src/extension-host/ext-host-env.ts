import type { CallbackAddress, CallbackOptions } from '@bulkhead/extension-api';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import {
  CallbackNotification,
  CloseCallbackNotification,
  CreateCallbackRequest,
  OpenExternalRequest,
} from '../protocol/plugin-env.js';
import { QUESTION_MS } from '../protocol/plugin-window.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';

type Query = Readonly<Record<string, string>>;

/** What this host's plugins open in the streamer's browser, and what comes back. Its pair in the core is `MainThreadEnv`. */
export class ExtHostEnv {
  /** Open callback addresses, by number. */
  private readonly callbacks = new Map<number, (query: Query | undefined) => void>();

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(CallbackNotification.type, ({ callback, query }) =>
      this.callbacks.get(callback)?.(query === null ? undefined : parsed(query)),
    );
  }

  async openExternal(scope: PluginScope, url: string): Promise<boolean> {
    scope.checkActive();
    const withdrawing = new CancellationTokenSource();
    const held = scope.hold({ dispose: () => withdrawing.cancel() });
    try {
      // The streamer may be asked; the core withdraws that after its deadline.
      return await this.connection.sendRequest(
        OpenExternalRequest.type,
        { plugin: scope.id, url: String(url) },
        { deadlineMs: Number.POSITIVE_INFINITY, token: withdrawing.token },
      );
    } finally {
      held.dispose();
    }
  }

  async createCallback(scope: PluginScope, { timeoutMs }: CallbackOptions = {}): Promise<CallbackAddress> {
    scope.checkActive();
    if (timeoutMs !== undefined && !(timeoutMs > 0))
      throw new TypeError('timeoutMs is a number of milliseconds above 0');
    const plugin = scope.id;
    const { callback, url } = await this.connection.sendRequest(CreateCallbackRequest.type, {
      plugin,
      ...(timeoutMs !== undefined && { timeoutMs: Math.min(Math.max(timeoutMs, 1), QUESTION_MS) }),
    });
    let settle: (query: Query | undefined) => void = () => {};
    const query = new Promise<Query | undefined>((resolve) => {
      settle = resolve;
    });
    const held = scope.hold({
      dispose: () => {
        this.callbacks.delete(callback);
        settle(undefined);
        this.connection.sendNotification(CloseCallbackNotification.type, { plugin, callback });
      },
    });
    this.callbacks.set(callback, (received) => {
      settle(received);
      held.dispose();
    });
    return Object.freeze<CallbackAddress>({ url, query, dispose: () => held.dispose() });
  }
}

/** Of a name that is there twice, the first value. */
function parsed(query: string): Query {
  const entries = [...new URLSearchParams(query)].reverse();
  return Object.freeze(Object.fromEntries(entries));
}
