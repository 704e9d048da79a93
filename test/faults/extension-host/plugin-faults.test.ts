import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ExtensionHostStub } from '../../../src/core/extension-hosts/hosts/extension-host-stub.js';
import type { SupervisionLimits } from '../../../src/core/processes/supervision-limits.js';
import type { CpuProfile } from '../../../src/process-host/cpu-profile/cpu-profile.js';
import { allGone } from '../../support/children.js';
import { PluginBench, until } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** Short, but long enough that a busy machine does not look like a plugin that hangs. */
const limits: Partial<SupervisionLimits> = {
  heartbeatIntervalMs: 300,
  warnAfterMissed: 2,
  terminateAfterMissed: 5,
  terminateGraceMs: 300,
  backoffBaseMs: 50,
};

const faulty = `
  const { commands, broadcast, window } = require('@bulkhead/extension-api');
  const { writeSync } = require('node:fs');
  exports.activate = ({ log }) => {
    log.info('active while ' + broadcast.state);
    const faults = {
      exception: () => { setTimeout(function timer() { throw new Error('thrown by a timer'); }); },
      rejection: () => { Promise.reject(new Error('nobody waits')); },
      rejections: () => { for (let i = 0; i < 2000; i++) Promise.reject(new Error('nobody waits')); },
      abort: () => process.abort(),
      spin: function spin() { for (;;); },
      stubborn: () => { for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => {}); for (;;); },
      calls: () => { for (let i = 0; i < 20_000; i++) commands.executeCommand('faulty.ok').catch(() => {}); },
      garbage: () => { writeSync(3, 'Content-Length: 12\\r\\n\\r\\n'.repeat(100)); },
      print: () => { process.stdout.write('half a line'); console.error('and more'); },
      flood: () => { for (let i = 0; i < 3000; i++) { log.info('line ' + i); window.showErrorMessage('message ' + i); } },
    };
    commands.registerCommand('faulty.do', (name) => { faults[name](); });
    commands.registerCommand('faulty.ok', () => 'ok');
  };`;

const healthy = `
  import { broadcast, commands } from '@bulkhead/extension-api';
  const states = [];
  export function activate() {
    broadcast.onDidChangeState((state) => states.push(state));
    commands.registerCommand('healthy.states', () => states);
  }`;

describe('a faulty plugin', () => {
  let bench: PluginBench;
  let host: ExtensionHostStub;
  let neighbour: ExtensionHostStub;

  let temporary: TempDir;
  const usual = process.env.TMPDIR;

  beforeEach(async () => {
    // Of its own: profiles are also made by the tests that run beside this.
    temporary = tempDir('faulty');
    process.env.TMPDIR = temporary.path;
    bench = new PluginBench('in a process of its own');
    host = bench.host([bench.write('faulty', { type: 'cjs', source: faulty })], {
      limits,
      deadlines: { commandMs: 20_000, deactivateMs: 300 },
    });
    host.start();
    neighbour = await bench.run('healthy', { source: healthy });
    await until(host, 'running', ({ state }) => state === 'running');
  });

  afterEach(async () => {
    const pids = [host.status().pid, neighbour.status().pid].filter((pid) => pid !== 0);
    await bench.end();
    assert.deepEqual(await allGone(pids, 5000), []);
    assert.equal(existsSync(bench.path), false);
    const left = readdirSync(temporary.path);
    temporary.dispose();
    if (usual === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usual;
    assert.deepEqual(left, []);
  });

  const activeAgain = () =>
    until(host, 'active again', ({ state, restarts }) => state === 'running' && restarts === 1);

  /** The other plugin has received all events and was never ended, whatever the faulty one did. */
  async function neighbourIsWell(): Promise<void> {
    bench.broadcast.become('starting');
    bench.broadcast.become('idle');
    assert.deepEqual(await bench.commands.execute('healthy.states'), ['starting', 'idle']);
    assert.equal(neighbour.status().restarts, 0);
  }

  it('is started and activated again when its process is killed', async () => {
    const { pid } = host.status();
    const pending = bench.commands.execute('faulty.do', ['print']);
    await pending;
    process.kill(pid, 'SIGKILL');
    const status = await activeAgain();

    assert.notEqual(status.pid, pid);
    assert.equal(status.error, undefined);
    assert.equal(await bench.commands.execute('faulty.ok'), 'ok');
    assert.equal(bench.lines.filter(({ message }) => message === 'active while idle').length, 2);
    const [notice] = bench.notices;
    assert.equal(notice?.severity, 'warning');
    assert.equal(notice?.source, 'faulty');
    assert.match(notice?.message ?? '', /^the plugin "faulty" failed: .*[^.]\. Restarting it\.$/);
    await neighbourIsWell();
  });

  it('is distinguished from other plugins when it is stopped', async () => {
    const { pid } = host.status();
    process.kill(pid, 'SIGSTOP');
    await neighbourIsWell();
    await activeAgain();

    assert.equal(await bench.commands.execute('faulty.ok'), 'ok');
  });

  /** The line of the log about a failure has the stack, without frames of the host. */
  function assertLogged(what: string): void {
    const line = bench.lines.find(({ message }) => message === `the plugin "faulty" failed: ${what}`);
    assert.equal(line?.details['plugin'], 'faulty');
    assert.match(String(line?.details['stack']), /^Error: .*\n +at .*main\.cjs/);
    assert.doesNotMatch(String(line?.details['stack']), /extension-host\.cjs|node:internal/);
  }

  it('is named, with its place, after an uncaught exception', async () => {
    await bench.commands.execute('faulty.do', ['exception']).catch(() => {});
    await activeAgain();

    const what = 'uncaught exception: thrown by a timer';
    assertLogged(what);
    const [notice] = bench.notices;
    assert.deepEqual([bench.notices.length, notice?.severity, notice?.source], [1, 'warning', 'faulty']);
    const { message = '' } = notice ?? {};
    assert.ok(message.startsWith(`the plugin "faulty" failed: ${what}, at `), message);
    assert.match(message, /, at \S*timer .*\(\S*main\.cjs:\d+:\d+\)\. Restarting it\.$/);
    await neighbourIsWell();
  });

  it('runs on, and is named with its place, after an unhandled rejection', async () => {
    for (let count = 0; count < 3; count++) await bench.commands.execute('faulty.do', ['rejection']);
    const [notice] = await eventually('the notice', () =>
      bench.notices.length > 0 ? bench.notices : undefined,
    );

    const what = 'unhandled rejection: nobody waits';
    assertLogged(what);
    assert.deepEqual([bench.notices.length, notice?.severity, notice?.source], [1, 'warning', 'faulty']);
    const { message = '' } = notice ?? {};
    assert.ok(message.startsWith(`the plugin "faulty" failed: ${what}, at `), message);
    assert.match(message, /main\.cjs:\d+:\d+\)\. It runs on\.$/);
    await eventually('all of them', () =>
      bench.lines.some(({ details }) => details['rejections'] === 3) ? true : undefined,
    );
    assert.equal(await bench.commands.execute('faulty.ok'), 'ok');
    assert.equal(host.status().restarts, 0);
    await neighbourIsWell();
  });

  it('is restarted when unhandled rejections flood it', async () => {
    await bench.commands.execute('faulty.do', ['rejections']).catch(() => {});
    await activeAgain();

    assert.match(
      bench.notices.at(-1)?.message ?? '',
      /^the plugin "faulty" failed: too many unhandled rejections, \d+ so far, the last: nobody waits, at .*main\.cjs.*Restarting it\.$/,
    );
    await neighbourIsWell();
  });

  for (const [fault, what] of [
    ['abort', 'aborts'],
    ['garbage', 'writes into its control channel'],
    ['spin', 'spins forever'],
    ['stubborn', 'spins forever and ignores every signal that it can'],
  ] as const) {
    it(`is killed and restarted when it ${what}`, async () => {
      const pending = bench.commands.execute('faulty.do', [fault]);
      pending.catch(() => {});
      await neighbourIsWell();

      if (fault !== 'garbage') await assert.rejects(pending, { code: 'plugin.failed', where: 'faulty' });
      await activeAgain();
      assert.equal(await bench.commands.execute('faulty.ok'), 'ok');
      assert.equal(bench.notices[0]?.source, 'faulty');
    });
  }

  it('is reported with its location when it hangs, and profiled when it hangs again', async () => {
    const spin = async (restarts: number) => {
      bench.commands.execute('faulty.do', ['spin']).catch(() => {});
      await until(host, 'back', (now) => now.state === 'running' && now.restarts === restarts);
    };
    await spin(1);
    assert.match(bench.notices[0]?.message ?? '', /^the plugin "faulty" does not respond/);
    assert.match(
      bench.notices[1]?.message ?? '',
      /^the plugin "faulty" failed: .* has not responded for \d+ ms; it was at .*spin .*main\.cjs:\d+:\d+\)\. Restarting it\./,
    );
    const reported = bench.lines.find(({ message }) => message.includes('; it was at'));
    assert.match(String(reported?.details['stack']), /at .*spin .*main\.cjs.*\n +at .*main\.cjs/);
    assert.equal(host.status().profile, undefined);

    await spin(2);
    const { profile = '' } = await until(host, 'profiled', (now) => now.profile !== undefined);
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(profile, 'utf8')) as CpuProfile;
    const [first, ...others] = nodes.filter(({ callFrame }) => callFrame.functionName === 'spin');
    assert.deepEqual(others, []);
    assert.match(first?.callFrame.url ?? '', /^file:\/\/.*main\.cjs$/);
    assert.ok((first?.hitCount ?? 0) > samples.length / 4, 'most of the time');
    assert.equal(samples.length, timeDeltas.length);
    assert.match(profile, /\.cpuprofile$/);
    assert.ok(bench.notices.some(({ message }) => message.endsWith(`see the CPU profile ${profile}`)));
    await neighbourIsWell();
  });

  it('cannot flood others with calls', async () => {
    await bench.commands.execute('faulty.do', ['calls']);
    await neighbourIsWell();

    assert.equal(await bench.commands.execute('faulty.ok'), 'ok');
    assert.equal(host.status().restarts, 0);
  });

  it('cannot flood the streamer or the log', async () => {
    await bench.commands.execute('faulty.do', ['flood']);
    await neighbourIsWell();

    assert.ok(bench.notices.length < 40, `${bench.notices.length} notices`);
    assert.ok(bench.lines.length < 2000, `${bench.lines.length} lines`);
    assert.equal(host.status().restarts, 0);
  });

  it('can be stopped while it is in an endless loop', async () => {
    bench.commands.execute('faulty.do', ['stubborn']).catch(() => {});
    await eventually('unresponsive', () => (host.status().state === 'running' ? undefined : true));
    await host.stop();

    assert.equal(host.status().state, 'stopped');
  });

  it('is given up after three crashes, named in a notice, and may be started again', async () => {
    for (let crash = 1; crash <= 3; crash++) {
      await until(host, 'running', ({ state, restarts }) => state === 'running' && restarts === crash - 1);
      process.kill(host.status().pid, 'SIGKILL');
      await until(host, 'crashed', ({ state, restarts }) => state !== 'running' || restarts === crash);
    }
    const { error } = await until(host, 'quarantined', ({ state }) => state === 'quarantined');

    assert.equal(error?.code, 'process.quarantined');
    assert.equal(error?.where, 'faulty');
    assert.deepEqual(
      bench.notices.map(({ severity }) => severity),
      ['warning', 'warning', 'error'],
    );
    assert.match(
      bench.notices.at(-1)?.message ?? '',
      /^the plugin "faulty" .*It stays off until the next broadcast begins or "bulkhead plugin restart faulty"\./,
    );
    await assert.rejects(bench.commands.execute('faulty.ok'), { code: 'command.notFound' });
    host.start();
    await until(host, 'running', ({ state }) => state === 'running');
    assert.equal(await bench.commands.execute('faulty.ok'), 'ok');
  });
});

describe('a plugin with an endless loop in activate', () => {
  it('is given up, named in a notice, without affecting the core', async () => {
    const bench = new PluginBench('in a process of its own');
    try {
      const host = bench.host(
        [bench.write('spinner', { source: 'export function activate() { for (;;); }' })],
        {
          limits: { ...limits, maxCrashes: 2 },
        },
      );
      host.start();
      const neighbour = await bench.run('healthy', { source: healthy });
      const { error } = await until(host, 'quarantined', ({ state }) => state === 'quarantined');

      assert.equal(error?.where, 'spinner');
      assert.ok(bench.notices.every(({ source }) => source === 'spinner'));
      const failures = bench.notices.filter(({ message }) => message.includes(' failed: '));
      assert.ok(failures.some(({ message }) => / it was at activate .*main\.mjs:1:/.test(message)));
      assert.deepEqual(await bench.commands.execute('healthy.states'), []);
      assert.equal(neighbour.status().restarts, 0);
    } finally {
      await bench.end();
    }
  });
});

describe('a faulty plugin inside the core', () => {
  const script = fileURLToPath(new URL('./fixtures/core-with-plugin.js', import.meta.url));
  for (const [way, does, notice] of [
    [
      'exception',
      'ends only its host',
      /failed: uncaught exception: thrown by a timer, at .*\. Restarting it\.$/,
    ],
    [
      'rejection',
      'ends not even its host',
      /failed: unhandled rejection: nobody waits, at .*\. It runs on\.$/,
    ],
  ] as const) {
    it(`${does} by an ${way}`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--import',
        'reflect-metadata',
        script,
        way,
      ]);

      const notices = JSON.parse(stdout) as { readonly severity: string; readonly message: string }[];
      assert.deepEqual(
        notices.map(({ severity }) => severity),
        ['warning'],
      );
      assert.match(notices[0]?.message ?? '', notice);
    });
  }
});
