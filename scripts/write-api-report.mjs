// Writes extension-api/api-report.md: the whole public surface of the API as its compiled declarations have it, without
// their documentation, so that a review sees each change of what plugins rely on, and nothing else.
//
//   node scripts/write-api-report.mjs [--check] [FOLDER]
//
// --check writes nothing, and fails when the report is not up to date. FOLDER is the package's; it must have been built.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Modules that cannot be imported. */
const INTERNAL = ['runtime.d.ts'];

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = positionals[0] ?? join(root, 'extension-api');
const file = join(folder, 'api-report.md');
const report = reportOn(folder);

if (!values.check) {
  writeFileSync(file, report);
} else {
  const change = firstChange(readFileSync(file, 'utf8'), report);
  if (change !== undefined) {
    console.error(`The public API is not what ${file} says.\n${change}`);
    console.error(
      'If the change is meant, and docs/api-versioning.md allows it: npm run api-report, and commit it.',
    );
    process.exit(1);
  }
}

function reportOn(folder) {
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const declarations = join(folder, 'dist', 'esm');
  const modules = readdirSync(declarations)
    .filter((entry) => entry.endsWith('.d.ts') && !INTERNAL.includes(entry))
    .sort((a, b) => Number(b === 'index.d.ts') - Number(a === 'index.d.ts') || (a < b ? -1 : 1));
  const parts = modules.map((entry) => {
    const surface = withoutDocumentation(readFileSync(join(declarations, entry), 'utf8'));
    return `## ${entry.replace('.d.ts', '')}\n\n\`\`\`ts\n${surface}\n\`\`\`\n`;
  });
  return [
    `# The public API of ${name}\n`,
    'Written by `npm run api-report` from the compiled declarations, and checked by a test. What may change between',
    'versions, and what may not, is said in [docs/api-versioning.md](../docs/api-versioning.md).\n',
    ...parts,
  ].join('\n');
}

/** The declarations alone; of their documentation only that something is deprecated. */
function withoutDocumentation(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => (comment.includes('@deprecated') ? '/** @deprecated */' : ''))
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('//#'))
    .join('\n');
}

function firstChange(before, after) {
  const [old, now] = [before, after].map((text) => text.split('\n'));
  const at = Array.from({ length: Math.max(old.length, now.length) }).findIndex(
    (_, index) => old[index] !== now[index],
  );
  if (at === -1) return undefined;
  return `line ${at + 1}:\n- ${old[at] ?? ''}\n+ ${now[at] ?? ''}`;
}
