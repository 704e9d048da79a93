// Checks the last commit as a CI system would, on other versions of Node and with npm 12, which runs no install script that
// package.json does not allow: a fresh clone, "npm ci", the build, the type check and the unit tests.
//
// node scripts/check-node-versions.mjs [MAJOR ...]      22 and 24 without any
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NPM = '12';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const majors = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['22', '24'];
const system = { win32: 'win' }[process.platform] ?? process.platform;

/** Without the settings that "npm run" hands to what it starts. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_OPTIONS$|^INIT_CWD$/i.test(name)),
);

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-node-versions-'));

/** @returns whether it went well; its output is printed when it did not, or when `loud` */
function run(command, args, { cwd = folder, env = environment, loud = false } = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0 || loud) console.log(`${stdout}${stderr}`.trimEnd());
  return status === 0;
}

function check(major) {
  const node = join(
    folder,
    'node_modules',
    `node${major}`,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  const npm = join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js');
  if (!existsSync(node)) throw new Error(`there is no ${node}`);
  const env = { ...environment, PATH: `${dirname(node)}${delimiter}${environment.PATH}` };
  const clone = join(folder, `clone-${major}`);
  const versions = [node, npm].map((file) =>
    spawnSync(node, file === node ? ['--version'] : [npm, '--version'], {
      env,
      encoding: 'utf8',
    }).stdout.trim(),
  );
  console.log(`\nNode ${versions[0]}, npm ${versions[1]}`);
  const steps = [
    ['clone', () => run('git', ['clone', '--quiet', root, clone])],
    ['npm ci', () => run(node, [npm, 'ci', '--no-audit', '--no-fund'], { cwd: clone, env, loud: true })],
    ['install scripts', () => pendingScripts(node, npm, clone, env)],
    ['build', () => run(node, [npm, 'run', 'build'], { cwd: clone, env })],
    ['type check', () => run(node, [npm, 'run', 'typecheck'], { cwd: clone, env })],
    ['unit tests', () => run(node, [npm, 'run', 'test:unit'], { cwd: clone, env })],
  ];
  for (const [name, step] of steps) {
    const startedAtMs = performance.now();
    const passed = step();
    console.log(`${passed ? '✓' : '✗'} ${name}, ${((performance.now() - startedAtMs) / 1000).toFixed(0)} s`);
    if (!passed) return false;
  }
  return true;
}

/** Every install script of a dependency is allowed or denied: none is left for the next person to wonder about. */
function pendingScripts(node, npm, cwd, env) {
  const { status, stdout, stderr } = spawnSync(
    node,
    [npm, 'approve-scripts', '--allow-scripts-pending', '--json'],
    {
      cwd,
      env,
      encoding: 'utf8',
    },
  );
  const none = status === 0 && JSON.parse(stdout).allowScripts?.length === 0;
  if (!none) console.log(`${stdout}${stderr}`.trimEnd());
  return none;
}

let passed = false;
try {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const nodes = majors.map((major) => `node${major}@npm:node-${system}-${process.arch}@${major}`);
  const shell = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  if (!run(shell, ['install', '--no-audit', '--no-fund', '--ignore-scripts', `npm@${NPM}`, ...nodes])) {
    throw new Error('Node or npm cannot be had from the registry');
  }
  const results = majors.map(check);
  passed = results.every(Boolean);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = passed ? 0 : 1;
