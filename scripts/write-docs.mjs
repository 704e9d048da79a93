// Writes the parts of docs/*.md that are generated from the source, between <!-- generated: NAME --> and <!-- end -->.
//
//   node scripts/write-docs.mjs [--check] [FOLDER]
//
// --check writes nothing, and fails when a part is out of date; it is a part of `npm run lint`. FOLDER holds the documents,
// docs by default.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { configurationTables } from './docs/configuration-tables.mjs';
import { openDeclarations } from './docs/declarations.mjs';
import { errorTable } from './docs/error-tables.mjs';
import { exitCodeTable } from './docs/exit-code-table.mjs';
import { loadModule, root } from './docs/load-module.mjs';
import { fieldTables } from './docs/status-tables.mjs';

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const folder = positionals[0] ?? join(root, 'docs');

/** By the name in the document; every one has to be in one. */
async function generate() {
  const declarations = openDeclarations();
  try {
    const { ErrorCodes } = await loadModule('src/protocol/error-codes.ts');
    const { exitCodeOf } = await loadModule('src/cli/report-failure.ts');
    const { configJsonSchema } = await loadModule('src/config/json-schema.ts');
    const { ExitCodes } = await loadModule('src/protocol/exit-codes.ts');
    const status = new Map(
      [
        ...['errors', 'encoder', 'lifecycle', 'output-statistics', 'questions', 'recording', 'replay'],
        ...readdirSync(join(root, 'src/protocol/status')).map(
          (file) => `status/${file.slice(0, -'.ts'.length)}`,
        ),
      ]
        .map((module) => declarations.of(`src/protocol/${module}.ts`))
        .flatMap((found) => [...found]),
    );
    return {
      ...configurationTables(configJsonSchema()),
      'error codes': errorTable({
        entries: declarations.of('src/protocol/error-codes.ts').get('ErrorCodes').entries,
        codes: ErrorCodes,
        exitCodeOf,
        sources: sourcesIn('src'),
      }),
      'exit codes': exitCodeTable(
        declarations.of('src/protocol/exit-codes.ts').get('ExitCodes').entries,
        ExitCodes,
      ),
      'status fields': fieldTables(status, 'Status'),
    };
  } finally {
    declarations.close();
  }
}

function sourcesIn(path) {
  const files = readdirSync(join(root, path), { recursive: true }).filter((name) => name.endsWith('.ts'));
  return Object.fromEntries(
    files.map((name) => [
      `${path}/${name.replaceAll('\\', '/')}`,
      readFileSync(join(root, path, name), 'utf8'),
    ]),
  );
}

const PART = /(<!-- generated: (.+?) -->\n)([\s\S]*?)(<!-- end -->)/g;

/** @returns what is wrong, a line each */
function write(parts) {
  const found = new Set();
  const problems = [];
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.md'))) {
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8');
    const written = text.replace(PART, (whole, start, part, before, end) => {
      found.add(part);
      if (parts[part] === undefined) {
        problems.push(`${file}: there is no generated part "${part}"`);
        return whole;
      }
      const generated = `\n${parts[part]}\n\n`;
      if (values.check && generated !== before)
        problems.push(`${file}: the part "${part}" is out of date. Run: npm run docs`);
      return start + generated + end;
    });
    if (!values.check && written !== text) writeFileSync(file, written);
  }
  const missing = Object.keys(parts).filter((part) => !found.has(part));
  return [...problems, ...missing.map((part) => `no document in ${folder} holds the part "${part}"`)];
}

let problems;
try {
  problems = write(await generate());
} catch (error) {
  problems = [error.message];
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
}
