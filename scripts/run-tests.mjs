// Runs the built tests: all of them, or those that the arguments name. A test is named by its source or its build, one
// file or a folder of them (test/unit/publish); everything else goes to mocha as it is (--grep "a title"). Several files run at a time,
// since most tests wait for processes; one named file, or a debugger, runs alone. The last line counts what passed and failed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setPriority, tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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

/** Where tests judge media in real time, for which the processor has to be there in time. */
const IN_REAL_TIME =
  /^(browser|faults[\\/](broadcast|plugins|publish)|integration[\\/](broadcast|encoder|live-server|publish))[\\/]/;

/** Those that take longest, which begin first, so that no lane ends with one of them alone; each run names its own at its end. */
const LONGEST = [
  'faults/publish/relay-loss',
  'integration/cli/registry-commands',
  'faults/extension-host/hostile-messages',
  'faults/broadcast/recording',
  'faults/broadcast/audio-tracks',
  'integration/broadcast/plugin-upgrades',
  'faults/broadcast/replay',
  'integration/cli/hostile-output',
  'integration/docs/console-documents',
].map((name) => `${join(...name.split('/'))}.test.js`);

/** All built tests, those of each folder spread evenly over the run, so that two of the heavy ones seldom run at once. */
function allTests() {
  const golden = (Math.sqrt(5) - 1) / 2;
  const place = (file, index) => {
    if (LONGEST.includes(file)) return LONGEST.indexOf(file) - LONGEST.length;
    // Units are the last: they take milliseconds, and fill both jobs to the end.
    return ((index * golden) % 1) * (file.startsWith('unit') ? 1 : 0.6);
  };
  return readdirSync(join('dist', 'test'), { recursive: true })
    .filter((file) => file.endsWith('.test.js'))
    .sort()
    .map((file, index) => ({ file, at: place(file, index) }))
    .sort((one, other) => one.at - other.at)
    .map(({ file }) => file);
}

/**
 * What runs beside each other: tests in real time, which wait most of the time, three at once, and all others, which take what these leave
 * of two processors.
 */
function lanesOfAll() {
  const files = allTests();
  const lane = (isRealTime, jobs, niceness) => ({
    args: files
      .filter((file) => IN_REAL_TIME.test(file) === isRealTime)
      .map((file) => join('dist', 'test', file)),
    jobs,
    niceness,
  });
  return [lane(true, 3, 0), lane(false, JOBS, YIELDING)];
}

const count = (list, noun) => `${list.length} ${noun}${list.length === 1 ? '' : 's'}`;
const named = process.argv.slice(2).map((argument) => ({ argument, tests: builtTests(argument) }));
/** Of the other lane, and of named tests, on any machine: Mocha's own default is none on two processors, and so many on large ones that tests of real processes starve. */
const JOBS = 2;
/** The nice value of tests that can wait: below that of the ffmpegs that an encoder process drives, which come after it. */
const YIELDING = 4;
/**
 * Many tests watch real processes in real time, which several at once can make a computer too slow for. So a few files that
 * fail run again, alone, and both results are printed; more than these have another reason.
 */
const MOST_AGAIN = 12;
/** How many of the files that took longest are named. */
const SLOWEST = 10;
const isOneFile =
  named.filter(({ tests }) => tests !== undefined).length === 1 &&
  named.every(({ tests }) => !tests?.includes('*'));
const isDebugged = named.some(({ argument }) => argument.startsWith('--inspect'));
const isAlone = isOneFile || isDebugged;
const isNamed = named.some(({ tests }) => tests !== undefined);
const parallel = (jobs) => (isAlone ? [] : ['--parallel', '--jobs', String(jobs)]);
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-tests-'));

/** Runs these tests; resolves with Mocha's exit code, and which tests passed and failed. */
async function run({ args, niceness = 0 }, number = 0) {
  const result = join(folder, `result-${number}.json`);
  const reporter = ['--reporter', 'scripts/result-reporter.cjs', '--reporter-option', `result=${result}`];
  const colours = process.stdout.isTTY ? ['--color'] : [];
  const child = spawn(process.execPath, [mocha, ...reporter, ...colours, ...args], {
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  if (niceness > 0) setPriority(child.pid, niceness);
  forward(child.stdout);
  const closed = once(child.stdout, 'close');
  const [status] = await once(child, 'exit');
  // What a test has left running may hold it open.
  await Promise.race([closed, delay(1000)]);
  const outcome = existsSync(result)
    ? JSON.parse(readFileSync(result, 'utf8'))
    : { passes: [], failures: [], durations: {} };
  rmSync(result, { force: true });
  return { status: status ?? 1, ...outcome };
}

/** Prints what comes in one piece whole, as Mocha writes the tests of a file, so that two lanes don't mix. */
function forward(output) {
  let pending = '';
  let timer;
  const print = () => {
    process.stdout.write(pending);
    pending = '';
  };
  output.setEncoding('utf8').on('data', (text) => {
    pending += text;
    clearTimeout(timer);
    timer = setTimeout(print, 100);
  });
  output.once('end', print);
}

const more = named.map(({ argument, tests }) => tests ?? argument);
const lanes = isNamed ? [{ args: [], jobs: JOBS }] : lanesOfAll();
const outcomes = await Promise.all(
  lanes.map(({ args, jobs, niceness }, number) =>
    run({ args: [...parallel(jobs), ...args, ...more], niceness }, number),
  ),
);
let status = Math.max(...outcomes.map((outcome) => outcome.status));
let [passes, failures] = ['passes', 'failures'].map((key) => outcomes.flatMap((outcome) => outcome[key]));
const durations = Object.assign({}, ...outcomes.map((outcome) => outcome.durations));
// A hook that is Mocha's root's has none.
const files = [...new Set(failures.flatMap(({ file }) => file ?? []))];
if (!isAlone && files.length > 0 && files.length <= MOST_AGAIN) {
  console.log(`${count(failures, 'test')} failed beside others. Their files run again, alone:`);
  for (const { title } of failures) console.log(`  ${title}`);
  const alone = await run({ args: files });
  const ran = new Set(alone.passes.map(({ title }) => title));
  // Hooks are reported by their failures alone; those of the root have no file.
  const isPassed = ({ file, title }) =>
    /"(before|after) (all|each)" hook/.test(title)
      ? !alone.failures.some((failure) => file === undefined || failure.file === file)
      : ran.has(title);
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
if (!isAlone) {
  const slowest = Object.entries(durations).sort(([, a], [, b]) => b - a);
  console.log('The slowest files:');
  for (const [file, ms] of slowest.slice(0, SLOWEST)) {
    console.log(`  ${(ms / 1000).toFixed(1).padStart(6)} s  ${relative(root, file)}`);
  }
}
console.log(`${passes.length} passed, ${failures.length} failed`);
process.exit(status);
