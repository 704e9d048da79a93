import type {
  CancellationToken,
  OpenFileOptions,
  QuickPickItem,
  QuickPickOptions,
  Window,
} from '@bulkhead/extension-api';
import { MessageType } from '../../protocol/plugin-window.js';
import type { ApiTarget } from '../plugin-services.js';

/** The namespace `window` of one plugin. */
export function createWindowApi(target: () => ApiTarget): Window {
  const showMessage =
    (type: MessageType) =>
    <T extends string>(message: string, ...args: unknown[]): Promise<T | undefined> => {
      const { scope, services } = target();
      return services.window.showMessage<T>(scope, type, message, args);
    };
  return Object.freeze<Window>({
    showInformationMessage: showMessage(MessageType.Info),
    showWarningMessage: showMessage(MessageType.Warning),
    showErrorMessage: showMessage(MessageType.Error),
    showInputBox: async (options, token) => {
      const { scope, services } = target();
      return services.questions.showInputBox(scope, options, token);
    },
    // What it returns is a list exactly if the options say so.
    showQuickPick: (async (
      items: readonly QuickPickItem[] | PromiseLike<readonly QuickPickItem[]>,
      options?: QuickPickOptions,
      token?: CancellationToken,
    ) => {
      const { scope, services } = target();
      return services.questions.showQuickPick(scope, await items, options, token);
    }) as Window['showQuickPick'],
    showOpenFile: (async (options?: OpenFileOptions, token?: CancellationToken) => {
      const { scope, services } = target();
      return services.questions.showOpenFile(scope, options, token);
    }) as Window['showOpenFile'],
    withProgress: async (options, task) => {
      const { scope, services } = target();
      return services.progress.withProgress(scope, options, task);
    },
    createStatusItem: (id) => {
      const { scope, services } = target();
      return services.statusItems.createStatusItem(scope, id);
    },
    setContext: async (key, value) => {
      const { scope, services } = target();
      await services.context.setContext(scope, key, value);
    },
    createOutputChannel: (name) => {
      const { scope, services } = target();
      return services.window.createOutputChannel(scope, name);
    },
  });
}
