// Runs the built tests: all of them, or those that the arguments name. A test is named by its source or its build, one
// file or a folder of them (test/unit/publish); everything else goes to mocha as it is (--grep "a title"). Files run two at a time, since
// most tests wait for processes; one named file, or a debugger, runs alone.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

/** The pattern of the built tests that the argument names; undefined for an argument of mocha's. */
function builtTests(argument) {
  const path = relative(root, argument)
    .split(sep)
    .join('/')
    .replace(/^dist\//, '');
  if (path !== 'test' && !path.startsWith('test/')) return undefined;
  const built = join('dist', path.replace(/\.ts$/, '.js'));
  if (existsSync(built)) return statSync(built).isDirectory() ? join(built, '**', '*.test.js') : built;
  console.error(`There are no built tests at ${argument}: check the path, and run "npm run build".`);
  process.exit(1);
}

const named = process.argv.slice(2).map((argument) => ({ argument, tests: builtTests(argument) }));
/** Two on any machine: Mocha's own default is none on two processors, and so many on large ones that tests of real processes starve. */
const JOBS = 2;
const isOneFile =
  named.filter(({ tests }) => tests !== undefined).length === 1 &&
  named.every(({ tests }) => !tests?.includes('*'));
const isDebugged = named.some(({ argument }) => argument.startsWith('--inspect'));
const parallel = isOneFile || isDebugged ? [] : ['--parallel', '--jobs', String(JOBS)];
const tests = named.some(({ tests }) => tests !== undefined) ? [] : [builtTests('test')];
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const { status } = spawnSync(
  process.execPath,
  [mocha, ...parallel, ...tests, ...named.map(({ argument, tests }) => tests ?? argument)],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
