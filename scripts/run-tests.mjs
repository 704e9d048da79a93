// Runs the built tests: all of them, or those that the arguments name. A test is named by its source or its build, one
// file or a folder of them (test/unit/publish); everything else goes to mocha as it is (--grep "a title"). Several files run at a time,
// since most tests wait for processes; one named file, or a debugger, runs alone. The last line counts what passed and failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
// Where it is set, each start of Node reads these certificates: twice the time of all else. The tests talk to this computer alone.
delete process.env.NODE_EXTRA_CA_CERTS;

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

/**
 * All built tests, those of each folder spread evenly over the run, so that two of the heavy ones seldom run at once. Units are the last, so
 * that no file of minutes is.
 */
function allTests() {
  const golden = (Math.sqrt(5) - 1) / 2;
  const place = (file, index) => ((index * golden) % 1) * (file.startsWith('unit') ? 1 : 0.9);
  return readdirSync(join('dist', 'test'), { recursive: true })
    .filter((file) => file.endsWith('.test.js'))
    .sort()
    .map((file, index) => ({ file: join('dist', 'test', file), at: place(file, index) }))
    .sort((one, other) => one.at - other.at)
    .map(({ file }) => file);
}

const count = (list, noun) => `${list.length} ${noun}${list.length === 1 ? '' : 's'}`;
const named = process.argv.slice(2).map((argument) => ({ argument, tests: builtTests(argument) }));
/** On any machine: Mocha's own default is none on two processors, and so many on large ones that tests of real processes starve. */
const JOBS = 2;
/**
 * Many tests watch real processes in real time, which several at once can make a computer too slow for. So a few files that
 * fail run again, alone, and both results are printed; more than these have another reason.
 */
const MOST_AGAIN = 8;
/** How many of the files that took longest are named. */
const SLOWEST = 10;
const isOneFile =
  named.filter(({ tests }) => tests !== undefined).length === 1 &&
  named.every(({ tests }) => !tests?.includes('*'));
const isDebugged = named.some(({ argument }) => argument.startsWith('--inspect'));
const isNamed = named.some(({ tests }) => tests !== undefined);
const parallel = isOneFile || isDebugged ? [] : ['--parallel', '--jobs', String(JOBS)];
const tests = isNamed ? [] : allTests();
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-tests-'));

/** Runs these tests; returns Mocha's exit code, and which tests passed and failed. */
function run(args) {
  const result = join(folder, 'result.json');
  const reporter = ['--reporter', 'scripts/result-reporter.cjs', '--reporter-option', `result=${result}`];
  const { status } = spawnSync(process.execPath, [mocha, ...reporter, ...args], { stdio: 'inherit' });
  const outcome = existsSync(result)
    ? JSON.parse(readFileSync(result, 'utf8'))
    : { passes: [], failures: [], durations: {} };
  rmSync(result, { force: true });
  return { status: status ?? 1, ...outcome };
}

let { status, passes, failures, durations } = run([
  ...parallel,
  ...tests,
  ...named.map(({ argument, tests }) => tests ?? argument),
]);
// A hook that is Mocha's root's has none.
const files = [...new Set(failures.flatMap(({ file }) => file ?? []))];
if (parallel.length > 0 && files.length > 0 && files.length <= MOST_AGAIN) {
  console.log(`${count(failures, 'test')} failed beside others. Their files run again, alone:`);
  for (const { title } of failures) console.log(`  ${title}`);
  const alone = run(files);
  // A hook of the root is reported by its failures alone.
  const ran = new Set(alone.passes.map(({ title }) => title));
  const isPassed = ({ file, title }) => (file === undefined ? alone.failures.length === 0 : ran.has(title));
  const passed = failures.filter(isPassed);
  console.log(`${count(passed, 'test')} of ${failures.length} passed alone.`);
  const others = failures.filter((failure) => !isPassed(failure));
  failures = [
    ...alone.failures,
    ...others.filter(({ title }) => !alone.failures.some((failure) => failure.title === title)),
  ];
  status = failures.length === 0 ? alone.status : alone.status || 1;
  passes = [...passes.filter(({ file }) => !files.includes(file)), ...alone.passes];
}
rmSync(folder, { recursive: true });
if (parallel.length > 0) {
  const slowest = Object.entries(durations).sort(([, a], [, b]) => b - a);
  console.log('The slowest files:');
  for (const [file, ms] of slowest.slice(0, SLOWEST)) {
    console.log(`  ${(ms / 1000).toFixed(1).padStart(6)} s  ${relative(root, file)}`);
  }
}
console.log(`${passes.length} passed, ${failures.length} failed`);
process.exit(status);
