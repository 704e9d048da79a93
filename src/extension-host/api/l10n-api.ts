import type { L10n } from '@bulkhead/extension-api';
import type { Localizable } from '../ext-host-l10n.js';
import type { ApiTarget } from '../plugin-services.js';

/** The namespace `l10n` of one plugin. */
export function createL10nApi(target: () => ApiTarget): L10n {
  return Object.freeze<L10n>({
    t: (first: string | Localizable, ...rest: unknown[]) => {
      const { scope, services } = target();
      return services.l10n.translate(scope.plugin, localizable(first, rest));
    },
    get bundle() {
      const { scope, services } = target();
      return services.l10n.bundleOf(scope.plugin);
    },
    get language() {
      return target().scope.plugin.language;
    },
  });
}

function localizable(first: string | Localizable, rest: readonly unknown[]): Localizable {
  if (typeof first === 'object' && first !== null && typeof first.message === 'string') return first;
  if (typeof first !== 'string') {
    throw new TypeError('l10n.t expects a message, or an object with "message", "args" and "comment"');
  }
  const [args] = rest;
  const isNamed = rest.length === 1 && typeof args === 'object' && args !== null;
  return { message: first, args: isNamed ? (args as Record<string, unknown>) : rest };
}
