import type { PartModule } from '../process-host/part-module.js';
import { API_VERSION } from '../protocol/extension-host.js';
import { ExtensionHost } from './extension-host.js';

export interface ExtensionHostPartOptions {
  /** Whether the process is only for this part. Then every fault in it is attributed to its plugin. */
  readonly ownsProcess: boolean;
  /** Whether a debugger can attach to this process from the start, as to that of a plugin's tests. */
  readonly inspected?: boolean;
}

/** The plugin-loading module (patent: the plugin loading process, or the same module inside the main control process). */
export function createExtensionHostPart(options: ExtensionHostPartOptions): PartModule {
  return {
    role: 'extension-host',
    initializeResult: { apiVersion: API_VERSION, capabilities: {} },
    activate: (context) => new ExtensionHost(context, options),
  };
}

/** For `hybrid` mode, where it shares the core's process. */
export const extensionHostPart: PartModule = createExtensionHostPart({ ownsProcess: false });
