import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { dyingWithParent, findSetpriv } from '../../../src/process-host/parent-death.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('exiting with the parent', () => {
  const folders: TempDir[] = [];
  const folder = () => {
    const made = tempDir('path');
    folders.push(made);
    return made.path;
  };

  afterEach(() => {
    for (const made of folders.splice(0)) made.dispose();
  });

  it('takes the first setpriv on the path that can be run and is not of BusyBox', () => {
    const [empty, busybox, unrunnable, real] = [folder(), folder(), folder(), folder()];
    writeFileSync(join(busybox, 'busybox'), '', { mode: 0o755 });
    symlinkSync('busybox', join(busybox, 'setpriv'));
    writeFileSync(join(unrunnable, 'setpriv'), '', { mode: 0o644 });
    writeFileSync(join(real, 'setpriv'), '', { mode: 0o755 });
    assert.equal(
      findSetpriv(['', '.', empty, busybox, unrunnable, real].join(delimiter)),
      join(real, 'setpriv'),
    );
    assert.equal(findSetpriv([empty, busybox, unrunnable].join(delimiter)), undefined);
    assert.equal(findSetpriv(''), undefined);
  });

  it('keeps the command at the end of the command line', () => {
    const { command, args } = dyingWithParent({ command: '/bin/ffmpeg', args: ['-i', 'a'] });
    assert.deepEqual([command, ...args].slice(-3), ['/bin/ffmpeg', '-i', 'a']);
  });
});
