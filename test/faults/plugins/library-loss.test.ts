import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PluginLibrary } from '../../../src/plugins/library/plugin-library.js';
import { writePlugin } from '../../support/plugins.js';
import { tempDir } from '../../support/temp.js';

const BUSY = fileURLToPath(new URL('fixtures/busy-library.js', import.meta.url));
const KILLS = 8;

describe('the library of plugins', function () {
  this.timeout(60_000);

  it('is intact after a kill -9 at any moment', async () => {
    const folder = tempDir('library-loss');
    try {
      const source = writePlugin(folder.path, 'p', { source: 'export function activate() {}' });
      const path = join(folder.path, 'library');
      for (let kill = 0; kill < KILLS; kill++) {
        const child = spawn(process.execPath, [BUSY, path, source], { stdio: ['ignore', 'pipe', 'inherit'] });
        const closed = once(child, 'close');
        await once(child.stdout, 'data');
        await delay(kill * 10);
        child.kill('SIGKILL');
        await closed;

        const library = new PluginLibrary(path);
        await library.open();
        const [one, ...more] = library.list();
        assert.deepEqual([one?.entry.id, one?.plugin?.version, more.length], ['p', '1.0.0', 0]);
        assert.deepEqual(readdirSync(join(path, 'plugins')), [one?.entry.folder]);
        assert.deepEqual(readdirSync(join(path, 'staging')), []);
        assert.deepEqual(readdirSync(path).sort(), ['lock', 'plugins', 'registry.json', 'staging']);
        library.dispose();
      }
    } finally {
      folder.dispose();
    }
  });
});
