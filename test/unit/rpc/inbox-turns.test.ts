import assert from 'node:assert/strict';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import type { BudgetLimits } from '../../../src/rpc/receive-budget.js';
import { FakeClock } from '../../support/fake-clock.js';
import {
  Add,
  closeOf,
  frame,
  Hold,
  type Limits,
  Note,
  RawPeer,
  rejectsWith,
  turn,
} from './connected-pair.js';

/** With this clock, messages take only the time that their handlers let pass. */
describe('what is read from a peer', () => {
  let clock: FakeClock;
  let peer: RawPeer;
  let noted: unknown[];
  let answers: string;

  beforeEach(async () => {
    clock = new FakeClock();
    await clock.settle();
  });
  afterEach(async () => {
    peer.dispose();
    await clock.settle();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  /** A peer whose notes take so many ms each. */
  function connect(noteMs: number, limits: Limits = {}): void {
    peer = new RawPeer(limits);
    noted = [];
    answers = '';
    peer.connection.onNotification(Note, ({ value }) => {
      noted.push(value);
      clock.tick(noteMs);
    });
    peer.connection.onRequest(Add, ({ a, b }) => a + b);
    peer.end.on('data', (chunk: Buffer) => {
      answers += chunk.toString('latin1');
    });
    peer.connection.listen();
  }

  const note = (value: unknown = 0) => ({ jsonrpc: '2.0', method: 'note', params: { value } });
  const times = (count: number, message: unknown = note()) => Array.from({ length: count }, () => message);
  const budget = (change: Partial<BudgetLimits>): BudgetLimits => ({
    bytesPerSecond: 1e12,
    cpuMsPerSecond: 1000,
    burstMs: 1e6,
    patienceMs: 1e6,
    ...change,
  });

  /** Reads these bytes as one chunk, and handles what one turn has room for. */
  function read(...bodies: unknown[]): void {
    peer.near.push(Buffer.concat(bodies.map(frame)));
  }

  /** Number of notes that each of the next turns handles, until there are no more. */
  async function turnsOfNotes(): Promise<number[]> {
    const counts: number[] = [];
    for (let before = 0, idle = 0; idle < 4; before = noted.length) {
      await turn();
      if (noted.length > before) counts.push(noted.length - before);
      idle = noted.length > before ? 0 : idle + 1;
    }
    return counts;
  }

  it('looks at the clock after each 16 small messages', async () => {
    connect(1);
    read(...times(100));
    assert.deepEqual((await turnsOfNotes())[0], 32);
    assert.equal(noted.length, 100);
  });

  it('looks at the clock after each large message', async () => {
    connect(5);
    read(...times(4, note('x'.repeat(9000))));
    assert.equal((await turnsOfNotes())[0], 2);
    assert.equal(noted.length, 4);
  });

  it('is not cut into slices while it takes no time', async () => {
    connect(0);
    read(...times(1000));
    assert.deepEqual(await turnsOfNotes(), [1000]);
  });

  it('with a budget takes 0.02 ms for each answer at least: 200 messages fill a turn', async () => {
    connect(0, { budget: budget({}) });
    read(...times(500));
    assert.deepEqual(await turnsOfNotes(), [208, 208, 84]);
  });

  it('with a budget is charged for its bytes, once', async () => {
    connect(0, { budget: budget({ bytesPerSecond: 1000, burstMs: 1000 }) });
    read(note('x'.repeat(1100)));
    await clock.settle();
    const before = performance.now();
    read(note('next'));
    while (noted.length < 2) await clock.pass(1);
    const bytes = frame(note('x'.repeat(1100))).length;
    assert.equal(performance.now() - before, bytes - 1000);
  });

  it('with a budget is charged for its share of the time that answers took too', async () => {
    connect(50, { budget: budget({ cpuMsPerSecond: 100, burstMs: 200 }) });
    const call = peer.connection.sendRequest(Hold, {});
    await clock.settle();
    read([note('first'), { jsonrpc: '2.0', id: 0, result: 'answer' }]);
    assert.equal(await call, 'answer');
    read(note('second'));
    // Half of 50 ms, and 0.02: 250.2 ms of the budget, of which 200 are free.
    await clock.pass(50);
    assert.deepEqual(noted, ['first']);
    await clock.pass(1);
    assert.deepEqual(noted, ['first', 'second']);
    peer.connection.dispose();
  });

  it('with a budget ends when the peer floods: what was not handled is dropped', async () => {
    connect(50, { budget: budget({ cpuMsPerSecond: 50, burstMs: 400, patienceMs: 600 }) });
    const closed = closeOf(peer.connection);
    read(note(1));
    await clock.pass(601);
    assert.equal(peer.connection.closed, false);
    read(note('x'.repeat(9000)), note('dropped'));
    await clock.settle();
    await rejectsWith(Promise.reject(await closed), ErrorCodes.rpcFlooded, /it sends faster than it is read/);
    read(note(3));
    await clock.settle();
    assert.deepEqual([noted.length, noted[0]], [2, 1]);
  });

  it('is handled to its end before the connection closes, however many turns it takes', async () => {
    connect(1);
    const closed = closeOf(peer.connection);
    read(...times(100));
    peer.near.push(null);
    assert.equal(await closed, undefined);
    assert.equal(noted.length, 100);
  });

  it('ends with the first thing that was wrong', async () => {
    connect(0);
    await turn();
    const closed = closeOf(peer.connection);
    peer.near.push(
      Buffer.concat([frame(note(1)), Buffer.from([0, 0, 0, 2]), Buffer.from('{]'), frame(note(2))]),
    );
    peer.near.push(Buffer.from([0, 0]));
    peer.near.push(null);
    await rejectsWith(
      Promise.reject(await closed),
      ErrorCodes.rpcFraming,
      /^a message of 2 bytes is not JSON$/,
    );
    assert.deepEqual(noted, [1]);
  });

  it('counts a request of a batch as its share of the bytes', async () => {
    const call = (id: number, text: string) => ({ jsonrpc: '2.0', id, method: 'hold', params: { text } });
    const batch = [1, 2, 3, 4].map((id) => call(id, 'x'.repeat(100)));
    const bytes = frame(batch).length - 4;
    for (const [maxInFlightBytes, refused] of [
      [bytes, 0],
      [bytes - 1, 1],
    ] as const) {
      connect(0, { maxInFlightBytes });
      peer.connection.onRequest(Hold, () => new Promise(() => {}));
      read(batch);
      await clock.settle();
      assert.equal(answers.split('was refused').length - 1, refused * 2, 'in the message and in its data');
      peer.dispose();
    }
  });

  it('goes on after a reset or a broken pipe as after an end', async () => {
    for (const code of ['ECONNRESET', 'EPIPE']) {
      connect(0);
      const closed = closeOf(peer.connection);
      peer.near.destroy(Object.assign(new Error(code), { code }));
      assert.equal(await closed, undefined);
      peer.dispose();
    }
  });
});
