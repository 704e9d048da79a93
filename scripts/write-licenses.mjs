import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes the licences of all packages that bundles hold code of: those who pass bundles on have to pass these on as well.
 *
 * @param metafiles What esbuild reports of the bundles.
 */
export function writeLicenses(file, ...metafiles) {
  const folders = metafiles
    .flatMap(({ inputs }) => Object.keys(inputs))
    .map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0])
    .filter((folder) => folder !== undefined);
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const files = readdirSync(folder).filter((entry) => /^(licen[cs]e|notice|copying)(\.|-|$)/i.test(entry));
    const text = files.map((entry) => readFileSync(join(folder, entry), 'utf8').trim()).join('\n\n');
    return `${name} ${version}, ${license}\n\n${text}`.trim();
  });
  const head = 'The programs in this folder hold code of these packages.';
  writeFileSync(file, `${[head, ...texts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
}
