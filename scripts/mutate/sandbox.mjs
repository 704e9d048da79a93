// A copy of the built tree in which mutants run: they may delete files and kill processes as the code would not.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apply } from './mutants.mjs';
import { treeMemory } from './tree-memory.mjs';

const MOCHA = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
/** Holds mocha and what it needs; another folder than the mutants' where a test measures a small project. */
const TOOLS = join(MOCHA, '../../..');
/** A mutant may get so many times the time of a run without one, and some ms more. */
const TIME_FACTOR = 3;
const TIME_SLACK_MS = 5000;
/** One that has taken longer gets so many times that once more: the machine may have been busy. */
const SECOND_FACTOR = 4;
/** For a run without a mutant, ms. */
const CLEAN_TIMEOUT_MS = 120_000;
const MEMORY_POLL_MS = 1000;
const NOT_LINKED = new Set(['dist', '.git']);

export class Sandbox {
  #root;
  #memoryMb;
  #folder = mkdtempSync(join(tmpdir(), 'bulkhead-mutants-'));

  /** @param {number} memoryMb what a run's processes may take together, MB: a limit of V8's heap leaves out buffers */
  constructor(root, memoryMb) {
    this.#root = root;
    this.#memoryMb = memoryMb;
    for (const name of readdirSync(root))
      if (!NOT_LINKED.has(name)) symlinkSync(join(root, name), join(this.#folder, name));
    cpSync(join(root, 'dist'), join(this.#folder, 'dist'), { recursive: true });
  }

  static get isAvailable() {
    return spawnSync('bwrap', ['--version']).status === 0;
  }

  /**
   * Runs the tests as they are.
   *
   * @returns {Promise<{ elapsedMs: number, failure: string | undefined }>}
   */
  async runClean(tests) {
    const begunMs = performance.now();
    if (tests.length === 0) return { elapsedMs: 0, failure: undefined };
    const { status, outOfMemory, output } = await this.#mocha(tests, CLEAN_TIMEOUT_MS);
    const failure = outOfMemory ? `They took more than ${this.#memoryMb} MB.\n${output}` : output;
    return { elapsedMs: performance.now() - begunMs, failure: status === 0 ? undefined : failure };
  }

  /**
   * Runs the tests with the mutant in its module until one fails.
   *
   * @returns {Promise<'killed' | 'timed out' | 'out of memory' | 'survived'>}
   */
  async run(mutant, module, tests, cleanMs) {
    const path = join(this.#folder, module);
    const code = readFileSync(path, 'utf8');
    writeFileSync(path, apply(mutant, code));
    try {
      const limitMs = cleanMs * TIME_FACTOR + TIME_SLACK_MS;
      let { status, outOfMemory } = await this.#mocha(tests, limitMs);
      if (status === undefined && !outOfMemory)
        ({ status, outOfMemory } = await this.#mocha(tests, limitMs * SECOND_FACTOR));
      if (outOfMemory) return 'out of memory';
      return status === undefined ? 'timed out' : status === 0 ? 'survived' : 'killed';
    } finally {
      writeFileSync(path, code);
    }
  }

  /** `status` is undefined when it was ended: at its deadline, or since it took too much memory. */
  #mocha(tests, timeoutMs) {
    const confinement = [
      ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
      // Each may lie in /tmp.
      ...[this.#root, TOOLS, process.execPath].flatMap((path) => ['--ro-bind', path, path]),
      ...['--bind', this.#folder, this.#folder, '--chdir', this.#folder],
      ...['--unshare-pid', '--die-with-parent', '--setenv', 'TMPDIR', '/tmp'],
    ];
    const run = [process.execPath, '--max-old-space-size=1024', MOCHA, '--bail', '--reporter', 'dot'];
    const child = spawn('bwrap', [...confinement, ...run, ...tests], { stdio: ['ignore', 'pipe', 'pipe'] });
    return new Promise((resolve, reject) => {
      let output = '';
      let ended = false;
      let outOfMemory = false;
      const end = () => {
        ended = true;
        child.kill('SIGKILL');
      };
      const timer = setTimeout(end, timeoutMs);
      const poll = setInterval(() => {
        if (ended || child.pid === undefined || treeMemory(child.pid) <= this.#memoryMb * 1024 ** 2) return;
        outOfMemory = true;
        end();
      }, MEMORY_POLL_MS);
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          output = (output + chunk).slice(-4000);
        });
      child.on('error', (error) => {
        clearTimeout(timer);
        clearInterval(poll);
        reject(error);
      });
      child.on('close', (status) => {
        clearTimeout(timer);
        clearInterval(poll);
        resolve({ status: ended ? undefined : (status ?? 1), outOfMemory, output });
      });
    });
  }

  dispose() {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
