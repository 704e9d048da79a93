import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/core/processes/entry-points.js';

/**
 * A disk that hangs must not block the core while it is on air, so it may not access one synchronously, except here. For each
 * entry, say why nothing on air can wait for it.
 */
const ALLOWED: Readonly<Record<string, readonly [reason: string, ...functions: string[]]>> = {
  'extension-hosts/isolation/api-stage.ts': ['the folder for temporary files is local', 'existsSync'],
  'extension-hosts/isolation/bubblewrap.ts': [
    'start-up only: kept from then on',
    'existsSync',
    'lstatSync',
    'readlinkSync',
  ],
  'extension-hosts/isolation/memory-watch.ts': [
    '/proc, which the kernel answers from memory',
    'readFileSync',
  ],
  'extension-hosts/isolation/network-gate.ts': [
    'the end of the process: a folder of sockets in a local one',
    'rmSync',
  ],
  'log/log-file.ts': ['the end of the process', 'openSync'],
  'log/log-writer.ts': ['the end of the process', 'fstatSync', 'writeSync'],
  'log/log.ts': ['start-up only: its standard error', 'fstatSync'],
  'processes/entry-points.ts': ['start-up only: kept from then on', 'readFileSync'],
  'processes/inherited-descriptors.ts': ['start-up only', 'closeSync', 'readdirSync', 'readFileSync'],
  'processes/process-launcher.ts': ["Bulkhead's own program, which the launch reads as well", 'existsSync'],
  'processes/waits-for-processor.ts': ['/proc, which the kernel answers from memory', 'readFileSync'],
  'extension-hosts/hosts/crash-journal.ts': [
    'start-up, and the end of the process',
    'readFileSync',
    'writeFileSync',
  ],
};

describe('the core', () => {
  it('has no synchronous access to a disk while it is on air', () => {
    const root = join(packageRoot(), 'src', 'core');
    const found = new Map<string, string[]>();
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const text = readFileSync(join(root, name), 'utf8');
      const imports = [...text.matchAll(/import (?:type )?([^;]*?) from '(?:node:)?fs'/g)].map(
        ([, names = '']) => names,
      );
      assert.doesNotMatch(
        imports.join(),
        /\*|^\w/,
        `${name}: import the functions of node:fs by their names`,
      );
      const functions = imports.flatMap((names) => names.match(/\w+Sync\b/g) ?? []);
      if (functions.length > 0) found.set(name.replaceAll('\\', '/'), functions.sort());
    }
    const allowed = Object.entries(ALLOWED).map(([name, [, ...functions]]) => [name, functions.sort()]);
    assert.deepEqual(Object.fromEntries([...found].sort()), Object.fromEntries(allowed));
  });
});
