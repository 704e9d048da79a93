import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/core/processes/entry-points.js';

const source = join(packageRoot(), 'src', 'core');

/** The rooms of `src/core` from above to below, as the table in the docs has them. */
function roomsOfTheDocs(): string[] {
  const docs = readFileSync(join(packageRoot(), 'docs', 'architecture.md'), 'utf8');
  const [, table = ''] = docs.split('| room of `src/core` |');
  const [rows = ''] = table.split('\n\n');
  return [...rows.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
}

describe('the rooms of the core', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^[^/\\]+[/\\].*\.ts$/.test(name),
  );
  const roomOf = (file: string) => file.split(/[/\\]/, 1)[0] ?? '';

  it('are those of the docs', () => {
    assert.deepEqual([...new Set(files.map(roomOf))].sort(), roomsOfTheDocs().sort());
  });

  it('know only those below them', () => {
    const order = roomsOfTheDocs();
    const upward = files.flatMap((file) => {
      const room = roomOf(file);
      const up = '../'.repeat(file.split(/[/\\]/).length - 1);
      const text = readFileSync(join(source, file), 'utf8');
      return [...text.matchAll(/from '((?:\.\.\/)+)([\w-]+)\//g)]
        .filter(([, path, other = '']) => path === up && order.indexOf(other) < order.indexOf(room))
        .map(([, , other]) => `${file} imports ${other}`);
    });
    assert.deepEqual(upward, []);
  });
});
