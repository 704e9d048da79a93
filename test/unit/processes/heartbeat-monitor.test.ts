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

  beforeEach(() => {
    clock = new FakeClock();
    missed = [];
    slowedAtMs = Number.NEGATIVE_INFINITY;
    answer = undefined;
    const connection: Pick<RpcConnection, 'slowedAtMs' | 'sendRequest'> = {
      get slowedAtMs() {
        return slowedAtMs;
      },
      sendRequest: (() =>
        new Promise<void>((resolve) => {
          answer = resolve;
        })) as RpcConnection['sendRequest'],
    };
    monitor = new HeartbeatMonitor(connection, 1000);
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
