import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('the API report', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('api-report');
    const api = join(packageRoot(), 'extension-api');
    for (const entry of ['package.json', 'api-report.md', 'dist']) {
      cpSync(join(api, entry), join(folder.path, entry), { recursive: true });
    }
  });

  afterEach(() => folder.dispose());

  const run = (...args: string[]) =>
    spawnSync(
      process.execPath,
      [join(packageRoot(), 'scripts', 'write-api-report.mjs'), ...args, folder.path],
      {
        encoding: 'utf8',
      },
    );
  const declarations = (name: string) => join(folder.path, 'dist', 'esm', `${name}.d.ts`);
  const edit = (name: string, change: (text: string) => string) =>
    writeFileSync(declarations(name), change(readFileSync(declarations(name), 'utf8')));

  it('in the repository is up to date (else: npm run build && npm run api-report)', () => {
    const { status, stderr } = run('--check');
    assert.equal(status, 0, stderr);
  });

  it('reports a changed signature, and what to do', () => {
    edit('window', (text) => text.replace('createStatusItem(id: string)', 'createStatusItem(id: number)'));
    const { status, stderr } = run('--check');
    assert.equal(status, 1);
    assert.match(
      stderr,
      /-\s+createStatusItem\(id: string\): StatusItem;\n\+\s+createStatusItem\(id: number\)/,
    );
    assert.match(stderr, /npm run api-report/);
    assert.equal(run().status, 0);
    assert.equal(run('--check').status, 0);
  });

  it('reports additions and deprecations', () => {
    appendFileSync(declarations('env'), 'export interface More {\n}\n');
    assert.match(run('--check').stderr, /\+ export interface More/);
    run();
    edit('env', (text) => `/** @deprecated Use something else. */\n${text}`);
    assert.match(run('--check').stderr, /\+ \/\*\* @deprecated \*\//);
  });

  it('ignores documentation', () => {
    edit('env', (text) => `/** Says more. */\n${text}`);
    assert.equal(run('--check').status, 0);
  });
});
