import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { OPTIONS_FD, writeHiddenOptions } from '../../../src/relay/hidden-options.js';

const folders = () =>
  readdirSync(tmpdir())
    .filter((name) => name.startsWith('bulkhead-'))
    .sort();

describe('hidden options', () => {
  it('are in a file without a name, which a child reads by its descriptor', () => {
    const before = folders();
    const options = writeHiddenOptions([
      ['passphrase', 'a secret'],
      ['streamid', '#!::r=x'],
    ]);
    try {
      assert.deepEqual(folders(), before);
      const { stdout } = spawnSync('cat', [options.path], {
        stdio: ['ignore', 'pipe', 'inherit', options.fd],
        encoding: 'utf8',
      });
      assert.equal(stdout, 'passphrase=a secret\nstreamid=#!::r=x\n');
      assert.equal(options.path, `/dev/fd/${OPTIONS_FD}`);
    } finally {
      options.dispose();
    }
  });

  it('have a name where descriptors have no path, until they are closed', () => {
    const before = folders();
    const options = writeHiddenOptions([['secret', 'x']], 'win32');
    assert.equal(readFileSync(options.path, 'utf8'), 'secret=x\n');
    options.dispose();
    assert.deepEqual(folders(), before);
    assert.throws(() => readFileSync(dirname(options.path)), /ENOENT/);
  });
});
