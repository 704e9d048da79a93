import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keysOf, leaksOf } from '../../support/leaked-keys.js';
import { tempDir } from '../../support/temp.js';

const KEY = 'live_u8Rk2';

describe('leaksOf', () => {
  it('finds a key in texts and files, and leaves out where keys are kept', () => {
    const folder = tempDir('leaks');
    const shows = join(folder.path, 'shows');
    mkdirSync(shows);
    for (const file of [join(folder.path, 'core.log'), join(shows, 'show.json')]) {
      writeFileSync(file, `{"key":"${KEY}"}`);
    }
    const texts = { 'standard output': `published ${KEY}`, 'standard error': 'nothing' };
    assert.deepEqual(leaksOf([KEY], texts, [folder.path, join(folder.path, 'absent')]), [
      'standard output',
      join(folder.path, 'core.log'),
    ]);
    assert.deepEqual(leaksOf([], texts, [folder.path]), []);
    folder.dispose();
  });

  it('takes as keys what variables are called so', () => {
    assert.deepEqual(
      keysOf({ STREAM_KEY: KEY, PASSPHRASE: 'longer than 8', LANG: 'C.UTF-8 long', KEY: 'x' }),
      [KEY, 'longer than 8'],
    );
  });
});
