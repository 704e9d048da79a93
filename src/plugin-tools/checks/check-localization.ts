import { readdirSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { normalizeLanguage } from '../../base/language.js';
import { parseManifestIn, placeholdersIn } from '../../plugins/localization/localize-manifest.js';
import { readTextsFile, type TextsFile, textsFileName } from '../../plugins/localization/manifest-texts.js';
import type { Finding } from '../finding.js';
import type { Subject } from '../subject.js';

/** Most keys that one finding names. */
const MOST_NAMED = 5;

/** Checks that the files of texts in other languages fit the manifest and the code. */
export function checkLocalization(subject: Subject): Finding[] {
  return [...checkManifestTexts(subject), ...checkBundles(subject)];
}

const warning = (file: string, message: string, remedy?: string): Finding => ({
  severity: 'warning',
  rule: 'localization',
  file,
  message,
  remedy,
});

function checkManifestTexts({ folder, packageJson, plugin }: Subject): Finding[] {
  const used = placeholdersIn(packageJson);
  const names = namesIn(folder, /^package\.nls(?:\.([A-Za-z-]+))?\.json$/);
  const files = names.flatMap(({ name }) => readTextsFile(folder, name) ?? []);
  const base = files.find(({ name }) => name === textsFileName(undefined));
  return [
    // What is missing in package.nls.json is a finding of the manifest.
    ...files.flatMap((file) => unusedIn(file, used)),
    ...files
      .filter((file) => file !== base)
      .flatMap((file) =>
        missingIn(
          file,
          [...used].filter((key) => base?.texts.has(key)),
        ),
      ),
    ...names.flatMap(({ name, language }) => {
      if (language === undefined) return [];
      if (normalizeLanguage(language) !== language) {
        return [warning(name, 'expected the name of a language in lower case, as in package.nls.zh-cn.json')];
      }
      return parseManifestIn(language, folder, packageJson)
        .warnings.filter((message) => message.startsWith(name) && !plugin.warnings.includes(message))
        .map((message) => warning(name, message.slice(name.length).replace(/^: | /, '')));
    }),
  ];
}

function checkBundles({ folder, plugin, source }: Subject): Finding[] {
  const uses = source.apiUses.filter(({ path }) => path === 'l10n.t');
  if (plugin.l10n === undefined) {
    const [use] = uses;
    if (use === undefined) return [];
    const message = 'l10n.t is used, and package.json does not say where its texts are';
    return [{ ...warning(use.file, message, 'Add "l10n": "./l10n".'), line: use.line }];
  }
  const place = relative(folder, plugin.l10n).split(sep).join('/');
  const names = namesIn(plugin.l10n, /^bundle\.l10n\.([A-Za-z-]+)\.json$/);
  if (names.length === 0) {
    return [warning('package.json', `l10n: there are no texts in ${place}, such as bundle.l10n.zh-cn.json`)];
  }
  const keys = uses.map(({ l10nKey }) => l10nKey);
  const written = [...new Set(keys.filter((key) => key !== undefined))];
  return names.flatMap(({ name, language = '' }) => {
    const file = readTextsFile(plugin.l10n ?? '', name);
    if (file === undefined) return [];
    const shown = { ...file, name: `${place}/${name}` };
    return [
      ...(file.problem === undefined ? [] : [warning(shown.name, file.problem)]),
      ...(normalizeLanguage(language) === language
        ? []
        : [warning(shown.name, 'expected the name of a language in lower case')]),
      ...missingIn(shown, written),
      // Of texts that are not written out in the code, nothing is known.
      ...(keys.includes(undefined) ? [] : unusedIn(shown, new Set(written))),
    ];
  });
}

function missingIn({ name, texts }: TextsFile, keys: readonly string[]): Finding[] {
  const missing = keys.filter((key) => !texts.has(key));
  return missing.length === 0 ? [] : [warning(name, `lacks ${listed(missing)}`)];
}

function unusedIn({ name, texts }: TextsFile, used: ReadonlySet<string>): Finding[] {
  const unused = [...texts.keys()].filter((key) => !used.has(key));
  return unused.length === 0 ? [] : [warning(name, `nothing uses ${listed(unused)}`)];
}

function listed(keys: readonly string[]): string {
  const named = keys.slice(0, MOST_NAMED).map((key) => JSON.stringify(key));
  const more = keys.length - named.length;
  return `${named.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

function namesIn(
  folder: string,
  pattern: RegExp,
): { readonly name: string; readonly language: string | undefined }[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const match = pattern.exec(name);
      return match === null ? [] : [{ name, language: match[1] }];
    });
  } catch {
    return [];
  }
}
