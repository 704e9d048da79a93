import type { RequestType } from 'vscode-jsonrpc';
import type { FromPlugin } from '../../protocol/extension-host.js';
import type { ApiTarget } from '../plugin-services.js';

/** How long a core that hangs is waited for, ms: it enforces the deadline of a scene itself. */
const CORE_DEADLINE_MS = 60_000;

/** Requests of one plugin to the core. */
export function callsOf(target: () => ApiTarget) {
  const ask = async <P extends FromPlugin, R>(
    type: RequestType<P, R, void>,
    params: Omit<P, 'plugin'>,
  ): Promise<R> => {
    const { scope, services } = target();
    scope.checkActive();
    const all = { ...params, plugin: scope.id } as P;
    return services.connection.sendRequest(type, all, { deadlineMs: CORE_DEADLINE_MS });
  };
  return {
    ask,
    /** The same, for what has no result. */
    change: async <P extends FromPlugin>(
      type: RequestType<P, null, void>,
      params: Omit<P, 'plugin'>,
    ): Promise<void> => {
      await ask(type, params);
    },
  };
}
