import assert from 'node:assert/strict';
import sinon from 'sinon';
import { PartRun, type RunEnd } from '../../../src/core/processes/part-run.js';
import { supervisionLimits } from '../../../src/core/processes/supervision-limits.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { PROTOCOL_VERSION } from '../../../src/protocol/lifecycle.js';
import type { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FakeLauncher } from './fake-launcher.js';

describe('PartRun', () => {
  let clock: FakeClock;
  let launcher: FakeLauncher;
  let run: PartRun;
  let ready: number;
  let ends: RunEnd[];

  beforeEach(() => {
    clock = new FakeClock();
    launcher = new FakeLauncher();
    ready = 0;
    ends = [];
  });

  afterEach(async () => {
    run.dispose();
    await clock.pass(1000);
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  function start(configure?: (connection: RpcConnection) => void): void {
    run = new PartRun({
      launcher,
      limits: supervisionLimits('extension-host'),
      logLevel: 'info',
      configure,
    });
    run.onDidBecomeReady(() => {
      ready += 1;
    });
    run.onDidEnd((end) => ends.push(end));
  }

  it('is never ready if it was ended before the answer to its handshake arrived', async () => {
    const answer = { protocolVersion: PROTOCOL_VERSION, pid: 1, capabilities: {} };
    start((connection) => sinon.stub(connection, 'sendRequest').resolves(answer));
    run.kill();
    await clock.settle();
    assert.deepEqual([ready, run.initializeResult, ends.length], [0, undefined, 1]);
    assert.equal(run.usable, false);
  });

  it('is of no use where it says of itself what nobody would', async () => {
    const answer = { protocolVersion: PROTOCOL_VERSION, pid: 1, capabilities: {} };
    for (const [length, usable] of [
      [100, true],
      [101, false],
    ] as const) {
      start((connection) =>
        sinon.stub(connection, 'sendRequest').resolves({ ...answer, apiVersion: 'x'.repeat(length) }),
      );
      await clock.settle();
      assert.equal(run.usable, usable);
      run.kill();
    }
    assert.match(ends[1]?.reason?.message ?? '', /answered "initialize" with something else/);
  });

  it('is not tried again where it refuses the version of the protocol', async () => {
    const refusal = new BulkheadError(ErrorCodes.versionMismatch, 'another version');
    start((connection) => sinon.stub(connection, 'sendRequest').rejects(refusal));
    await clock.settle();
    assert.deepEqual(
      ends.map(({ reason, fatal }) => [reason, fatal]),
      [[refusal, true]],
    );
  });

  it('has not started where it does not answer within ten seconds', async () => {
    launcher.behaviour = { initialize: 'never' };
    start();
    await clock.pass(9999, 1000);
    assert.equal(ends.length, 0);
    await clock.pass(1);
    assert.match(ends[0]?.reason?.message ?? '', /did not start: no response within 10000 ms\.$/);
  });

  it('has what was dropped of its log counted when it ends', async () => {
    const heard: string[] = [];
    start();
    run.onDidLog(({ message }) => heard.push(message));
    await clock.settle();
    for (let n = 0; n < 33; n++) launcher.last.log('x'.repeat(8192));
    run.kill();
    assert.deepEqual(heard.slice(32), ['1 lines came too fast and were dropped']);
  });

  it('ends as it was asked to', async () => {
    start();
    await clock.settle();
    run.shutDown(1000);
    await clock.settle();
    assert.deepEqual(ends, [{ exit: { code: 0, signal: null }, reason: undefined, fatal: false }]);
    assert.deepEqual(launcher.last.signals, []);
  });

  it('ends once, for any reason', async () => {
    start();
    await clock.settle();
    assert.equal(ready, 1);
    const reason = new BulkheadError(ErrorCodes.processFailed, 'of no use');
    run.kill(reason);
    run.kill();
    run.shutDown(1000);
    launcher.last.crash();
    await clock.settle();
    assert.deepEqual(
      ends.map((end) => end.reason),
      [reason],
    );
    await run.gone;
  });

  it('is killed immediately if the deadline is 0, or it is not ready', async () => {
    launcher.behaviour = { initialize: 'never' };
    start();
    run.shutDown(5000);
    await clock.settle();
    assert.deepEqual(launcher.last.signals, ['SIGKILL']);
    assert.deepEqual(
      ends.map(({ reason }) => reason),
      [undefined],
    );
  });

  it('is asked to end, told to at 60 % of the time, and killed at 80 %', async () => {
    launcher.behaviour = { shutdown: 'never', sigterm: 'ignore' };
    start();
    await clock.settle();
    run.shutDown(1000);
    run.shutDown(1000);
    run.shutDown(5000);
    await clock.pass(599, 100);
    assert.deepEqual(launcher.last.signals, []);
    await clock.pass(1);
    assert.deepEqual(launcher.last.signals, ['SIGTERM']);
    await clock.pass(199, 100);
    assert.deepEqual(launcher.last.signals, ['SIGTERM']);
    await clock.pass(1);
    assert.deepEqual(launcher.last.signals, ['SIGTERM', 'SIGKILL']);
    assert.deepEqual(launcher.last.received.filter((what) => what === 'shutdown').length, 1);
    assert.deepEqual(ends, [{ exit: undefined, reason: undefined, fatal: false }]);
  });

  it('is killed by the earliest of several deadlines, which has it said goodbye to once', async () => {
    launcher.behaviour = { shutdown: 'never', sigterm: 'ignore' };
    start();
    await clock.settle();
    run.shutDown(10_000);
    await clock.pass(100);
    run.shutDown(500);
    await clock.pass(400, 50);
    assert.deepEqual(launcher.last.signals, ['SIGTERM', 'SIGKILL']);
    assert.deepEqual(
      launcher.last.received.filter((what) => what !== 'heartbeat'),
      ['initialized', 'shutdown'],
    );
  });

  it('is killed at once by a deadline that is over', async () => {
    start();
    await clock.settle();
    run.shutDown(0);
    await clock.settle();
    assert.deepEqual(launcher.last.signals, ['SIGKILL']);
    assert.equal(launcher.last.received.includes('shutdown'), false);
  });

  it('is not watched while it ends in order', async () => {
    launcher.behaviour = { shutdown: 'never', sigterm: 'ignore' };
    const states: boolean[] = [];
    start();
    run.onDidChangeResponsive((responsive) => states.push(responsive));
    await clock.settle();
    launcher.last.hung = true;
    run.shutDown(60_000);
    await clock.pass(20_000, 1000);
    assert.deepEqual([states, launcher.last.signals], [[], []]);
  });

  it('knows how it exited when it says so after its channel has closed', async () => {
    for (const [signal, code] of [
      ['SIGSEGV', null],
      [null, 7],
    ] as const) {
      ends = [];
      start();
      await clock.settle();
      launcher.last.closeChannel();
      await clock.pass(10);
      assert.deepEqual([ends.length, run.usable], [0, false]);
      launcher.last.exit({ code, signal });
      await clock.settle();
      assert.deepEqual(ends[0]?.exit, { code, signal });
    }
  });

  it('has ended 20 ms after its channel has closed, and while it starts a second after', async () => {
    for (const [initialize, waitMs] of [
      ['answer', 20],
      ['never', 1000],
    ] as const) {
      ends = [];
      launcher.behaviour = { initialize };
      start();
      await clock.settle();
      launcher.last.closeChannel();
      await clock.pass(waitMs - 1, 100);
      assert.equal(ends.length, 0, initialize);
      await clock.pass(1);
      assert.match(ends[0]?.reason?.message ?? '', /closed its control channel/);
      assert.deepEqual([ends[0]?.exit, ends[0]?.fatal], [undefined, false]);
      assert.deepEqual(launcher.last.signals, ['SIGKILL']);
    }
  });

  it('is told by the silence that has ended it', async () => {
    launcher.behaviour = { sigterm: 'ignore' };
    const states: [number, boolean][] = [];
    start();
    run.onDidChangeResponsive((responsive) => states.push([performance.now(), responsive]));
    await clock.settle();
    launcher.last.hung = true;
    // The first heartbeat is asked after a second; each second after that one more is missing.
    await clock.pass(5900, 100);
    assert.deepEqual(states, [[4000, false]]);
    assert.deepEqual([run.usable, launcher.last.signals], [false, []]);
    await clock.pass(100);
    assert.deepEqual(launcher.last.signals, ['SIGTERM']);
    await clock.pass(999, 100);
    assert.equal(ends.length, 0);
    await clock.pass(1);
    assert.match(ends[0]?.reason?.message ?? '', /has not responded for 5000 ms/);
    assert.equal(ends[0]?.fatal, false);
  });

  it('has as much of its log heard as a person could read, and is told how much more there was', async () => {
    const heard: string[] = [];
    start();
    run.onDidLog(({ level, message }) => heard.push(`${level} ${message.length} ${message.slice(0, 40)}`));
    await clock.settle();
    for (let n = 0; n < 40; n++) launcher.last.log('x'.repeat(8192));
    assert.equal(heard.length, 32);
    launcher.last.logByRpc({ level: 'error', message: 'y'.repeat(9000) });
    await clock.pass(9999, 1000);
    assert.equal(heard.length, 32);
    await clock.pass(1);
    assert.deepEqual(heard.slice(32), ['warn 38 9 lines came too fast and were dropped']);
    launcher.last.logByRpc({ level: 'error', message: 'y'.repeat(9000) });
    await clock.settle();
    assert.deepEqual(heard.slice(33), [`error 8193 ${'y'.repeat(40)}`]);
  });

  it('ends even if the operating system does not end the killed process', async () => {
    launcher.behaviour = { immortal: true };
    start();
    await clock.settle();
    run.kill();
    await clock.pass(500);
    await run.gone;
    assert.ok(launcher.last.disposed);
  });
});
