import assert from 'node:assert/strict';
import sinon from 'sinon';
import { DisposableStore } from '../../../src/base/disposable-store.js';
import { Emitter } from '../../../src/base/event.js';
import { LastResort } from '../../../src/core/last-resort.js';
import { processFaults } from '../../../src/process-host/process-faults.js';

/** An error of which only the stack may be logged. */
class SecretiveError extends Error {
  readonly key = 'very-secret';
}

describe("the core's last resort", () => {
  let clock: sinon.SinonFakeTimers;
  let lines: { readonly message: string; readonly stack?: string; readonly unlogged?: number }[];
  let notices: string[];
  let crashes: string[];
  let throwing: boolean;
  let lastResort: LastResort;
  /** mocha's own listeners, which would treat errors thrown here as failures of the tests. */
  const mochas = new Map<'uncaughtException' | 'unhandledRejection', NodeJS.UncaughtExceptionListener[]>();

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['performance'] });
    lines = [];
    notices = [];
    crashes = [];
    throwing = false;
    const error = (message: string, details?: object) => {
      if (throwing) throw new Error('no log');
      lines.push({ message, ...details });
    };
    const log = { trace() {}, debug() {}, info() {}, warn() {}, error };
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      mochas.set(event, process.listeners(event as 'uncaughtException'));
      process.removeAllListeners(event);
    }
    lastResort = new LastResort(
      log,
      { notice: ({ message }) => notices.push(message) },
      { crashed: (what, reason) => crashes.push(`${what}: ${reason}`) },
    );
  });

  afterEach(() => {
    emitters.clear();
    lastResort.dispose();
    for (const [event, listeners] of mochas) {
      for (const listener of listeners) process.on(event as 'uncaughtException', listener);
    }
    clock.restore();
  });

  const emitters = new DisposableStore();
  const emitterOf = <T>() => emitters.add(new Emitter<T>());
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('logs an uncaught exception and an unhandled rejection with their stacks, and continues', async () => {
    setImmediate(() => {
      throw new Error('from a timer');
    });
    void Promise.reject(new Error('from a promise'));
    await turn();
    await turn();
    const [rejection, exception] = lines;
    assert.equal(rejection?.message, 'unhandled rejection: Error: from a promise');
    assert.match(rejection?.stack ?? '', /^Error: from a promise\n +at .*last-resort\.test/s);
    assert.equal(exception?.message, 'uncaught exception: Error: from a timer');
    assert.match(exception?.stack ?? '', /^Error: from a timer\n +at .*last-resort\.test/s);
    assert.equal(lines.length, 2);
  });

  it("logs a listener's error, without the error's properties, and reports it to the streamer once in ten minutes", () => {
    const emitter = emitterOf<void>();
    emitter.event(() => {
      throw new SecretiveError('listener');
    });
    emitter.fire();
    emitter.fire();
    assert.equal(lines[0]?.message, 'a listener failed: Error: listener');
    assert.match(lines[0]?.stack ?? '', /^Error: listener\n +at /);
    assert.doesNotMatch(JSON.stringify(lines), /very-secret/);
    assert.equal(lines.length, 2);
    assert.ok(crashes.length > 0);
    assert.equal(notices.length, 1);
    clock.tick(600_000);
    emitter.fire();
    assert.equal(notices.length, 2);
  });

  it('limits the rate of logged errors, and counts the rest', () => {
    const emitter = emitterOf<number>();
    emitter.event((n) => {
      throw new Error(`${n} ${'x'.repeat(10_000)}`);
    });
    for (let n = 0; n < 10_000; n++) emitter.fire(n);
    assert.equal(lines.length, 20);
    assert.ok(lines.every(({ message, stack = '' }) => message.length <= 4200 && stack.length <= 4200));
    clock.tick(10_000);
    emitter.fire(10_000);
    assert.equal(lines[20]?.unlogged, 9980);
  });

  it('accepts any thrown value, and handles a log that fails', () => {
    const emitter = emitterOf<unknown>();
    emitter.event((value) => {
      throw value;
    });
    for (const value of [undefined, null, 'text', { a: { b: { c: 1 } } }, Symbol('s')]) emitter.fire(value);
    assert.equal(lines.length, 5);
    throwing = true;
    emitter.fire(new Error('not logged'));
  });

  it("passes a plugin's error to the plugin's host", async () => {
    const claim = processFaults.watch(({ error }) => String(error).includes('plugin'));
    try {
      void Promise.reject(new Error('of a plugin'));
      await turn();
      assert.deepEqual(lines, []);
      void Promise.reject(new Error('of ours'));
      await turn();
      assert.equal(lines.length, 1);
    } finally {
      claim.dispose();
    }
  });

  it("restores the process' handlers", () => {
    lastResort.dispose();
    assert.deepEqual(process.listeners('uncaughtException'), []);
    assert.deepEqual(process.listeners('unhandledRejection'), []);
  });
});
