import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LANGUAGE, languagesFor } from '../base/language.js';
import type { PluginDescription } from '../protocol/extension-host.js';

/** Maximum size of a bundle, bytes. */
const MOST_BYTES = 1024 * 1024;

export type Bundle = Readonly<Record<string, string>>;

/** What VS Code's function of this name takes. */
export interface Localizable {
  readonly message: string;
  readonly args?: readonly unknown[] | Readonly<Record<string, unknown>>;
  readonly comment?: string | readonly string[];
}

/** The texts of plugins' code in the user's language: of each, the file in its folder that fits best. */
export class ExtHostL10n {
  private readonly bundles = new WeakMap<PluginDescription, { readonly bundle: Bundle | undefined }>();

  bundleOf(plugin: PluginDescription): Bundle | undefined {
    let read = this.bundles.get(plugin);
    if (read === undefined) {
      read = { bundle: readBundle(plugin) };
      this.bundles.set(plugin, read);
    }
    return read.bundle;
  }
}

/** The text in the bundle, else its own, with its arguments. */
export function translate({ message, args = [], comment }: Localizable, bundle: Bundle | undefined): string {
  const comments = comment === undefined ? '' : [comment].flat().join('');
  const key = comments === '' ? message : `${message}/${comments}`;
  const found = bundle !== undefined && Object.hasOwn(bundle, key) ? bundle[key] : undefined;
  return filled(found ?? message, args);
}

/** `{0}` is the first argument, `{name}` the one of that name; others stay as they are. */
function filled(text: string, args: readonly unknown[] | Readonly<Record<string, unknown>>): string {
  const values = args as Readonly<Record<string, unknown>>;
  return text.replace(/\{([^{}]+)\}/g, (all, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : all,
  );
}

function readBundle({ language, l10n }: PluginDescription): Bundle | undefined {
  if (l10n === undefined) return undefined;
  for (const name of languagesFor(language)) {
    if (name === DEFAULT_LANGUAGE) return undefined;
    const content = readJson(join(l10n, `bundle.l10n.${name}.json`));
    if (typeof content === 'object' && content !== null) return textsIn(content);
  }
  return undefined;
}

/** A file that is missing, too large or no JSON counts for none: the texts in the code are shown. */
function readJson(file: string): unknown {
  try {
    const stats = statSync(file);
    return stats.isFile() && stats.size <= MOST_BYTES ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  } catch {
    return undefined;
  }
}

function textsIn(content: object): Bundle {
  const texts = Object.entries(content).flatMap(([key, value]: [string, unknown]) => {
    const text: unknown =
      typeof value === 'string' ? value : (value as { message?: unknown } | null)?.message;
    return typeof text === 'string' ? [[key, text] as const] : [];
  });
  return Object.freeze(Object.fromEntries(texts));
}
