import type { ExtensionApi } from './api.js';

/**
 * Where the extension host provides the API. Every released version of this package depends on the name and
 * on `apiFor`, so neither ever changes.
 */
const PROVIDER = Symbol.for('@bulkhead/extension-api');

interface ApiProvider {
  /** The API of the plugin that is being loaded. */
  apiFor(): ExtensionApi;
}

/** @throws An error outside of an extension host. */
export function currentApi(): ExtensionApi {
  const provider = (globalThis as { [PROVIDER]?: ApiProvider })[PROVIDER];
  if (provider === undefined) {
    throw new Error(
      '@bulkhead/extension-api works only inside Bulkhead: its functions come from the extension host that loads the ' +
        'plugin. Start the plugin with "bulkhead live --plugins DIR". In code that runs elsewhere, import only its types ' +
        '("import type").',
    );
  }
  return provider.apiFor();
}
