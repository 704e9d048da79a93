import type { Window } from '@bulkhead/extension-api';
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
    withProgress: async (options, task) => {
      const { scope, services } = target();
      return services.progress.withProgress(scope, options, task);
    },
    createStatusItem: (id) => {
      const { scope, services } = target();
      return services.statusItems.createStatusItem(scope, id);
    },
    createOutputChannel: (name) => {
      const { scope, services } = target();
      return services.window.createOutputChannel(scope, name);
    },
  });
}
