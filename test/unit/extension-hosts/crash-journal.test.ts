import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CrashJournal, type JournalEntries } from '../../../src/core/extension-hosts/hosts/crash-journal.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const ENTRIES: JournalEntries = { crashes: { a: [1, 2] }, active: ['a', 'b'], onTrial: ['b'] };
const NOTHING: JournalEntries = { crashes: {}, active: [], onTrial: [] };

describe('the journal of crashes', () => {
  let folder: ReturnType<typeof tempDir>;
  let path: string;
  let warnings: string[];
  let journals: CrashJournal[];
  const log = { debug() {}, warn: (message: string) => warnings.push(message) };

  beforeEach(() => {
    folder = tempDir('journal');
    path = join(folder.path, 'core.sock.plugins.json');
    warnings = [];
    journals = [];
  });

  afterEach(async () => {
    for (const journal of journals) await journal.close();
    folder.dispose();
  });

  const open = (entries = NOTHING) => {
    const journal = new CrashJournal(path, log);
    journals.push(journal);
    journal.keep(() => entries);
    return journal;
  };
  const isWritten = () =>
    eventually(
      'written',
      () => (existsSync(path) && readFileSync(path, 'utf8').includes('"b"')) || undefined,
    );

  it('has the entries of a core that crashed, readable only by its user', async () => {
    assert.deepEqual(open(ENTRIES).before, NOTHING);
    await isWritten();
    assert.deepEqual(open(ENTRIES).before, ENTRIES);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('is written immediately when the core may be about to exit', () => {
    open(ENTRIES).writeNow();
    assert.deepEqual(open().before, ENTRIES);
  });

  it('is empty after an orderly end', async () => {
    const journal = open(ENTRIES);
    await isWritten();
    await journal.close();
    assert.equal(existsSync(path), false);
    assert.deepEqual(open().before, NOTHING);
  });

  for (const [what, text] of [
    ['cut off', '{"crashes":{"a":[1'],
    ['something else', '{"crashes":[],"active":7}'],
    ['huge', JSON.stringify({ ...ENTRIES, active: Array(200_000).fill('x') })],
    ['nested deeply', '['.repeat(100_000)],
    [
      'of values that cannot be compared',
      JSON.stringify({ ...ENTRIES, active: [{ length: { toString: 0 } }] }),
    ],
  ] as const) {
    it(`is ignored if it is ${what}`, () => {
      writeFileSync(path, text);
      assert.deepEqual(open().before, NOTHING);
      assert.equal(warnings.length, 1);
    });
  }

  it('has no other effect if it cannot be written', async () => {
    folder.dispose();
    const journal = open(ENTRIES);
    journal.writeNow();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await journal.close();
    assert.deepEqual(warnings, []);
  });
});
