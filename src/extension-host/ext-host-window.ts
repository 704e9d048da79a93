import { format } from 'node:util';
import type { LogOutputChannel } from '@bulkhead/extension-api';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import {
  MessageType,
  PluginLogNotification,
  PluginMessageNotification,
  PluginQuestionRequest,
} from '../protocol/plugin-window.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { readMessageArguments } from './message-options.js';
import type { PluginScope } from './plugin-scope.js';

/** The `window` of this host's plugins. Its pair in the core is `MainThreadWindow`. */
export class ExtHostWindow {
  constructor(private readonly connection: RpcConnection) {}

  /** @param args its options, if any, and its actions */
  async showMessage<T extends string>(
    scope: PluginScope,
    type: MessageType,
    message: string,
    args: readonly unknown[],
  ): Promise<T | undefined> {
    scope.checkActive();
    const { extras, actions } = readMessageArguments<T>(args);
    const params = { plugin: scope.id, type, message: String(message), ...extras };
    if (actions.length === 0) {
      this.connection.sendNotification(PluginMessageNotification.type, params);
      return undefined;
    }
    const taking = new CancellationTokenSource();
    const held = scope.hold({ dispose: () => taking.cancel() });
    // The core withdraws it after its deadline.
    const answer = await this.connection
      .sendRequest(
        PluginQuestionRequest.type,
        { ...params, actions: actions.map((title) => ({ title })) },
        { deadlineMs: Number.POSITIVE_INFINITY, token: taking.token },
      )
      .finally(() => held.dispose());
    return actions.find((action) => action === answer?.title);
  }

  /** A channel that stops writing once the plugin's scope has ended. */
  createOutputChannel(scope: PluginScope, name: string): LogOutputChannel {
    scope.checkActive();
    let open = true;
    const { dispose } = scope.hold({
      dispose: () => {
        open = false;
      },
    });
    const writer =
      (type: MessageType) =>
      (message: unknown, ...args: unknown[]) => {
        if (!open) return;
        this.connection.sendNotification(PluginLogNotification.type, {
          plugin: scope.id,
          channel: name,
          type,
          message: format(message, ...args),
        });
      };
    return Object.freeze({
      name,
      trace: writer(MessageType.Log),
      debug: writer(MessageType.Debug),
      info: writer(MessageType.Info),
      warn: writer(MessageType.Warning),
      error: writer(MessageType.Error),
      dispose,
    });
  }
}
