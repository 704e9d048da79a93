import assert from 'node:assert/strict';
import { NotificationType } from 'vscode-jsonrpc/node';
import type { PartExit } from '../../../src/core/processes/part-launcher.js';
import {
  type PartLogEntry,
  PartSupervisor,
  type PartSupervisorOptions,
} from '../../../src/core/processes/part-supervisor.js';
import type { SupervisionLimits } from '../../../src/core/processes/supervision-limits.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FakeLauncher } from './fake-launcher.js';

const LIMITS: SupervisionLimits = {
  startDeadlineMs: 5000,
  heartbeatIntervalMs: 1000,
  warnAfterMissed: 2,
  terminateAfterMissed: 4,
  mostStarved: 0,
  terminateGraceMs: 700,
  backoffBaseMs: 1000,
  backoffCapMs: 4000,
  stableAfterMs: 10_000,
  maxCrashes: 100,
  crashWindowMs: 300_000,
  spareDelayMs: 500,
};

describe('PartSupervisor', () => {
  let clock: FakeClock;
  let launcher: FakeLauncher;
  let supervisor: PartSupervisor;
  /** The events fired, in order. */
  let events: string[];
  let log: PartLogEntry[];

  function supervise(options: Partial<PartSupervisorOptions> = {}): PartSupervisor {
    supervisor = new PartSupervisor({
      launcher,
      logLevel: 'info',
      spare: false,
      random: () => 0,
      ...options,
      limits: { ...LIMITS, ...options.limits },
    });
    const active = () => supervisor.active?.generation ?? '-';
    supervisor.onDidChangeState((state) => events.push(`${state} (active ${active()})`));
    supervisor.onDidBecomeReady((part) => events.push(`ready ${part.generation} (pid ${part.pid})`));
    supervisor.onDidEnd(({ part, expected }) =>
      events.push(`end of ${part?.generation ?? 'none'}${expected ? ', expected' : ''} (active ${active()})`),
    );
    supervisor.onDidLog((entry) => log.push(entry));
    return supervisor;
  }

  const settle = () => clock.settle();
  const pass = (ms: number) => clock.pass(ms);

  async function started(options: Partial<PartSupervisorOptions> = {}): Promise<PartSupervisor> {
    supervise(options).start();
    await settle();
    return supervisor;
  }

  beforeEach(() => {
    clock = new FakeClock();
    launcher = new FakeLauncher();
    events = [];
    log = [];
  });

  afterEach(async () => {
    supervisor.dispose();
    await settle();
    clock.tick(1000);
    await settle();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  describe('starting', () => {
    it('is ready after the handshake, and reports it in a fixed order', async () => {
      await started();
      assert.deepEqual(events, ['starting (active -)', 'running (active 1)', 'ready 1 (pid 1000)']);
      assert.deepEqual(launcher.last.received, ['initialized']);
      assert.equal(supervisor.pid, 1000);
      assert.equal(supervisor.restarts, 0);
    });

    it('lets its owner register handlers before the first message', async () => {
      const hello = new NotificationType<{ text: string }>('test/hello');
      const heard: string[] = [];
      supervise({
        configure: (connection) => connection.onNotification(hello, ({ text }) => heard.push(text)),
      });
      supervisor.start();
      launcher.last.connection.sendNotification(hello, { text: 'early' });
      await settle();
      assert.deepEqual(heard, ['early']);
    });

    it('kills a part that never answers at its deadline, and tries again', async () => {
      launcher.behaviour = { initialize: 'never' };
      await started();
      await pass(4900);
      assert.equal(launcher.parts.length, 1);
      launcher.behaviour = {};
      await pass(200);
      assert.deepEqual(launcher.parts[0]?.signals, ['SIGKILL']);
      assert.deepEqual(events, [
        'starting (active -)',
        'end of none (active -)',
        'running (active 1)',
        'ready 1 (pid 1001)',
      ]);
    });

    for (const initialize of ['refuse', 'nonsense', 'incomparable'] as const) {
      it(`treats an answer of the kind "${initialize}" as a crash`, async () => {
        launcher.behaviour = { initialize };
        await started({ limits: { maxCrashes: 1 } });
        assert.equal(supervisor.state, 'quarantined');
        assert.match(
          supervisor.error?.message ?? '',
          /did not start: out of order|"initialize" with something/,
        );
        assert.deepEqual(launcher.last.signals, ['SIGKILL']);
      });
    }

    it('never restarts a part with another protocol version', async () => {
      launcher.behaviour = { initialize: 'newer' };
      await started();
      await pass(60_000);
      assert.equal(supervisor.state, 'failed');
      assert.equal(supervisor.error?.code, ErrorCodes.versionMismatch);
      assert.equal(launcher.parts.length, 1);
    });

    for (const [code, errorCode] of [
      [ExitCodes.badSettings, ErrorCodes.processFailed],
      [ExitCodes.versionMismatch, ErrorCodes.versionMismatch],
    ] as const) {
      it(`never restarts a part that exits with ${code}, before it is ready or after`, async () => {
        launcher.behaviour = { initialize: 'never' };
        await started();
        launcher.last.exit({ code, signal: null });
        await pass(60_000);
        assert.equal(supervisor.state, 'failed');
        assert.equal(supervisor.error?.code, errorCode);
        launcher.behaviour = {};
        supervisor.start();
        await settle();
        assert.equal(supervisor.state, 'running');
        assert.equal(supervisor.error, undefined);
        launcher.last.exit({ code, signal: null });
        await pass(60_000);
        assert.equal(supervisor.state, 'failed');
        assert.equal(launcher.parts.length, 2);
      });
    }
  });

  describe('a crash', () => {
    it('is reported before the restart, which is immediate', async () => {
      await started();
      events.length = 0;
      const ends: (PartExit | undefined)[] = [];
      supervisor.onDidEnd(({ exit }) => ends.push(exit));
      launcher.last.crash();
      await settle();
      assert.deepEqual(events, [
        'restarting (active -)',
        'end of 1 (active -)',
        'running (active 2)',
        'ready 2 (pid 1001)',
      ]);
      assert.deepEqual(ends, [{ code: null, signal: 'SIGSEGV' }]);
      assert.equal(supervisor.restarts, 1);
    });

    it('that repeats causes growing delays, up to the cap', async () => {
      await started();
      const delays: number[] = [];
      for (let crash = 0; crash < 6; crash++) {
        const launched = launcher.parts.length;
        const atMs = Date.now();
        launcher.last.crash();
        await settle();
        while (launcher.parts.length === launched) await pass(100);
        delays.push(Date.now() - atMs);
        await settle();
      }
      assert.deepEqual(delays, [0, 1000, 2000, 4000, 4000, 4000]);
    });

    it('after a stable run counts as the first one again', async () => {
      await started();
      launcher.last.crash();
      await settle();
      await pass(10_000);
      launcher.last.crash();
      await settle();
      assert.equal(launcher.parts.length, 3);
    });

    it('repeated too often within the window leads to quarantine, until the part is started again', async () => {
      await started({ limits: { maxCrashes: 3 } });
      for (let crash = 0; crash < 3; crash++) {
        launcher.last.crash();
        await settle();
        await pass(1000);
      }
      assert.equal(supervisor.state, 'quarantined');
      assert.equal(supervisor.error?.code, ErrorCodes.processQuarantined);
      assert.match(supervisor.error?.message ?? '', /3 times within 300 s.*SIGSEGV/);
      await pass(60_000);
      assert.equal(launcher.parts.length, 3);
      await supervisor.stop(100);
      assert.equal(supervisor.state, 'quarantined');
      supervisor.start();
      await settle();
      launcher.last.crash();
      await settle();
      assert.equal(supervisor.state, 'running');
    });

    it('under a previous core counts at the first start only', async () => {
      const now = performance.now();
      await started({ limits: { maxCrashes: 3 }, crashesBefore: [now - 2000, now - 1000] });
      assert.equal(supervisor.state, 'running');
      assert.equal(supervisor.recentCrashes.length, 2);
      launcher.last.crash();
      await settle();
      assert.equal(supervisor.state, 'quarantined');
      supervisor.start();
      await settle();
      assert.equal(supervisor.state, 'running');
      assert.deepEqual(supervisor.recentCrashes, []);
    });

    it('under a previous core may lead to quarantine', async () => {
      const now = performance.now();
      await started({ limits: { maxCrashes: 3 }, crashesBefore: [now - 3000, now - 2000, now] });
      assert.equal(supervisor.state, 'quarantined');
      assert.match(supervisor.error?.message ?? '', /3 times.*The core died while it was at work/);
      assert.equal(launcher.parts.length, 0);
    });

    it('under a previous core does not count outside the window', async () => {
      await pass(600_000);
      const now = performance.now();
      await started({ limits: { maxCrashes: 3 }, crashesBefore: [now - 500_000, now - 400_000, now] });
      assert.equal(supervisor.state, 'running');
    });

    it('outside the window does not count', async () => {
      await started({ limits: { maxCrashes: 3, crashWindowMs: 20_000 } });
      for (let crash = 0; crash < 5; crash++) {
        launcher.last.crash();
        await settle();
        await pass(11_000);
      }
      assert.equal(supervisor.state, 'running');
    });

    it('of an encoder never leads to quarantine by default', async () => {
      launcher = new FakeLauncher('encoder');
      supervisor = new PartSupervisor({ launcher, logLevel: 'info', spare: false });
      supervisor.start();
      for (let crash = 0; crash < 20; crash++) {
        launcher.last.crash();
        await settle();
        await pass(3000);
      }
      assert.equal(launcher.parts.length, 21);
      assert.equal(supervisor.state, 'running');
    });

    it('is detected by the close of the channel if the exit is late', async () => {
      await started();
      launcher.behaviour = {};
      launcher.last.closeChannel();
      await settle();
      assert.equal(launcher.parts.length, 1);
      await pass(20);
      assert.equal(supervisor.active?.generation, 2);
      assert.deepEqual(launcher.parts[0]?.signals, ['SIGKILL']);
    });

    it("ends after the part's last messages have been read", async () => {
      const farewell = new NotificationType<{ text: string }>('test/farewell');
      const order: string[] = [];
      await started({
        configure: (connection) => connection.onNotification(farewell, ({ text }) => order.push(text)),
      });
      supervisor.onDidEnd(() => order.push('end'));
      launcher.last.connection.sendNotification(farewell, { text: 'last words' });
      launcher.last.crash();
      await settle();
      assert.deepEqual(order, ['last words', 'end']);
    });

    it('includes a broken channel', async () => {
      await started();
      const reasons: string[] = [];
      supervisor.onDidEnd(({ reason }) => reasons.push(reason?.message ?? ''));
      launcher.last.babble();
      await settle();
      assert.equal(supervisor.active?.generation, 2);
      assert.deepEqual(launcher.parts[0]?.signals, ['SIGKILL']);
      assert.match(reasons.join(), /^The extension host broke the control channel: /);
    });

    it('rejects pending requests before its end is reported', async () => {
      await started();
      const order: string[] = [];
      supervisor.active?.connection.onDidClose(() => order.push('closed'));
      supervisor.onDidEnd(() => order.push('end'));
      supervisor.fail(new BulkheadError(ErrorCodes.encoderSilent, 'silent'));
      assert.deepEqual(order, ['closed', 'end']);
      await settle();
    });

    it('stops waiting for a part that cannot be killed, and releases its resources', async () => {
      launcher.behaviour = { immortal: true, shutdown: 'never' };
      await started();
      const [part] = launcher.parts;
      const stopped = supervisor.stop(1000);
      await pass(1600);
      await stopped;
      assert.equal(supervisor.state, 'stopped');
      assert.equal(part?.disposed, true);
    });
  });

  describe('its owner', () => {
    it('can fail an unusable part: killed and replaced in the same turn', async () => {
      await started({ spare: true });
      await pass(500);
      events.length = 0;
      const error = new BulkheadError(ErrorCodes.encoderSilent, 'No frame for 1 s.');
      const reasons: unknown[] = [];
      supervisor.onDidEnd(({ reason }) => reasons.push(reason));
      supervisor.fail(error);
      assert.deepEqual(events, [
        'restarting (active -)',
        'end of 1 (active -)',
        'running (active 2)',
        'ready 2 (pid 1001)',
      ]);
      assert.equal(reasons[0], error);
      assert.deepEqual(launcher.parts[0]?.signals, ['SIGKILL']);
    });

    it('can give up a part permanently', async () => {
      await started({ spare: true });
      await pass(500);
      events.length = 0;
      const error = new BulkheadError(ErrorCodes.inputNotFound, 'No such file.');
      supervisor.giveUp(error);
      assert.deepEqual(events, ['failed (active -)', 'end of 1 (active -)']);
      assert.equal(supervisor.error, error);
      await pass(60_000);
      assert.equal(launcher.parts.length, 2);
      assert.ok(launcher.parts.every(({ gone }) => gone));
    });

    it('can give up a part while it waits for its restart', async () => {
      await started();
      launcher.last.crash();
      await settle();
      launcher.last.crash();
      await settle();
      supervisor.giveUp(new BulkheadError(ErrorCodes.inputNotFound, 'No such file.'));
      await pass(60_000);
      assert.equal(supervisor.state, 'failed');
      assert.equal(launcher.parts.length, 2);
    });

    it('may stop the part when its end is reported', async () => {
      await started({ spare: true });
      await pass(500);
      supervisor.onDidEnd(() => void supervisor.stop(0));
      launcher.parts[0]?.crash();
      await pass(5000);
      assert.equal(supervisor.state, 'stopped');
      assert.equal(launcher.parts.length, 2);
    });

    it('may stop the part when its state changes to running, which is then never reported as ready', async () => {
      supervise();
      let stopped: Promise<void> | undefined;
      supervisor.onDidChangeState((state) => {
        if (state === 'running') stopped = supervisor.stop(500);
      });
      supervisor.start();
      await pass(1000);
      await stopped;
      assert.deepEqual(
        events.filter((event) => event.startsWith('ready')),
        [],
      );
      assert.equal(supervisor.state, 'stopped');
    });

    it('may fail a part when it becomes ready, and then has one spare', async () => {
      supervise({ spare: true });
      supervisor.onDidBecomeReady(({ generation }) => {
        if (generation === 1) supervisor.fail(new BulkheadError(ErrorCodes.processFailed, 'unusable'));
      });
      supervisor.start();
      await settle();
      await pass(1000);
      assert.deepEqual([supervisor.active?.generation, launcher.parts.length], [2, 3]);
    });

    it('may fail a part when it becomes ready', async () => {
      await started({ spare: true });
      await pass(500);
      supervisor.onDidBecomeReady(({ generation }) => {
        if (generation === 2) supervisor.fail(new BulkheadError(ErrorCodes.ffmpegNotFound, 'none'));
      });
      launcher.parts[0]?.crash();
      await settle();
      await pass(1000);
      assert.equal(supervisor.active?.generation, 3);
    });
  });

  describe('a launch that fails', () => {
    const noRoom = new Error('EMFILE: too many open files');

    it('is retried with growing delays without limit, and does not count as a crash', async () => {
      await started({ limits: { maxCrashes: 2 } });
      launcher.obstacle = noRoom;
      launcher.last.crash();
      await settle();
      await pass(60_000);
      assert.equal(supervisor.state, 'restarting');
      assert.match(supervisor.error?.message ?? '', /could not be started/);
      launcher.obstacle = undefined;
      await pass(4000);
      await settle();
      assert.equal(supervisor.state, 'running');
      assert.equal(launcher.parts.length, 2);
    });

    it('of a spare does not affect the part, and is retried', async () => {
      await started({ spare: true });
      launcher.obstacle = noRoom;
      await pass(30_000);
      assert.deepEqual([supervisor.state, supervisor.warmSpare], ['running', undefined]);
      launcher.obstacle = undefined;
      await pass(30_500);
      await settle();
      assert.notEqual(supervisor.warmSpare, undefined);
    });
  });

  it('recovers from a failure to register its handlers on a new instance', async () => {
    let broken = true;
    supervise({
      configure: () => {
        if (broken) throw new Error('no handler');
      },
    }).start();
    await settle();
    assert.equal(supervisor.state, 'starting');
    broken = false;
    await pass(5000);
    await settle();
    assert.equal(supervisor.state, 'running');
  });

  describe('the ladder', () => {
    it('sends heartbeats to an idle part too', async () => {
      await started();
      await pass(3000);
      assert.equal(launcher.last.received.filter((name) => name === 'heartbeat').length, 3);
    });

    it('warns, ends, kills, restarts', async () => {
      launcher.behaviour = { sigterm: 'ignore' };
      await started();
      const part = launcher.last;
      part.hung = true;
      events.length = 0;
      await pass(2900);
      assert.deepEqual([...events, ...part.signals], []);
      await pass(100);
      assert.deepEqual(events, ['unresponsive (active 1)']);
      assert.match(log.map(({ message }) => message).join(), /has not responded for 2000 ms/);
      await pass(2000);
      assert.deepEqual(part.signals, ['SIGTERM']);
      assert.equal(supervisor.active?.generation, 1);
      await pass(700);
      assert.deepEqual(part.signals, ['SIGTERM', 'SIGKILL']);
      assert.deepEqual(events.slice(1), [
        'restarting (active -)',
        'end of 1 (active -)',
        'running (active 2)',
        'ready 2 (pid 1001)',
      ]);
      // Only one heartbeat at a time, however long it hangs.
      assert.equal(part.received.filter((name) => name === 'heartbeat').length, 1);
    });

    it('reports the missing heartbeats as the cause if SIGTERM ends the part', async () => {
      await started();
      const reasons: string[] = [];
      supervisor.onDidEnd(({ reason }) => reasons.push(reason?.message ?? ''));
      launcher.last.hung = true;
      await pass(5000);
      assert.deepEqual(reasons, ['The extension host has not responded for 4000 ms.']);
    });

    it('is begun once, however long the part has to end', async () => {
      launcher.behaviour = { sigterm: 'ignore' };
      await started({ limits: { ...LIMITS, terminateGraceMs: 2500 } });
      const part = launcher.last;
      part.hung = true;
      await pass(8000);
      assert.deepEqual(part.signals, ['SIGTERM', 'SIGKILL']);
      assert.match(log.map(({ message }) => message).join(), /has not responded for 2000 ms/);
      assert.doesNotMatch(log.map(({ message }) => message).join(), /5000 ms/);
    });

    it('kills immediately without a grace period', async () => {
      await started({ limits: { terminateGraceMs: 0 } });
      launcher.last.hung = true;
      await pass(5000);
      assert.deepEqual(launcher.parts[0]?.signals, ['SIGKILL']);
    });

    it('is cancelled if the part answers in time', async () => {
      await started();
      const part = launcher.last;
      part.hung = true;
      await pass(3000);
      assert.equal(supervisor.state, 'unresponsive');
      part.hung = false;
      part.answerHeartbeats();
      await settle();
      assert.equal(supervisor.state, 'running');
      await pass(20_000);
      assert.deepEqual(part.signals, []);
    });

    it('does not count time in which the core itself was suspended', async () => {
      await started();
      await pass(600);
      clock.jump(3_600_000);
      clock.jump(3_600_000);
      await pass(5000);
      assert.deepEqual(launcher.last.signals, []);
      assert.equal(supervisor.state, 'running');
    });
  });

  describe('a requested replacement', () => {
    it('is active before the previous instance has ended, and does not count as a crash', async () => {
      await started();
      supervisor.prepareSpare();
      await settle();
      assert.equal(launcher.parts.length, 2);
      events.length = 0;
      supervisor.replace(1000);

      assert.deepEqual(events, [
        'restarting (active -)',
        'end of 1, expected (active -)',
        'running (active 2)',
        'ready 2 (pid 1001)',
      ]);
      assert.equal(supervisor.restarts, 1);
      assert.equal(supervisor.error, undefined);
      await settle();
      assert.equal(supervisor.active?.pid, 1001);
      assert.equal(supervisor.state, 'running');
    });

    it('is launched if no spare was prepared, and does nothing without an active instance', async () => {
      supervise().replace(1000);
      assert.deepEqual(events, []);
      supervisor.start();
      supervisor.replace(1000);
      assert.deepEqual(events, ['starting (active -)'], 'it is not active yet');
      await settle();
      assert.equal(supervisor.active?.generation, 1);
      supervisor.replace(1000);
      await settle();

      assert.equal(supervisor.active?.generation, 2);
    });
  });

  describe('the spare', () => {
    it('is launched after the part is ready, and takes over in the turn that detects the crash', async () => {
      await started({ spare: true });
      await pass(400);
      assert.equal(launcher.parts.length, 1);
      await pass(100);
      assert.equal(launcher.parts.length, 2);
      events.length = 0;
      launcher.parts[0]?.crash();
      while (!events.includes('end of 1 (active -)')) await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(events, [
        'restarting (active -)',
        'end of 1 (active -)',
        'running (active 2)',
        'ready 2 (pid 1001)',
      ]);
      assert.equal(launcher.parts.length, 2);
      await pass(500);
      assert.equal(launcher.parts.length, 3);
    });

    it('that is still starting takes over when it is ready, without another launch', async () => {
      await started({ spare: true });
      clock.tick(500);
      assert.equal(launcher.parts.length, 2);
      launcher.parts[0]?.crash();
      await settle();
      assert.equal(launcher.parts.length, 2);
      assert.equal(supervisor.active?.pid, 1001);
    });

    it('that crashes is replaced with growing delays, without a report', async () => {
      await started({ spare: true });
      events.length = 0;
      for (const [delayMs, count] of [
        [500, 2],
        [500, 3],
        [1500, 4],
        [2500, 5],
      ] as const) {
        await pass(delayMs - 100);
        assert.equal(launcher.parts.length, count - 1);
        await pass(100);
        assert.equal(launcher.parts.length, count);
        launcher.last.crash();
        await settle();
      }
      assert.deepEqual(events, []);
      assert.equal(supervisor.restarts, 0);
      assert.match(log.at(-1)?.message ?? '', /^As a spare: The extension host was ended by SIGSEGV/);
    });

    it('with another protocol version is not retried', async () => {
      await started({ spare: true });
      launcher.behaviour = { initialize: 'newer' };
      await pass(60_000);
      assert.equal(launcher.parts.length, 2);
      assert.equal(supervisor.state, 'running');
    });

    it('that hangs is not promoted', async () => {
      await started({ spare: true });
      await pass(500);
      launcher.last.hung = true;
      events.length = 0;
      await pass(3500);
      assert.deepEqual(events, [], 'the active instance responds');
      launcher.parts[0]?.crash();
      await settle();
      assert.equal(supervisor.active?.pid, 1002);
      assert.deepEqual(launcher.parts[1]?.signals, ['SIGKILL']);
    });

    it('that crashed at the same time is not promoted', async () => {
      await started({ spare: true });
      await pass(500);
      launcher.parts[1]?.crash();
      launcher.parts[0]?.crash();
      await settle();
      assert.equal(supervisor.active?.pid, 1002);
    });

    it('does not cut the delays of a part that crashes again and again', async () => {
      await started({ spare: true });
      await pass(500);
      launcher.parts[0]?.crash();
      await settle();
      await pass(500);
      launcher.parts[1]?.crash();
      await settle();
      assert.equal(supervisor.pid, 0);
      await pass(1000);
      assert.equal(supervisor.active?.pid, 1002);
    });
  });

  describe('stopping', () => {
    it('is shutdown, exit, and no signal', async () => {
      await started({ spare: true });
      await pass(500);
      events.length = 0;
      await supervisor.stop(1000);
      assert.deepEqual(launcher.parts[0]?.received, ['initialized', 'shutdown', 'exit']);
      assert.deepEqual(launcher.parts[0]?.signals, []);
      assert.deepEqual(launcher.parts[1]?.signals, ['SIGKILL']);
      assert.deepEqual(events, ['end of 1, expected (active -)', 'stopped (active -)']);
      assert.equal(supervisor.error, undefined);
    });

    it('ends a part that does not obey by SIGTERM, then by SIGKILL, within the deadline', async () => {
      launcher.behaviour = { shutdown: 'never', sigterm: 'ignore' };
      await started();
      const stopped = supervisor.stop(1000);
      await pass(500);
      assert.deepEqual(launcher.last.signals, []);
      await pass(100);
      assert.deepEqual(launcher.last.signals, ['SIGTERM']);
      await pass(200);
      assert.deepEqual(launcher.last.signals, ['SIGTERM', 'SIGKILL']);
      await stopped;
    });

    it('can be shortened by an earlier deadline', async () => {
      launcher.behaviour = { shutdown: 'never' };
      await started();
      const stopped = supervisor.stop(60_000);
      await pass(1000);
      await supervisor.stop(0);
      await stopped;
      assert.deepEqual(launcher.last.signals, ['SIGKILL']);
      assert.equal(events.filter((event) => event.startsWith('end')).length, 1);
    });

    it('does not count as a crash if the part crashes in the meantime', async () => {
      launcher.behaviour = { shutdown: 'never' };
      await started();
      const stopped = supervisor.stop(1000);
      launcher.last.crash();
      await settle();
      await pass(100);
      await stopped;
      await pass(5000);
      assert.equal(launcher.parts.length, 1);
      assert.equal(supervisor.state, 'stopped');
    });

    it('cancels a restart that waits', async () => {
      await started();
      launcher.last.crash();
      await settle();
      launcher.last.crash();
      await settle();
      await supervisor.stop(1000);
      await pass(60_000);
      assert.equal(launcher.parts.length, 2);
    });

    it('kills a part that is still starting', async () => {
      launcher.behaviour = { initialize: 'never' };
      await started();
      await supervisor.stop(1000);
      assert.deepEqual(launcher.last.signals, ['SIGKILL']);
    });

    it('may be followed by a start before it has completed', async () => {
      await started();
      const stopped = supervisor.stop(1000);
      supervisor.start();
      await settle();
      await stopped;
      assert.deepEqual(events.slice(3), [
        'end of 1, expected (active -)',
        'starting (active -)',
        'running (active 2)',
        'ready 2 (pid 1001)',
      ]);
    });
  });

  it("passes the part's log on, and reports invalid entries", async () => {
    await started();
    launcher.last.log('bare output');
    launcher.last.logByRpc({ level: 'error', message: 'said so' });
    launcher.last.logByRpc({ level: 'loud', message: 3 });
    await settle();
    assert.deepEqual(log, [
      { level: 'info', message: 'bare output', pid: 1000 },
      { level: 'error', message: 'said so', pid: 1000 },
      {
        level: 'error',
        message:
          '$/log from extension-host was not handled: extension-host sent "$/log" with params that are not valid: ' +
          'level: Invalid option: expected one of "trace"|"debug"|"info"|"warn"|"error"',
        pid: 1000,
      },
    ]);
  });

  it('limits the rate of the log, and counts dropped lines', async () => {
    await started();
    const line = 'x'.repeat(8000);
    for (let i = 0; i < 100; i++) launcher.last.log(line);
    launcher.last.logByRpc({ level: 'info', message: 'y'.repeat(20_000) });
    await settle();
    const taken = log.filter(({ message }) => message === line).length;
    assert.equal(taken, Math.floor((256 * 1024) / line.length));
    await pass(10_000);
    assert.match(log.at(-1)?.message ?? '', /^\d+ lines came too fast and were dropped$/);
    launcher.last.logByRpc({ level: 'info', message: 'y'.repeat(20_000) });
    await settle();
    assert.equal(log.at(-1)?.message.length, 8193);
  });
});
