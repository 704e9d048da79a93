import assert from 'node:assert/strict';
import { HeartbeatMonitor } from '../../../src/core/processes/heartbeat-monitor.js';
import type { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('HeartbeatMonitor', () => {
  let clock: FakeClock;
  let monitor: HeartbeatMonitor;
  let missed: number[];
  let slowedAtMs: number;
  let answer: (() => void) | undefined;
  let refuse: (() => void) | undefined;
  let asked: number;
  let isStarved: boolean;

  beforeEach(() => {
    clock = new FakeClock();
    missed = [];
    slowedAtMs = Number.NEGATIVE_INFINITY;
    answer = undefined;
    asked = 0;
    isStarved = false;
    const connection: Pick<RpcConnection, 'slowedAtMs' | 'sendRequest'> = {
      get slowedAtMs() {
        return slowedAtMs;
      },
      sendRequest: (() =>
        new Promise<void>((resolve, reject) => {
          asked += 1;
          answer = resolve;
          refuse = () => reject(new Error('not sent'));
        })) as RpcConnection['sendRequest'],
    };
    monitor = new HeartbeatMonitor(connection, {
      intervalMs: 1000,
      wasStarved: () => isStarved,
      mostExcused: 3,
    });
    monitor.onDidChangeMissed((count) => missed.push(count));
  });

  afterEach(() => {
    monitor.dispose();
    clock.restore();
  });

  const pass = async (ms: number) => {
    clock.tick(ms);
    await clock.settle();
  };

  it('counts the intervals without an answer, until one comes', async () => {
    for (let i = 0; i < 4; i++) await pass(1000);
    assert.deepEqual(missed, [1, 2, 3]);
    answer?.();
    await pass(0);
    assert.deepEqual(missed, [1, 2, 3, 0]);
  });

  it('does not count intervals in which the part has waited for the processor, but for as many', async () => {
    await pass(1000);
    isStarved = true;
    for (let i = 0; i < 5; i++) await pass(1000);
    assert.deepEqual(missed, [1, 2]);
    answer?.();
    await pass(0);
    for (let i = 0; i < 4; i++) await pass(1000);
    isStarved = false;
    await pass(1000);
    assert.deepEqual(missed, [1, 2, 0, 1]);
  });

  it('reports nothing while every answer is in time, and asks once an interval', async () => {
    for (let i = 0; i < 3; i++) {
      await pass(1000);
      answer?.();
      await pass(0);
    }
    assert.deepEqual([missed, asked], [[], 3]);
    monitor.dispose();
    await pass(5000);
    assert.equal(asked, 3);
  });

  it('has one question pending at a time, and asks again after one that failed, which counts as missed', async () => {
    await pass(1000);
    await pass(1000);
    assert.deepEqual([missed, asked], [[1], 1]);
    refuse?.();
    await pass(0);
    await pass(1000);
    assert.deepEqual([missed, asked], [[1, 2], 2]);
    answer?.();
    await pass(0);
    await pass(1000);
    assert.deepEqual([missed, asked], [[1, 2, 0], 3]);
  });

  it('counts no interval in which reading the part was throttled', async () => {
    await pass(1000);
    await pass(1000);
    slowedAtMs = performance.now() + 500;
    await pass(1000);
    assert.deepEqual(missed, [1]);
    await pass(1000);
    assert.deepEqual(missed, [1, 2]);
  });
});
