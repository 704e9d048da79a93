import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { findSetpriv } from '../../../src/process-host/parent-death.js';
import { allGone, descendantsOf } from '../../support/children.js';
import { eventually } from '../../support/wait.js';

const parentScript = fileURLToPath(new URL('./fixtures/parent.js', import.meta.url));

describe('when the core is killed', () => {
  for (const { how, searchPath, spins, children } of [
    {
      how: 'by the kernel, also a part that spins',
      searchPath: process.env['PATH'],
      spins: true,
      children: 3,
    },
    { how: 'by the close of their channel', searchPath: '/nowhere', spins: false, children: 2 },
  ]) {
    it(`no part outlives it: ${how}`, async () => {
      if (spins) assert.ok(findSetpriv(), 'this test needs setpriv of util-linux');
      const parent = spawn(process.execPath, [parentScript], {
        env: { ...process.env, PATH: searchPath, PARENT_SPINS: spins ? 'yes' : 'no' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(parent.stdout, 'data');
      const pid = parent.pid ?? 0;
      const descendants = await eventually('the parts, the spare included', () => {
        const found = descendantsOf(pid).filter(({ command }) => command.includes('part.js'));
        return found.length === children ? found.map((info) => info.pid) : undefined;
      });
      parent.kill('SIGKILL');
      await once(parent, 'close');
      const survivors = await allGone(descendants, 5000);
      // A test that fails must not leave one spinning.
      for (const survivor of survivors) process.kill(survivor, 'SIGKILL');
      assert.deepEqual(survivors, []);
    });
  }
});
