import type { Environment, L10n } from '@bulkhead/extension-api';

/** The texts of the code, in no other language. */
export const PLAIN_TEXTS: Pick<L10n, 't'> & Pick<Environment, 'language'> = {
  t: ((text: string, ...args: readonly unknown[]) =>
    text.replace(/\{(\d+)\}/g, (_, index) => String(args[Number(index)]))) as L10n['t'],
  language: 'en',
};
