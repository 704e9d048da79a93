import type { Commands } from '@bulkhead/extension-api';
import type { ApiTarget } from '../plugin-services.js';

/** The namespace `commands` of one plugin. */
export function createCommandsApi(target: () => ApiTarget): Commands {
  return Object.freeze<Commands>({
    registerCommand: (command, handler) => {
      const { scope, services } = target();
      return services.commands.registerCommand(scope, command, handler as (...args: never[]) => unknown);
    },
    executeCommand: async <T>(command: string, ...args: unknown[]) => {
      const { scope, services } = target();
      return (await services.commands.executeCommand(scope, command, args)) as T;
    },
    getCommands: async () => {
      const { scope, services } = target();
      return services.commands.getCommands(scope);
    },
  });
}
