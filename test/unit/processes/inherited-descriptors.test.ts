import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMarkedInheritable } from '../../../src/core/processes/inherited-descriptors.js';

const MODULE = fileURLToPath(
  new URL('../../../src/core/processes/inherited-descriptors.js', import.meta.url),
);
/** What is open of some descriptors, before and after. */
const SCRIPT = `
import { closeInheritedDescriptors } from ${JSON.stringify(MODULE)};
import { fstatSync, openSync } from 'node:fs';
const own = openSync('/dev/null');
const open = () => [0, 1, 2, 20, 21, own].map((fd) => {
  try { fstatSync(fd); return true; } catch { return false; }
});
const before = open();
Object.defineProperty(process, 'platform', { value: process.argv[1] });
closeInheritedDescriptors();
console.log(JSON.stringify([before, open()]));
`;

describe('closeInheritedDescriptors', () => {
  /** Runs the script in a process that inherits two more descriptors. */
  function whatIsOpen(platform: string): unknown {
    const fd = openSync('/dev/null', 'r');
    const between = Array.from({ length: 17 }, () => 'ignore' as const);
    const args = ['--input-type=module', '-e', SCRIPT, platform];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      stdio: ['pipe', 'pipe', 'pipe', ...between, fd, fd],
      encoding: 'utf8',
    });
    closeSync(fd);
    assert.equal(stderr, '');
    return JSON.parse(stdout);
  }

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('closes what the parent has left open, and neither the standard ones nor its own', () => {
    assert.deepEqual(whatIsOpen('linux'), [
      [true, true, true, true, true, true],
      [true, true, true, false, false, true],
    ]);
  });

  it('closes nothing where the marks cannot be read', () => {
    const all = [true, true, true, true, true, true];
    assert.deepEqual(whatIsOpen('darwin'), [all, all]);
  });

  it('reads the mark of a descriptor from its flags', () => {
    const info = (flags: string) => `pos:\t0\nflags:\t${flags}\nmnt_id:\t14\n`;
    assert.equal(isMarkedInheritable(info('0100002')), true);
    assert.equal(isMarkedInheritable(info('02100002')), false);
    assert.equal(isMarkedInheritable(info('0')), true);
    for (const unknown of ['', 'pos:\t0\n', info('none')]) assert.equal(isMarkedInheritable(unknown), false);
  });
});
