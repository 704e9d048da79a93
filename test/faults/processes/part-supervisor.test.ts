import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import {
  type PartEnd,
  type PartLogEntry,
  PartSupervisor,
  type PartSupervisorOptions,
  type ReadyPart,
} from '../../../src/core/processes/part-supervisor.js';
import { ProcessLauncher } from '../../../src/core/processes/process-launcher.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import type { PartState } from '../../../src/protocol/lifecycle.js';
import { allGone, childrenOf, isAlive } from '../../support/children.js';
import { eventually } from '../../support/wait.js';
import { Do } from './fixtures/part.js';

const entryPoint = fileURLToPath(new URL('./fixtures/part.js', import.meta.url));

describe('a supervised process', () => {
  let supervisor: PartSupervisor;
  let ready: ReadyPart[];
  let ends: PartEnd[];
  let states: PartState[];
  let log: PartLogEntry[];

  function start(
    environment: Record<string, string> = {},
    options: Partial<PartSupervisorOptions> = {},
  ): PartSupervisor {
    ready = [];
    ends = [];
    states = [];
    log = [];
    supervisor = new PartSupervisor({
      launcher: new ProcessLauncher('extension-host', { entryPoint, environment }),
      logLevel: 'info',
      spare: false,
      ...options,
    });
    supervisor.onDidBecomeReady((part) => ready.push(part));
    supervisor.onDidEnd((end) => ends.push(end));
    supervisor.onDidChangeState((state) => states.push(state));
    supervisor.onDidLog((entry) => log.push(entry));
    supervisor.start();
    return supervisor;
  }

  /** The generation, once it is the active instance. */
  const active = (generation: number) =>
    eventually(`generation ${generation}`, () => ready.find((part) => part.generation === generation));
  const state = (wanted: PartState) =>
    eventually(`state ${wanted}`, () => (supervisor.state === wanted ? wanted : undefined));

  afterEach(async () => {
    const pids = childrenOf(process.pid).map(({ pid }) => pid);
    await supervisor.stop(0);
    assert.deepEqual(await allGone(pids, 5000), []);
  });

  it('is replaced by its spare immediately after SIGKILL', async () => {
    start({}, { spare: true, limits: { spareDelayMs: 0 } });
    const first = await active(1);
    const spare = await eventually('the spare', () =>
      childrenOf(process.pid).find(({ pid, command }) => pid !== first.pid && command.includes('part.js')),
    );
    process.kill(first.pid, 'SIGKILL');
    const second = await active(2);
    assert.equal(second.pid, spare.pid);
    assert.deepEqual(ends[0]?.exit, { code: null, signal: 'SIGKILL' });
    assert.equal(ends[0]?.reason?.message, 'The extension host was ended by SIGKILL.');
    assert.deepEqual(states, ['starting', 'running', 'restarting', 'running']);
    assert.equal(supervisor.restarts, 1);
    await second.connection.sendRequest(Do.print, {});
  });

  it('that is stopped (SIGSTOP) is detected by its heartbeat, killed and replaced', async () => {
    start(
      {},
      {
        limits: {
          heartbeatIntervalMs: 100,
          warnAfterMissed: 2,
          terminateAfterMissed: 10,
          terminateGraceMs: 100,
        },
      },
    );
    const first = await active(1);
    process.kill(first.pid, 'SIGSTOP');
    await active(2);
    assert.ok(states.includes('unresponsive'));
    assert.match(ends[0]?.reason?.message ?? '', /has not responded for 1000 ms/);
    assert.deepEqual(await allGone([first.pid], 5000), []);
  });

  it('that is stopped for a moment only is kept', async () => {
    start({}, { limits: { heartbeatIntervalMs: 100, warnAfterMissed: 2, terminateAfterMissed: 300 } });
    const first = await active(1);
    process.kill(first.pid, 'SIGSTOP');
    await state('unresponsive');
    process.kill(first.pid, 'SIGCONT');
    await state('running');
    assert.equal(supervisor.active, first);
    assert.deepEqual(ends, []);
  });

  it('that spins is killed although it handles SIGTERM', async () => {
    start({}, { limits: { heartbeatIntervalMs: 100, terminateAfterMissed: 5, terminateGraceMs: 100 } });
    const first = await active(1);
    const spinning = first.connection.sendRequest(Do.spin, {});
    await assert.rejects(spinning, { code: ErrorCodes.rpcClosed });
    await active(2);
    assert.deepEqual(await allGone([first.pid], 5000), []);
  });

  it('that never answers "initialize" is given up', async () => {
    start({ PART_BEHAVIOUR: 'mute' }, { limits: { startDeadlineMs: 1000, maxCrashes: 2 } });
    await state('quarantined');
    assert.equal(ends.length, 2);
    assert.match(supervisor.error?.message ?? '', /did not start: no response within 1000 ms/);
  });

  for (const [code, errorCode] of [
    [ExitCodes.badSettings, ErrorCodes.processFailed],
    [ExitCodes.versionMismatch, ErrorCodes.versionMismatch],
  ] as const) {
    it(`that exits with ${code} is not started again`, async () => {
      start({ PART_BEHAVIOUR: 'exit-at-once', PART_EXIT_CODE: String(code) });
      await state('failed');
      assert.equal(supervisor.error?.code, errorCode);
      assert.equal(ends.length, 1);
      assert.deepEqual(childrenOf(process.pid), []);
    });
  }

  it('that speaks another protocol version is not started again', async () => {
    start({ PART_BEHAVIOUR: 'newer' });
    await state('failed');
    assert.match(supervisor.error?.message ?? '', /speaks protocol version 99, the core 1/);
    assert.equal(supervisor.error?.code, ErrorCodes.versionMismatch);
  });

  it('that crashes as it starts ends in quarantine', async () => {
    start(
      { PART_BEHAVIOUR: 'exit-at-once', PART_EXIT_CODE: '1' },
      { limits: { backoffBaseMs: 10, maxCrashes: 3 } },
    );
    await state('quarantined');
    assert.equal(supervisor.error?.code, ErrorCodes.processQuarantined);
    assert.equal(ends.length, 3);
    assert.ok(ends.every(({ exit, part }) => exit?.code === 1 && part === undefined));
  });

  it('whose other output is logged keeps running', async () => {
    start();
    const { connection } = await active(1);
    await connection.sendRequest(Do.print, {});
    await eventually('the log', () => log.find(({ message }) => message.includes('jsonrpc')));
    await connection.sendRequest(Do.environment, {});
    assert.deepEqual(ends, []);
  });

  it('that writes garbage to its control channel is killed and replaced', async () => {
    start();
    const first = await active(1);
    first.connection.sendRequest(Do.garbage, {}).catch(() => {});
    await active(2);
    assert.match(ends[0]?.reason?.message ?? '', /^The extension host broke the control channel: /);
    assert.deepEqual(await allGone([first.pid], 5000), []);
  });

  it('whose grandchild holds its pipes is replaced without waiting for it', async () => {
    start();
    const first = await active(1);
    const grandchild = await first.connection.sendRequest(Do.grandchild, { ownGroup: true });
    try {
      process.kill(first.pid, 'SIGKILL');
      await active(2);
      assert.ok(isAlive(grandchild));
    } finally {
      process.kill(grandchild, 'SIGKILL');
    }
  });

  it('ends in order when it is stopped', async () => {
    start({}, { spare: true, limits: { spareDelayMs: 0 } });
    await active(1);
    await supervisor.stop(20_000);
    assert.deepEqual(ends[0]?.exit, { code: 0, signal: null });
    assert.equal(ends[0]?.expected, true);
    assert.equal(supervisor.state, 'stopped');
    assert.deepEqual(childrenOf(process.pid), []);
  });

  it('that neither `exit` nor SIGTERM ends is killed within the deadline of the stop', async () => {
    start({ PART_BEHAVIOUR: 'stubborn' });
    const { pid } = await active(1);
    await supervisor.stop(500);
    assert.equal(ends[0]?.expected, true);
    assert.deepEqual(await allGone([pid], 5000), []);
  });
});
