import type {
  CancellationToken as ApiToken,
  InputBoxOptions,
  OpenFileOptions,
  PickedFile,
  QuickPickItem,
  QuickPickOptions,
} from '@bulkhead/extension-api';
import { CancellationTokenSource, type RequestType } from 'vscode-jsonrpc/node';
import {
  CheckInputRequest,
  CloseFileNotification,
  InputBoxRequest,
  OpenFileRequest,
  QuickPickRequest,
} from '../protocol/plugin-questions.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { FileReader } from './file-reader.js';
import type { PluginScope } from './plugin-scope.js';
import {
  type CheckInput,
  checkOf,
  readFileOptions,
  readInputOptions,
  readPickOptions,
} from './question-options.js';

/** What this host's plugins ask the streamer for. Its pair in the core is `MainThreadQuestions`. */
export class ExtHostQuestions {
  /** Of open questions for a text, by number. */
  private readonly checks = new Map<number, CheckInput>();
  private lastCheck = 0;

  constructor(private readonly connection: RpcConnection) {
    connection.onRequest(CheckInputRequest.type, async ({ check, text }) => {
      return (await this.checks.get(check)?.(text)) ?? null;
    });
  }

  async showInputBox(
    scope: PluginScope,
    options: InputBoxOptions | undefined,
    token: ApiToken | undefined,
  ): Promise<string | undefined> {
    const question = readInputOptions(options);
    const check = checkOf(options, (error) => scope.report('checking an answer', error));
    if (check === undefined) return this.ask(scope, InputBoxRequest.type, question, token);
    this.lastCheck += 1;
    const number = this.lastCheck;
    this.checks.set(number, check);
    try {
      return await this.ask(scope, InputBoxRequest.type, { ...question, check: number }, token);
    } finally {
      this.checks.delete(number);
    }
  }

  async showQuickPick<T extends string | QuickPickItem>(
    scope: PluginScope,
    items: readonly T[],
    options: QuickPickOptions | undefined,
    token: ApiToken | undefined,
  ): Promise<T | T[] | undefined> {
    const question = readPickOptions(items, options);
    // As they are now.
    const offered = [...items];
    const places = await this.ask(scope, QuickPickRequest.type, question, token);
    const picked = places?.flatMap((place) => offered[place] ?? []);
    return options?.canPickMany === true ? picked : picked?.[0];
  }

  async showOpenFile(
    scope: PluginScope,
    options: OpenFileOptions | undefined,
    token: ApiToken | undefined,
  ): Promise<PickedFile | PickedFile[] | undefined> {
    const opened = await this.ask(scope, OpenFileRequest.type, readFileOptions(options), token);
    const files = opened?.map(({ file, name, size }) => {
      const held = scope.hold({
        dispose: () =>
          void this.connection.sendNotification(CloseFileNotification.type, { plugin: scope.id, file }),
      });
      const reader = new FileReader(this.connection, scope.id, file);
      return Object.freeze<PickedFile>({
        name,
        size,
        read: (offset, length) => reader.read(offset, length),
        readText: async () => new TextDecoder().decode(await reader.read()),
        dispose: () => held.dispose(),
      });
    });
    return options?.canSelectMany === true ? files : files?.[0];
  }

  /** Asks, until it is answered, or withdrawn by the token or with the plugin. */
  private async ask<P extends { readonly plugin: string }, R>(
    scope: PluginScope,
    type: RequestType<P, R | null, void>,
    question: Omit<P, 'plugin'>,
    token: ApiToken | undefined,
  ): Promise<R | undefined> {
    scope.checkActive();
    if (token?.isCancellationRequested === true) return undefined;
    const withdrawing = new CancellationTokenSource();
    const held = scope.hold({ dispose: () => withdrawing.cancel() });
    const cancelling = token?.onCancellationRequested(() => withdrawing.cancel());
    try {
      // The core withdraws it after its deadline.
      const answer = await this.connection.sendRequest(type, { ...question, plugin: scope.id } as P, {
        deadlineMs: Number.POSITIVE_INFINITY,
        token: withdrawing.token,
      });
      return answer ?? undefined;
    } finally {
      cancelling?.dispose();
      held.dispose();
    }
  }
}
