// Measures what the unit tests notice: changes the built code of a room in one place at a time, and runs the tests that
// load it. Fails when they notice less than 90 % of the changes.
//
//   npm run mutate -- ROOM… [--sample N] [--seed S] [--file PART-OF-A-PATH] [--memory MB] [--list]
//
// A run whose processes take more than --memory together (2048 MB by default) is ended, and its mutant counts as killed.
// Changes that nothing can notice are listed in mutate/equivalent.json, each with the reason.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutantsOf } from './mutate/mutants.mjs';
import { Sandbox } from './mutate/sandbox.mjs';
import { builtFiles, TestFiles } from './mutate/test-files.mjs';

const LEAST_SCORE = 90;
const WORKERS = Math.min(2, availableParallelism());
const USAGE =
  'Usage: npm run mutate -- ROOM… [--sample N] [--seed S] [--file PART-OF-A-PATH] [--memory MB] [--list]';

const { rooms, sample, seed, filePart, memoryMb, list, root } = readArguments();
process.chdir(root);
const sources = builtFiles('.', 'dist/src');
const equivalents = JSON.parse(readFileSync('scripts/mutate/equivalent.json', 'utf8'));
const plans = rooms.map(plan);
if (list) {
  for (const { mutants } of plans) for (const mutant of mutants) console.log(describe(mutant));
} else {
  await measure();
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        sample: { type: 'string' },
        seed: { type: 'string', default: '1' },
        file: { type: 'string', default: '' },
        memory: { type: 'string', default: '2048' },
        list: { type: 'boolean', default: false },
        root: { type: 'string', default: dirname(dirname(fileURLToPath(import.meta.url))) },
      },
    });
    if (positionals.length === 0) fail(`Name a room of src or src/core, such as timeline. ${USAGE}`);
    return {
      rooms: positionals,
      sample: values.sample === undefined ? Number.POSITIVE_INFINITY : wholeNumber('sample', values.sample),
      seed: wholeNumber('seed', values.seed),
      filePart: values.file,
      memoryMb: wholeNumber('memory', values.memory),
      list: values.list,
      root: resolve(values.root),
    };
  } catch (error) {
    return fail(`${error.message}. ${USAGE}`);
  }
}

function wholeNumber(name, text) {
  return /^\d+$/.test(text) ? Number(text) : fail(`--${name} takes a whole number, not "${text}".`);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

/** The mutants of a room that are to be tried, and all that there are. */
function plan(room) {
  const folder = [`dist/src/${room}/`, `dist/src/core/${room}/`].find((path) =>
    sources.some((file) => file.startsWith(path)),
  );
  if (folder === undefined)
    return fail(`There is no built room "${room}": name a folder of src or src/core, and run npm run build.`);
  const all = sources
    .filter((module) => module.startsWith(folder) && module.includes(filePart.replace(/\.ts$/, '')))
    .flatMap((module) => {
      const file = module.replace(/^dist\//, '').replace(/\.js$/, '.ts');
      return mutantsOf(module, file, readFileSync(file, 'utf8')).map((mutant) => ({ ...mutant, module }));
    });
  const candidates = all.filter((mutant) => !equivalents.some((entry) => isSame(entry, mutant)));
  const unused = equivalents.filter(
    (entry) =>
      filePart === '' &&
      entry.file.startsWith(folder.replace(/^dist\//, '')) &&
      !all.some((mutant) => isSame(entry, mutant)),
  );
  if (unused.length > 0)
    fail(
      `scripts/mutate/equivalent.json names what is not there any more; remove it or correct it:\n${unused.map(describe).join('\n')}`,
    );
  const mutants = shuffled(candidates, seed).slice(0, sample);
  mutants.sort((a, b) => a.file.localeCompare(b.file) || a.start - b.start);
  return { room, total: candidates.length, mutants };
}

function isSame(entry, { file, text, change }) {
  return entry.file === file && entry.text === text && entry.change === change;
}

function describe({ file, line, text, change }) {
  return `${file}${line === undefined ? '' : `:${line}`}  ${change}\n    ${text}`;
}

/** In an order that depends on the seed alone (mulberry32, Fisher–Yates). */
function shuffled(items, seed) {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

async function measure() {
  if (!Sandbox.isAvailable)
    fail(
      'bubblewrap (bwrap) was not found: mutants may delete files and kill processes, and run in it alone.',
    );
  const testFiles = new TestFiles('.');
  const sandboxes = Array.from({ length: WORKERS }, () => new Sandbox(root, memoryMb));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  process.once('exit', () => {
    for (const sandbox of sandboxes) sandbox.dispose();
  });
  let enough = true;
  for (const room of plans) enough = (await measureRoom(room, testFiles, sandboxes)) && enough;
  process.exitCode = enough ? 0 : 1;
}

async function measureRoom({ room, total, mutants }, testFiles, sandboxes) {
  const testsOf = new Map(mutants.map(({ module }) => [module, testFiles.of(module, room)]));
  const cleanMs = {};
  for (const kind of ['own', 'others']) {
    const tests = [...new Set([...testsOf.values()].flatMap((files) => files[kind]))];
    const { elapsedMs, failure } = await sandboxes[0].runClean(tests);
    cleanMs[kind] = elapsedMs;
    if (failure === undefined) continue;
    if (kind === 'own') fail(`The unit tests of ${room} fail without a mutant:\n${failure}`);
    // Some look at what surrounds the built tree, which is another one in a sandbox.
    const failing = await failingOf(tests, sandboxes[0]);
    for (const files of testsOf.values()) files.others = files.others.filter((file) => !failing.has(file));
  }

  const results = new Map();
  const waiting = [...mutants];
  await Promise.all(
    sandboxes.map(async (sandbox) => {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        let result = 'survived';
        for (const kind of ['own', 'others']) {
          const tests = testsOf.get(mutant.module)[kind];
          if (result === 'survived' && tests.length > 0)
            result = await sandbox.run(mutant, mutant.module, tests, cleanMs[kind]);
        }
        results.set(mutant, result);
      }
    }),
  );
  return report(room, total, mutants, results);
}

async function failingOf(tests, sandbox) {
  const failing = new Set();
  for (const file of tests) if ((await sandbox.runClean([file])).failure !== undefined) failing.add(file);
  return failing;
}

/** Returns whether the score is high enough. */
function report(room, total, mutants, results) {
  const having = (result) => mutants.filter((mutant) => results.get(mutant) === result);
  const [killed, timedOut, outOfMemory, survived] = ['killed', 'timed out', 'out of memory', 'survived'].map(
    having,
  );
  const score = mutants.length === 0 ? 100 : 100 * (1 - survived.length / mutants.length);
  for (const mutant of timedOut) console.log(`timed out: ${describe(mutant)}`);
  for (const mutant of outOfMemory) console.log(`out of memory: ${describe(mutant)}`);
  for (const mutant of survived) console.log(`survived: ${describe(mutant)}`);
  console.log(
    `${room}: ${mutants.length} of ${total} mutants (seed ${seed}): ${killed.length} killed, ` +
      `${timedOut.length} timed out, ${outOfMemory.length} out of memory, ${survived.length} survived; score ${score.toFixed(1)} %`,
  );
  return score >= LEAST_SCORE;
}
