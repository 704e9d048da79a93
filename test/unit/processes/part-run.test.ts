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
