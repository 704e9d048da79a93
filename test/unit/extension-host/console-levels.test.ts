import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

describe('what a plugin prints', () => {
  it('has its level in its lines, and is printed at once', () => {
    const source = `
      import { keepConsoleLevels } from '../../../src/extension-host/console-levels.js';
      keepConsoleLevels();
      console.log('plain %d', 1);
      console.info('info');
      console.debug('debug');
      console.warn('careful', { x: 1 });
      console.error(new Error('bad'));
      console.assert(false, 'not so');
      console.trace('here');
      process.kill(process.pid, 'SIGKILL');`;
    const { stdout, stderr, signal } = spawnSync(
      process.execPath,
      ['--no-warnings', '--input-type=module', '--eval', source],
      { cwd: fileURLToPath(new URL('.', import.meta.url)), encoding: 'utf8' },
    );
    assert.equal(signal, 'SIGKILL');
    assert.match(stdout, /^plain 1\ninfo\n<7>debug\n<7>Trace: here\n<7> {4}at /);
    assert.match(
      stderr,
      /^<4>careful \{ x: 1 \}\n<3>Error: bad\n(<3> {4}at .*\n)+<4>Assertion failed: not so\n$/,
    );
  });
});
