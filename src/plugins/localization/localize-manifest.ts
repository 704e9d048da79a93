import { parseManifest } from '../parse-manifest.js';
import { type ManifestTexts, readTextsFor, textsFileName } from './manifest-texts.js';

// `%key%` in a manifest stands for a text in package.nls.json, or in that of the user's language, as in VS Code.

const PLACEHOLDER = /^%([^%\s]+)%$/;
/** Where placeholders may be; in `contributes` at any depth. */
const PLACES = ['displayName', 'description', 'contributes'] as const;

type ParsedManifest = ReturnType<typeof parseManifest>;

/** Checks a manifest with the texts of a language in it; texts that make it wrong are left out for those of the default language. */
export function parseManifestIn(language: string, folder: string, packageJson: unknown): ParsedManifest {
  if (placeholdersIn(packageJson).size === 0) return parseManifest(packageJson);
  const { translated, untranslated } = readTextsFor(folder, language);
  const own = [translated, untranslated].filter((file) => file !== undefined);
  const problems = own.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}`]));
  const parsed = parseManifest(
    withTexts(
      packageJson,
      own.map(({ texts }) => texts),
    ),
  );
  const all = (result: ParsedManifest, more: readonly string[]): ParsedManifest => ({
    ...result,
    warnings: [...result.warnings, ...more, ...missingIn(packageJson, own)],
  });
  if (parsed.manifest !== undefined || translated === undefined) return all(parsed, problems);
  const plain = parseManifest(withTexts(packageJson, untranslated === undefined ? [] : [untranslated.texts]));
  if (plain.manifest === undefined) return all(plain, problems);
  return all(plain, [...problems, `${translated.name} is not used: ${parsed.mistakes[0]}`]);
}

function missingIn(packageJson: unknown, files: readonly { readonly texts: ManifestTexts }[]): string[] {
  const missing = [...placeholdersIn(packageJson)].filter(
    (key) => !files.some(({ texts }) => texts.has(key)),
  );
  return missing.slice(0, 10).map((key) => `%${key}% has no text in ${textsFileName(undefined)}`);
}

/** The keys of all placeholders. */
export function placeholdersIn(packageJson: unknown): ReadonlySet<string> {
  const keys = new Set<string>();
  replaced(packageJson, (key) => {
    keys.add(key);
    return undefined;
  });
  return keys;
}

/** A copy with the texts in place; a text that none of the files has stays a placeholder. */
function withTexts(packageJson: unknown, files: readonly ManifestTexts[]): unknown {
  return replaced(packageJson, (key) => files.find((texts) => texts.has(key))?.get(key));
}

function replaced(packageJson: unknown, textOf: (key: string) => string | undefined): unknown {
  if (typeof packageJson !== 'object' || packageJson === null) return packageJson;
  const copy: Record<string, unknown> = { ...packageJson };
  for (const place of PLACES) if (Object.hasOwn(copy, place)) copy[place] = within(copy[place], textOf);
  return copy;
}

/** Its depth is bounded: see `overBounds`. */
function within(value: unknown, textOf: (key: string) => string | undefined): unknown {
  if (typeof value === 'string') {
    const [, key] = PLACEHOLDER.exec(value) ?? [];
    return key === undefined ? value : (textOf(key) ?? value);
  }
  if (Array.isArray(value)) return value.map((one) => within(one, textOf));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, within(one, textOf)]));
}
