import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PluginLibrary } from '../../../src/plugins/library/plugin-library.js';
import { stagePackage } from '../../../src/plugins/library/stage-package.js';
import { writeArchive } from '../../support/archive.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { HOSTILE_ARCHIVES, HOSTILE_PACKAGES } from '../../support/hostile-packages.js';
import { watchLive } from '../../support/live-viewer.js';
import { startNginxRtmp } from '../../support/nginx.js';
import { assertNoFrameMissing, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

/** Those that are the most expensive to refuse; the others differ only in their messages. */
const COSTLY =
  /15,000|1000 files|empty folders|64 MB|2 GB|twice|alternatives|commands|mistakes|deep|without end/;

describe('hostile packages', function () {
  this.timeout(120_000);
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('hostile');
  });

  afterEach(() => folder.dispose());

  const archives = [
    ...HOSTILE_PACKAGES.map(({ what, entries, message }) => ({
      what: `with ${what}`,
      message,
      write: (file: string) => writeArchive(file, entries),
    })),
    ...HOSTILE_ARCHIVES.map(({ what, bytes, message }) => ({
      what: `that ${what}`,
      message,
      write: (file: string) => {
        writeFileSync(file, bytes());
        return file;
      },
    })),
  ];

  for (const { what, message, write } of archives) {
    it(`leave nothing behind: one ${what}`, async () => {
      const library = new PluginLibrary(join(folder.path, 'library'));
      const spec = write(join(folder.path, 'a.tgz'));
      await assert.rejects(
        stagePackage({ kind: 'archive', spec }, library),
        (error: Error & { code: string }) => {
          assert.equal(error.code, 'plugin.invalid');
          assert.match(error.message, message);
          return true;
        },
      );
      assert.deepEqual(readdirSync(join(library.folder, 'staging')), []);
      assert.deepEqual(readdirSync(folder.path).sort(), ['a.tgz', 'library']);
    });
  }

  it('lose no frame of a broadcast when they are installed on air', async () => {
    const nginx = await startNginxRtmp();
    const run = new Bulkhead(['live', writeConfig(folder.path), '--output', nginx.url('live', 'key')]);
    const viewer = watchLive(nginx.url('live', 'key'));
    try {
      await run.until('on air', ({ state }) => state === 'live');
      await viewer.next(({ keyframe }) => keyframe);
      const { core } = await run.status();
      const costly = archives.filter(({ what }) => COSTLY.test(what));
      assert.ok(costly.length >= 10, 'the costly ones are among them');
      for (const [index, { write, message }] of costly.entries()) {
        const file = write(join(folder.path, `${index}.tgz`));
        const { code, stderr } = await runBulkhead(['plugin', 'install', file, '--yes'], {
          address: run.address,
        });
        assert.equal(code, 64, stderr);
        assert.match(stderr.trim().split('\n').join(' '), new RegExp(message.source.replace(/\$$/, '')));
      }
      await viewer.next(({ keyframe }) => keyframe);
      const status = await run.status();
      assert.equal(status.core.pid, core.pid, 'one core');
      assert.equal(status.outputs[0]?.sessions, 1, 'one session');
      await assertNoFrameMissing(viewer.packets, () => run.status());
    } finally {
      await viewer.stop();
      await run.end();
      await nginx.stop();
    }
  });
});
