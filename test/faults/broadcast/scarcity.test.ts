import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mediaPath } from '../../../src/config/address.js';
import { connectToCore } from '../../../src/control-client/connect-to-core.js';
import { ControlClient } from '../../../src/control-client/control-client.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { writePlugin } from '../../support/plugins.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { SmallDisk } from '../../support/small-disk.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { withoutBubblewrap } from '../../support/without-bubblewrap.js';

const DISK_MB = 16;
const MANY_DESCRIPTORS = 4096;
/** The maximum time until a part's next start, including the start, ms. */
const RECOVERY_MS = 30_000;

/** One plugin per fault, so that none crashes often enough to be given up. */
const plugin = (name: string) => `
  const { commands } = require('@bulkhead/extension-api');
  exports.activate = ({ globalState }) => {
    const store = () => globalState.update('at', Date.now()).then(() => 'stored', (error) => error.code);
    commands.registerCommand('${name}.store', () => (console.log('${name} stores'), store()));
  };`;

/** Clients that use every descriptor that becomes free in the core. */
class Crowd {
  private readonly sockets: Socket[] = [];
  private left = false;
  private reportRefused: () => void = () => {};
  /** Resolves when there is no room for one more. */
  readonly refused = new Promise<void>((resolve) => {
    this.reportRefused = resolve;
  });
  private readonly coming: Promise<void>;

  constructor(address: string) {
    this.coming = this.come(address);
  }

  async leave(): Promise<void> {
    this.left = true;
    await this.coming;
    for (const socket of this.sockets) socket.destroy();
  }

  private async come(address: string): Promise<void> {
    while (!this.left) {
      try {
        this.sockets.push(await connectToCore(address));
      } catch {
        this.reportRefused();
      }
    }
  }
}

interface Fault {
  readonly what: string;
  readonly name: string;
  begin(): void | Promise<void>;
  end(): void | Promise<void>;
  /** The result of a plugin's write to its storage in the meantime. */
  readonly stores: RegExp;
}

describe('a broadcast whose machine runs out of something', function () {
  this.timeout(90_000);
  const folder = tempDir('scarcity');
  const path = withoutBubblewrap();
  const disks: SmallDisk[] = [];
  const disk = (name: string) => {
    const made = new SmallDisk(join(folder.path, name), DISK_MB);
    disks.push(made);
    return made;
  };
  let logFile: string;
  let nginx: NginxRtmp;
  let run: Bulkhead;
  let viewer: LiveViewer;
  let corePid: number;
  let crowd: Crowd | undefined;

  let state: SmallDisk;
  let data: SmallDisk;
  let temporary: SmallDisk;
  const temporaryFolder = () => join(temporary.path, 'tmp');

  const faults: readonly Fault[] = [
    {
      what: 'the folder for temporary files, which is removed',
      name: 'no-tmp',
      begin: () => rmSync(temporaryFolder(), { recursive: true }),
      end: () => mkdirSync(temporaryFolder()),
      stores: /^stored$/,
    },
    {
      what: 'room for temporary files',
      name: 'full-tmp',
      begin: () => temporary.fill(),
      end: () => temporary.empty(),
      stores: /^stored$/,
    },
    {
      what: 'inodes, on each of its disks',
      name: 'inodes',
      begin: () => {
        for (const each of disks) each.fillInodes();
      },
      end: () => {
        for (const each of disks) each.empty();
      },
      stores: /^storage\.failed$/,
    },
    {
      what: 'room for its log, its journal and its control socket',
      name: 'full-log',
      begin: () => state.fill(),
      end: () => state.empty(),
      stores: /^stored$/,
    },
    {
      what: 'its media socket, which is removed',
      name: 'no-media',
      begin: () => rmSync(mediaPath(run.address)),
      end: () => {},
      stores: /^stored$/,
    },
    {
      what: 'room for what plugins store',
      name: 'full-data',
      begin: () => data.fill(),
      end: () => data.empty(),
      stores: /^storage\.failed$/,
    },
    {
      what: 'file descriptors',
      name: 'descriptors',
      begin: async () => {
        limitDescriptors(Math.max(...readdirSync(`/proc/${corePid}/fd`).map(Number)) + 1);
        crowd = new Crowd(run.address);
        await crowd.refused;
      },
      end: async () => {
        limitDescriptors(MANY_DESCRIPTORS);
        await crowd?.leave();
      },
      stores: /^storage\.failed$/,
    },
  ];

  function limitDescriptors(count: number): void {
    const limits = `--nofile=${count}:${MANY_DESCRIPTORS}`;
    const { status, stderr } = spawnSync('prlimit', ['--pid', `${corePid}`, limits], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }

  before(async () => {
    state = disk('state');
    data = disk('data');
    temporary = disk('temporary');
    mkdirSync(temporaryFolder());
    for (const { name } of faults) {
      writePlugin(join(folder.path, 'plugins'), name, { type: 'cjs', source: plugin(name) });
    }
    nginx = await startNginxRtmp();
    const url = nginx.url('live', 'key');
    logFile = join(state.path, 'core.log');
    const config = writeConfig(folder.path, {
      outputs: [{ id: 'nginx', url }],
      plugins: faults.map(({ name }) => join('plugins', name)),
    });
    run = new Bulkhead(['live', config, '--log-file', logFile], {
      address: join(state.path, 'core.sock'),
      env: {
        PATH: path.path,
        TMPDIR: temporaryFolder(),
        XDG_STATE_HOME: state.path,
        XDG_DATA_HOME: data.path,
      },
    });
    const status = await run.until(
      'on air with its plugins',
      ({ state, extensionHosts }) =>
        state === 'live' &&
        extensionHosts.length === faults.length &&
        extensionHosts.every((host) => host.state === 'running'),
      60_000,
    );
    corePid = status.core.pid;
    viewer = watchLive(url);
    await viewer.next(({ keyframe }) => keyframe);
  });

  after(async () => {
    await viewer?.stop();
    await run?.end();
    await nginx?.stop();
    for (const each of disks) each.dispose();
    path.dispose();
    folder.dispose();
  });

  const hostOf = ({ extensionHosts }: Status, name: string) =>
    extensionHosts.find(({ plugins }) => plugins.includes(name));

  function kill(pid: number | undefined): void {
    if (pid !== undefined && pid > 0) process.kill(pid, 'SIGKILL');
  }

  for (const { what, name, begin, end, stores } of faults) {
    it(`stays on air on its one session without ${what}, and recovers by itself`, async () => {
      const before = await run.until(
        'all runs',
        (status) => status.encoder.state === 'running' && hostOf(status, name)?.state === 'running',
      );
      // The spare encoder, which takes over when no other can be started.
      await delay(1000);
      const client = await ControlClient.connect(run.address);
      try {
        await begin();
        assert.match(String(await client.runCommand(`${name}.store`, [])), stores);
        kill(before.encoder.videoPid);
        kill(before.encoder.pid);
        kill(hostOf(before, name)?.pid);
        const isTakenOver = async () =>
          (await client.status()).timeline.splices > before.timeline.splices ? true : undefined;
        await eventually('the spare takes over', isTakenOver, 45_000);
        await viewer.next(({ keyframe }) => keyframe);
        for (let round = 0; round < 3; round++) {
          await delay(700);
          const now = await client.status();
          kill(now.encoder.pid);
          if (round === 0) kill(hostOf(now, name)?.pid);
        }
        await delay(700);
      } finally {
        await end();
      }
      await run.until(
        'all runs again',
        (status) => status.encoder.state === 'running' && hostOf(status, name)?.state === 'running',
        RECOVERY_MS,
      );
      await viewer.next(({ keyframe }) => keyframe, RECOVERY_MS);
      const logged = statSync(logFile).size;
      assert.equal(await client.runCommand(`${name}.store`, []), 'stored');
      client.dispose();
      await eventually('the log is written', () => (statSync(logFile).size > logged ? true : undefined));
      const { core, outputs } = await run.status();
      assert.deepEqual([core.pid, outputs[0]?.sessions], [corePid, 1]);
      assert.ok(viewer.watching, 'the viewer has not been thrown out');
      assert.equal(viewer.report().backwards, 0, 'timestamps that went back');
      assert.doesNotMatch(run.stdout, /The core died/);
    });
  }

  it('ends in order afterwards', async () => {
    assert.equal(await run.stop(), 0, run.stderr);
  });
});
