import type { L10n } from '@bulkhead/extension-api';
import { type Localizable, translate } from '../ext-host-l10n.js';
import type { ApiTarget } from '../plugin-services.js';

/**
 * The namespace `l10n` of one plugin. It works without an active plugin, in its texts' own language: code of its own that translates may be tested, or run late.
 */
export function createL10nApi(target: () => ApiTarget): L10n {
  const active = (): ApiTarget | undefined => {
    try {
      return target();
    } catch {
      return undefined;
    }
  };
  const bundle = () => {
    const found = active();
    return found?.services.l10n.bundleOf(found.scope.plugin);
  };
  return Object.freeze<L10n>({
    t: (first: string | Localizable, ...rest: unknown[]) => translate(localizable(first, rest), bundle()),
    get bundle() {
      return bundle();
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
