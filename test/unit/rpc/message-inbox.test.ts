import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import type { Disposable, Message, RequestMessage } from 'vscode-jsonrpc/node';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { type InboxOptions, MessageInbox } from '../../../src/rpc/message-inbox.js';
import { FakeClock } from '../../support/fake-clock.js';
import { frame } from './connected-pair.js';

const note = (value: unknown = 0) => ({ jsonrpc: '2.0', method: 'note', params: { value } });
const request = (id: number | string) => ({ jsonrpc: '2.0', id, method: 'ask' });
const response = (id: number) => ({ jsonrpc: '2.0', id, result: id });
const cancel = (id: unknown) => ({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id } });

/** An inbox whose handler is the test. */
class Fixture {
  readonly inbox: MessageInbox;
  readonly near: Duplex;
  readonly reading: Disposable;
  readonly far: Duplex;
  readonly handled: Message[] = [];
  readonly delivered: Message[] = [];
  readonly refused: string[] = [];
  readonly failures: unknown[] = [];
  closed = 0;
  private start: () => void = () => {};

  constructor(
    options: Partial<InboxOptions> = {},
    private readonly onMessage: (message: Message) => unknown = () => {},
  ) {
    [this.near, this.far] = createInMemoryPair();
    this.inbox = new MessageInbox(this.near, {
      limits: { maxBytes: 100_000, maxDepth: 20, maxElements: 10_000 },
      budget: undefined,
      maxInFlight: 10,
      maxInFlightBytes: 10_000,
      refuse: (_request: RequestMessage, why) => this.refused.push(why),
      isAwaited: (id) => typeof id === 'number' && id < 1000,
      isHeldUp: () => false,
      onFailure: (error) => this.failures.push(error),
      ...options,
    });
    this.inbox.onClose(() => (this.closed += 1));
    this.reading = this.inbox.listen((message) => {
      if (this.delivered.length === 0) this.start = () => this.handleFrom(message);
      this.delivered.push(message);
    });
  }

  /** Gives it the handler, as the library does in its first turn. */
  begin(): this {
    this.start();
    return this;
  }

  private handleFrom(firstTurn: Message): void {
    this.inbox.handleMessage(firstTurn, (next: Message) => {
      this.handled.push(next);
      return Promise.resolve(this.onMessage(next)) as Promise<void>;
    });
  }

  dispose(): void {
    this.inbox.dispose();
    this.far.destroy();
    this.near.destroy();
  }
}

describe('MessageInbox', () => {
  const fixtures: Fixture[] = [];
  let clock: FakeClock;

  function create(options?: Partial<InboxOptions>, onMessage?: (message: Message) => unknown): Fixture {
    const fixture = new Fixture(options, onMessage);
    fixtures.push(fixture);
    return fixture;
  }

  beforeEach(() => {
    clock = new FakeClock();
  });
  afterEach(() => {
    for (const fixture of fixtures.splice(0)) fixture.dispose();
    clock.restore();
  });

  it('keeps what it reads until it has its handler', async () => {
    const fixture = create();
    const { far, near, handled, inbox } = fixture;
    far.write(frame([note(1), note(2)]));
    inbox.answer({ jsonrpc: '2.0', id: 1, result: 0 });
    await clock.settle();
    assert.deepEqual(handled, []);
    assert.ok(near.listenerCount('data') > 0);
    fixture.begin();
    assert.deepEqual(handled, [note(1), note(2)]);
    inbox.answer({ jsonrpc: '2.0', id: 1, result: 0 });
    assert.equal(handled.length, 3);
  });

  it('handles nothing once it is disposed of, and leaves only the listener for errors', async () => {
    const { far, near, handled, inbox } = create().begin();
    const before = near.listenerCount('error');
    inbox.dispose();
    assert.deepEqual(
      ['data', 'error'].map((name) => near.listenerCount(name)),
      [0, before],
    );
    inbox.answer({ jsonrpc: '2.0', id: 1, result: 0 });
    far.write(frame(note()));
    await clock.settle();
    far.destroy();
    await clock.settle();
    assert.deepEqual(handled, []);
  });

  it('stops at the message whose handler disposes of it, without a timer', async () => {
    const budget = { bytesPerSecond: 1e9, cpuMsPerSecond: 1000, burstMs: 20, patienceMs: 1000 };
    const fixture: Fixture = create({ budget }, () => {
      clock.tick(100);
      fixture.inbox.dispose();
    }).begin();
    fixture.far.write(frame([note(1), note(2)]));
    await clock.settle();
    assert.deepEqual(fixture.handled, [note(1)]);
    assert.equal(fixture.closed, 0);
    assert.equal(clock.pending, 0);
  });

  it('stops reading when its listener is disposed of', () => {
    const { near, reading } = create();
    assert.equal(near.listenerCount('data'), 1);
    reading.dispose();
    assert.equal(near.listenerCount('data'), 0);
  });

  it('handles what follows a response in a later step, and closes only then', async () => {
    const fixture = create();
    fixture.far.write(frame([response(1), note(1), note(2)]));
    fixture.far.end();
    await clock.settle();
    fixture.begin();
    assert.deepEqual([fixture.handled.length, fixture.closed], [1, 0]);
    await clock.settle();
    assert.deepEqual([fixture.handled.length, fixture.closed], [3, 1]);
  });

  it('closes once, after the messages that were read before the end', async () => {
    const fixture = create();
    fixture.far.write(frame([note(1), note(2)]));
    fixture.far.end();
    await clock.settle();
    assert.equal(fixture.closed, 0);
    fixture.begin();
    assert.equal(fixture.handled.length, 2);
    assert.equal(fixture.closed, 1);
    fixture.near.destroy();
    await clock.settle();
    assert.equal(fixture.closed, 1);
  });

  it('shares the time of a turn with other connections', async () => {
    let order = '';
    const slow = (name: string) => () => {
      order += name;
      clock.tick(1);
    };
    const budget = { bytesPerSecond: 1e9, cpuMsPerSecond: 1e6, burstMs: 1e6, patienceMs: 1e6 };
    const first = create({ budget }, slow('a')).begin();
    const second = create({ budget }, slow('b')).begin();
    const large = 'x'.repeat(9000);
    // Both arrive in one turn.
    first.near.emit('data', Buffer.concat(Array.from({ length: 10 }, () => frame(note(large)))));
    second.near.emit('data', Buffer.concat(Array.from({ length: 10 }, () => frame(note(large)))));
    assert.match(order, /^a{4,5}$/, 'the second has to wait for its turn');
    await clock.settle();
    assert.equal(order.length, 20);
    assert.match(order, /ab+a/, 'then they take turns');
  });

  describe('with a budget', () => {
    const budget = { bytesPerSecond: 1e9, cpuMsPerSecond: 1000, burstMs: 20, patienceMs: 1000 };

    it('charges a peer for the share of its messages that nobody asked for', async () => {
      const answered = create({ budget }, () => clock.tick(1)).begin();
      // 18 ms, of which a ninth is the notifications'.
      for (let turn = 0; turn < 9; turn++) {
        answered.far.write(frame([response(1), response(2)]));
        await clock.settle();
      }
      for (let turn = 0; turn < 2; turn++) {
        answered.far.write(frame(note()));
        await clock.settle();
      }
      assert.equal(answered.handled.length, 20);
      assert.equal(answered.inbox.slowedAtMs, Number.NEGATIVE_INFINITY);
    });

    it('charges the whole time of messages that nobody asked for, a response among them', async () => {
      const asking = create({ budget }, () => clock.tick(30)).begin();
      asking.far.write(frame(response(1000)));
      await clock.settle();
      assert.equal(asking.inbox.slowedAtMs, performance.now());
      asking.far.write(frame(note()));
      await clock.settle();
      assert.equal(asking.handled.length, 1, 'it has to wait');
      // 30 ms and the estimate for an answer, less the burst of 20.
      await clock.pass(10, 10);
      assert.equal(asking.handled.length, 1);
      await clock.pass(1, 1);
      assert.equal(asking.handled.length, 2);
    });

    it('remembers when it last slowed a peer', async () => {
      const asking = create({ budget }, () => clock.tick(30)).begin();
      asking.far.write(frame(note()));
      await clock.settle();
      await clock.pass(11, 1);
      const releasedAtMs = performance.now();
      await clock.pass(500);
      assert.equal(asking.inbox.slowedAtMs, releasedAtMs);
      assert.equal(asking.closed, 0);
    });
  });

  describe('with requests', () => {
    it('has one of each id, and as many as allowed', async () => {
      const never = new Promise(() => {});
      const { far, handled, refused } = create({ maxInFlight: 2 }, () => never).begin();
      far.write(frame([request(1), request(1), request('1'), request(3)]));
      await clock.settle();
      assert.deepEqual(handled, [request(1), request('1')]);
      assert.deepEqual(refused, [
        'another call with its id is being answered',
        '2 calls are being answered already',
      ]);
    });

    it('passes on the cancellation of one that is being answered, whatever its id is made of', async () => {
      const never = new Promise(() => {});
      const { far, delivered } = create({}, () => never).begin();
      far.write(frame([request(1), request('one')]));
      const harmless = ['two', 2, null, [1], undefined].map(cancel);
      far.write(frame([...harmless, cancel(1), cancel('one')]));
      await clock.settle();
      assert.deepEqual(delivered.slice(1), [cancel(1), cancel('one')]);
    });

    it('reports a handler that rejects, and forgets its call', async () => {
      const error = new Error('no answer could be written');
      const fixture = create({ maxInFlight: 1 }, () => Promise.reject(error)).begin();
      for (const id of [1, 2]) {
        fixture.far.write(frame(request(id)));
        await clock.settle();
      }
      assert.deepEqual(fixture.failures, [error, error]);
      assert.deepEqual(fixture.refused, []);
    });
  });

  it('does not read on when answers are written after it was disposed of', async () => {
    const { far, inbox, near } = create({ isHeldUp: () => true }).begin();
    far.write(frame(note(1)));
    await clock.settle();
    inbox.dispose();
    near.emit('drain');
    assert.equal(near.isPaused(), true);
  });

  it('reads no more while too many answers wait to be written', async () => {
    let isHeldUp = true;
    const { far, near, handled } = create({ isHeldUp: () => isHeldUp }).begin();
    far.write(frame(note(1)));
    await clock.settle();
    assert.equal(near.isPaused(), true);
    far.write(frame(note(2)));
    await clock.settle();
    assert.deepEqual(handled, [note(1)]);
    isHeldUp = false;
    near.emit('drain');
    await clock.settle();
    assert.deepEqual(handled, [note(1), note(2)]);
  });
});
