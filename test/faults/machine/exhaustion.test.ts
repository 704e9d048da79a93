import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '../../../src/protocol/control.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { isAlive } from '../../support/children.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writePlugin } from '../../support/plugins.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

/** Something that the machine runs out of while on air, and how it is given back. */
interface Fault {
  readonly what: string;
  /** How the folder for temporary files and the log is mounted: a disk of its own, small in one respect. */
  readonly mount: string;
  begin(disk: string, core: Status['core']): void;
  end(disk: string, core: Status['core']): void;
}

const files = (disk: string) => readdirSync(disk).filter((name) => name.startsWith('filler'));
const removeFiles = (disk: string) => {
  for (const name of files(disk)) rmSync(join(disk, name));
};
/** Writes `bytes` into one file after another until there is no room. */
function fill(disk: string, bytes: number): void {
  try {
    for (let n = 0; n < 100_000; n++) writeFileSync(join(disk, `filler-${n}`), Buffer.alloc(bytes));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    return;
  }
  assert.fail('the disk never filled');
}
/** The soft limit alone, which may be raised again. */
const limitFiles = (pid: number, limit: number) =>
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${limit}:`]);

const FAULTS: readonly Fault[] = [
  {
    what: 'the folder for temporary files is gone',
    mount: 'size=16m',
    begin: (disk) => rmSync(join(disk, 'tmp'), { recursive: true }),
    end: (disk) => mkdirSync(join(disk, 'tmp')),
  },
  {
    what: 'the disk of the log and of temporary files is full',
    mount: 'size=1m',
    begin: (disk) => fill(disk, 4096),
    end: removeFiles,
  },
  {
    what: 'the disk of the log and of temporary files has no inode left',
    mount: 'size=16m,nr_inodes=64',
    begin: (disk) => fill(disk, 0),
    end: removeFiles,
  },
  {
    what: 'the core may open no more files',
    mount: 'size=16m',
    begin: (_disk, { pid }) => limitFiles(pid, readdirSync(`/proc/${pid}/fd`).length),
    end: (_disk, { pid }) => limitFiles(pid, 4096),
  },
];

describe('a machine that runs out of something while hosts and encoders are killed', function () {
  this.timeout(120_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let run: Bulkhead;
  let viewer: LiveViewer;
  let disk: string;

  async function goLive(mount: string): Promise<void> {
    folder = tempDir('exhaustion');
    disk = join(folder.path, 'disk');
    mkdirSync(disk);
    // Where nothing can be mounted this fails, with the reason: a test that is passed over would prove nothing.
    execFileSync('mount', ['-t', 'tmpfs', '-o', mount, 'tmpfs', disk]);
    mkdirSync(join(disk, 'tmp'));
    writePlugin(folder.path, 'plain', { type: 'cjs', source: 'exports.activate = () => {};' });
    nginx = await startNginxRtmp();
    const url = nginx.url('live', 'key');
    const config = writeConfig(folder.path, { plugins: ['plain'] });
    run = new Bulkhead(['live', config, '--output', url, '--log-file', join(disk, 'core.log')], {
      env: { TMPDIR: join(disk, 'tmp') },
    });
    await run.until('on air with its plugin', healthy);
    viewer = watchLive(url);
    await viewer.next(({ keyframe }) => keyframe);
  }

  afterEach(async () => {
    await viewer?.stop();
    await run?.end();
    await nginx?.stop();
    execFileSync('umount', ['--lazy', disk]);
    folder.dispose();
  });

  const healthy = ({ state, encoder, extensionHosts: [host] }: Status) =>
    state === 'live' && encoder.state === 'running' && encoder.ffmpegPid > 0 && host?.state === 'running';

  for (const { what, mount, begin, end } of FAULTS) {
    it(`goes on where ${what}, and is whole again afterwards`, async () => {
      await goLive(mount);
      const before = await run.status();
      const { core } = before;
      begin(disk, core);
      // One that hangs is given a profile in its next run, for which it needs a folder.
      process.kill(before.extensionHosts[0]?.pid ?? 0, 'SIGSTOP');
      for (let round = 0; round < 4; round++) {
        const { encoder, extensionHosts } = await run.status().catch(() => before);
        for (const pid of [encoder.pid, round === 3 ? (extensionHosts[0]?.pid ?? 0) : 0]) {
          if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
        }
        await delay(2500);
      }
      assert.ok(isAlive(core.pid), 'the core lives');
      end(disk, core);
      const after = await run.until('whole again', healthy, 60_000);
      assert.equal(after.core.pid, core.pid, 'one core');
      assert.deepEqual(
        after.outputs.map(({ sessions }) => sessions),
        [1],
      );
      await viewer.next(({ keyframe }) => keyframe);
      assert.equal(viewer.report().backwards, 0);
      assert.doesNotMatch(run.stdout, /The core died/);
    });
  }
});
