import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type TempDir, tempDir } from '../../support/temp.js';

function writeDocs(...args: readonly string[]): { readonly status: number | null; readonly stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/write-docs.mjs', ...args], {
    encoding: 'utf8',
  });
  return { status, stderr };
}

describe('the generated parts of the documents', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('docs');
    cpSync('docs', folder.path, { recursive: true, filter: (path) => !/images/.test(path) });
  });

  afterEach(() => folder.dispose());

  it('are reported if they are out of date, and rewritten', () => {
    const file = join(folder.path, 'errors.md');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/\n\| `internal` .*/, ''));
    assert.deepEqual(writeDocs('--check', folder.path), {
      status: 1,
      stderr: `${file}: the part "error codes" is out of date. Run: npm run docs\n`,
    });
    assert.deepEqual(writeDocs(folder.path), { status: 0, stderr: '' });
    assert.equal(readFileSync(file, 'utf8'), text);
  });

  it('are reported if no document contains them, or nothing generates them', () => {
    const file = join(folder.path, 'errors.md');
    writeFileSync(file, readFileSync(file, 'utf8').replace('generated: error codes', 'generated: codes'));
    const { status, stderr } = writeDocs('--check', folder.path);
    assert.equal(status, 1);
    assert.equal(
      stderr,
      `${file}: there is no generated part "codes"\nno document in ${folder.path} holds the part "error codes"\n`,
    );
  });
});

interface ErrorTables {
  errorTable(of: {
    readonly entries: readonly {
      readonly name: string;
      readonly doc: { readonly description: string; readonly remedy?: string };
    }[];
    readonly codes: Readonly<Record<string, string>>;
    readonly exitCodeOf: (code: string) => number;
    readonly sources: Readonly<Record<string, string>>;
  }): string;
}

describe('the table of error codes', () => {
  const entry = { name: 'portInUse', doc: { description: 'A port is in use.', remedy: 'Choose a | b.' } };
  const given = {
    entries: [entry],
    codes: { portInUse: 'port.inUse' },
    exitCodeOf: () => 69,
    sources: { 'src/a.ts': 'throw new BulkheadError(ErrorCodes.portInUse)' },
  };
  let errorTable: ErrorTables['errorTable'];

  before(async () => {
    const module = pathToFileURL(resolve('scripts/docs/error-tables.mjs')).href;
    ({ errorTable } = (await import(module)) as ErrorTables);
  });

  it('has a row for each', () => {
    assert.equal(
      errorTable(given).split('\n')[2],
      '| `port.inUse` | A port is in use. | 69 | Choose a \\| b. |',
    );
  });

  it('refuses one without a meaning or a remedy', () => {
    for (const doc of [
      { description: 'A port is in use.' },
      { description: '', remedy: 'Choose another.' },
    ]) {
      assert.throws(
        () => errorTable({ ...given, entries: [{ ...entry, doc }] }),
        /portInUse needs a comment/,
      );
    }
  });

  it('refuses one that nothing reports', () => {
    const unused: readonly Readonly<Record<string, string>>[] = [
      {},
      { 'src/a.ts': 'ErrorCodes.portInUseNow' },
      { 'src/cli/report-failure.ts': 'ErrorCodes.portInUse' },
    ];
    for (const sources of unused) {
      assert.throws(() => errorTable({ ...given, sources }), /portInUse is reported by nothing/);
    }
  });
});
