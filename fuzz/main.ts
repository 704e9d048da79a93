import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startCoverage } from './coverage/coverage.js';
import { Fuzzer, type Result } from './fuzzer.js';
import { Random } from './random.js';
import type { Target } from './target.js';

// npm run fuzz -- SECONDS [--seed NUMBER] [--target NAME] [--replay FILE]

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, target: { type: 'string' }, replay: { type: 'string' } },
});
const seconds = Number(positionals[0] ?? 60);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('Usage: npm run fuzz -- SECONDS [--seed NUMBER] [--target NAME] [--replay FILE]');
  process.exit(64);
}

await startCoverage();
// Only now: what is loaded from here on counts its branches.
const [
  { mediaTargets },
  { recordingTargets },
  { timelineTarget },
  { messageTargets },
  { fileTargets },
  { registryTarget },
] = await Promise.all([
  import('./targets/media.js'),
  import('./targets/recordings.js'),
  import('./targets/timeline.js'),
  import('./targets/messages.js'),
  import('./targets/files.js'),
  import('./targets/registry.js'),
]);
const all: readonly Target[] = [
  ...mediaTargets,
  ...recordingTargets,
  timelineTarget,
  ...messageTargets,
  ...fileTargets,
  registryTarget,
];
const targets = all.filter(({ name }) => values.target === undefined || name === values.target);
if (targets.length === 0) {
  console.error(`There is no target "${values.target}": ${all.map(({ name }) => name).join(', ')}`);
  process.exit(64);
}

const fuzzer = new Fuzzer(new Random(seed), 'fuzz-findings', (text) => console.error(text));
process.on('uncaughtException', (error) => fuzzer.noteStray(error));
process.on('unhandledRejection', (error) => fuzzer.noteStray(error));
const results: Result[] = [];
for (const target of targets) {
  const only = values.replay === undefined ? target : { ...target, seeds: [readFileSync(values.replay)] };
  results.push(await fuzzer.run(only, values.replay === undefined ? (seconds * 1000) / targets.length : 0));
}

const columns = ['target', 'inputs', 'per second', 'corpus', 'branches', 'slowest ms', 'findings'];
const rows = results.map(({ target, inputs, perSecond, corpus, branches, slowestMs, findings }) =>
  [target, inputs, perSecond, corpus, branches, slowestMs.toFixed(1), findings].map(String),
);
for (const row of [columns, columns.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`);
const total = results.reduce((sum, { inputs }) => sum + inputs, 0);
console.log(`${total} inputs, ${fuzzer.findings.length} findings; seed ${seed}`);
process.exit(fuzzer.findings.length === 0 ? 0 : 1);
