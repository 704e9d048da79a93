import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type CancellationToken,
  CancellationTokenSource,
  NotificationType,
  NotificationType0,
  RequestType,
  RequestType0,
} from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { Add, ConnectedPair, Echo, frame, Hold, Note, RawPeer, rejectsWith, turn } from './connected-pair.js';

describe('RpcConnection', () => {
  let pair: ConnectedPair;

  beforeEach(() => {
    pair = new ConnectedPair().listen();
    pair.server.onRequest(Add, ({ a, b }) => a + b);
    pair.server.onRequest(Echo, ({ value }) => ({ value }));
  });
  afterEach(() => pair.dispose());

  describe('calls', () => {
    it('answers requests, from both sides', async () => {
      pair.client.onRequest(Add, async ({ a, b }) => a * b);
      assert.equal(await pair.client.sendRequest(Add, { a: 2, b: 3 }), 5);
      assert.equal(await pair.server.sendRequest(Add, { a: 2, b: 3 }), 6);
    });

    it('accepts messages without parameters', async () => {
      const Ping = new RequestType0<null, void>('ping');
      const Poke = new NotificationType0('poke');
      let pokes = 0;
      pair.server.onRequest(Ping, (params, token) => {
        assert.equal(params, undefined);
        assert.equal(token.isCancellationRequested, false);
        return null;
      });
      pair.server.onNotification(Poke, () => {
        pokes += 1;
      });
      assert.equal(pair.client.sendNotification(Poke), true);
      assert.equal(await pair.client.sendRequest(Ping), null);
      assert.equal(pokes, 1);
    });

    it('returns any JSON value unchanged', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 20 }), async (values) => {
          const answers = await Promise.all(values.map((value) => pair.client.sendRequest(Echo, { value })));
          assert.deepEqual(
            answers.map(({ value }) => value),
            JSON.parse(JSON.stringify(values)),
          );
        }),
        { numRuns: 50 },
      );
    });

    it('passes `$/progress` like any notification', async () => {
      const Progress = new NotificationType<{ token: string; value: number }>('$/progress');
      const seen: number[] = [];
      pair.client.onNotification(Progress, ({ value }) => seen.push(value));
      pair.server.onRequest(Hold, () => {
        for (const value of [1, 2, 3]) pair.server.sendNotification(Progress, { token: 't', value });
        return [...seen];
      });
      assert.deepEqual(await pair.client.sendRequest(Hold, {}), []);
      assert.deepEqual(seen, [1, 2, 3]);
    });
  });

  describe('order', () => {
    it('handles the messages of one tick in the order in which they were sent', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }), async (kinds) => {
          const own = new ConnectedPair().listen();
          const handled: number[] = [];
          own.server.onRequest(Hold, ({ id }) => {
            handled.push(id ?? -1);
            return id;
          });
          own.server.onNotification(Note, ({ value }) => handled.push(value as number));
          const answers = kinds.map((isRequest, id) => {
            if (isRequest) return own.client.sendRequest(Hold, { id });
            return Promise.resolve(own.client.sendNotification(Note, { value: id }) ? id : -1);
          });
          assert.deepEqual(
            await Promise.all(answers),
            kinds.map((_, id) => id),
          );
          await turn();
          await turn();
          assert.deepEqual(
            handled,
            kinds.map((_, id) => id),
          );
          own.dispose();
        }),
        { numRuns: 30 },
      );
    });

    it('lets code that awaits a response run before the next message is handled', async () => {
      const seen: string[] = [];
      pair.client.onNotification(Note, ({ value }) => seen.push(String(value)));
      pair.server.onRequest(Hold, ({ id }) => {
        // The response is sent in a microtask of this tick, and the notification after it: one write, one
        // read.
        queueMicrotask(() =>
          process.nextTick(() => pair.server.sendNotification(Note, { value: `after ${id}` })),
        );
        return id;
      });
      const call = async (id: number) => {
        await pair.client.sendRequest(Hold, { id });
        // Several promises away from the library's own, as in callers' code.
        await Promise.resolve().then(() => Promise.resolve());
        seen.push(`awaited ${id}`);
      };
      await Promise.all([call(1), call(2)]);
      while (seen.length < 4) await turn();
      assert.deepEqual(
        seen.map((text) => text.split(' ')[0]),
        ['awaited', 'awaited', 'after', 'after'],
      );
    });

    it('keeps a response behind the notifications that were sent before it', async () => {
      const seen: unknown[] = [];
      pair.client.onNotification(Note, ({ value }) => seen.push(value));
      pair.server.onRequest(Hold, () => {
        pair.server.sendNotification(Note, { value: 'before' });
        return 'response';
      });
      seen.push(await pair.client.sendRequest(Hold, {}));
      assert.deepEqual(seen, ['before', 'response']);
    });

    it('writes the messages of one tick together', async () => {
      let writes = 0;
      const write = pair.clientEnd.write.bind(pair.clientEnd) as (chunk: unknown) => boolean;
      pair.clientEnd.write = (chunk: unknown) => {
        writes += 1;
        return write(chunk);
      };
      await Promise.all(Array.from({ length: 50 }, (_, a) => pair.client.sendRequest(Add, { a, b: 1 })));
      assert.equal(writes, 1);
    });
  });

  describe('errors', () => {
    it("preserve a BulkheadError's code, location, remedy and remote stack", async () => {
      pair.server.onRequest(Hold, function theRemoteHandler(): never {
        throw new BulkheadError(ErrorCodes.inputBusy, 'The camera is in use.', {
          where: '/dev/video0',
          remedy: 'Close the other program.',
        });
      });
      await assert.rejects(pair.client.sendRequest(Hold, {}), (error: unknown) => {
        assert.ok(error instanceof BulkheadError);
        assert.deepEqual(error.toData(), {
          code: 'input.busy',
          message: 'The camera is in use.',
          where: '/dev/video0',
          remedy: 'Close the other program.',
        });
        assert.match((error.cause as Error).stack ?? '', /theRemoteHandler/);
        return true;
      });
    });

    it('convert any other error to an internal one, with the original as its cause', async () => {
      pair.server.onRequest(Hold, () => Promise.reject(new TypeError('x is not a function')));
      await assert.rejects(pair.client.sendRequest(Hold, {}), (error: unknown) => {
        assert.ok(error instanceof BulkheadError);
        assert.equal(error.code, ErrorCodes.internal);
        assert.equal(error.message, 'x is not a function');
        assert.equal((error.cause as Error).name, 'TypeError');
        return true;
      });
    });

    it('name a method without a handler', async () => {
      const Nobody = new RequestType<object, null, void>('nobody/handles');
      await rejectsWith(
        pair.client.sendRequest(Nobody, {}),
        ErrorCodes.internal,
        /nobody\/handles to server failed: server has no such method/,
      );
    });

    it('of a notification handler are reported, and the next message is handled', async () => {
      const failures: unknown[] = [];
      pair.server.onDidFailHandler((failure) => failures.push(failure));
      const error = new Error('thrown by a handler');
      pair.server.onNotification(Note, () => {
        throw error;
      });
      pair.client.sendNotification(Note, { value: 1 });
      assert.equal(await pair.client.sendRequest(Add, { a: 1, b: 1 }), 2);
      assert.deepEqual(failures, [{ method: 'note', error }]);
    });

    it('are thrown if a method gets a second handler before the first is disposed of', () => {
      const first = pair.server.onRequest(Hold, () => 1);
      assert.throws(() => pair.server.onRequest(Hold, () => 2), /hold has a handler already/);
      first.dispose();
      const second = pair.server.onRequest(Hold, () => 3);
      first.dispose();
      assert.throws(() => pair.server.onRequest(Hold, () => 4), /hold has a handler already/);
      second.dispose();
      const note = pair.server.onNotification(Note, () => {});
      assert.throws(() => pair.server.onNotification(Note, () => {}), /note has a handler already/);
      note.dispose();
    });

    it('are clear about a call before `listen`', async () => {
      const silent = new ConnectedPair();
      await rejectsWith(
        silent.client.sendRequest(Add, { a: 1, b: 1 }),
        ErrorCodes.internal,
        /is not listening yet/,
      );
      silent.dispose();
    });
  });

  describe('values that JSON cannot represent', () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    for (const [what, value, message] of [
      ['a BigInt', 1n, /BigInt/],
      ['a circular object', circular, /circular/],
    ] as const) {
      it(`are refused as parameters: ${what}`, async () => {
        await rejectsWith(
          pair.client.sendRequest(Echo, { value }),
          ErrorCodes.rpcUnencodable,
          new RegExp(`echo to server failed.*${message.source}`, 's'),
        );
        assert.equal(await pair.client.sendRequest(Add, { a: 1, b: 1 }), 2);
      });

      it(`fail the call as a result, and no other: ${what}`, async () => {
        pair.server.onRequest(Hold, () => value);
        pair.client.onRequest(Add, ({ a, b }) => a * b);
        await rejectsWith(pair.client.sendRequest(Hold, {}), ErrorCodes.rpcUnencodable, message);
        assert.equal(await pair.client.sendRequest(Add, { a: 1, b: 1 }), 2);
        const failing = pair.client.sendRequest(Hold, {}).catch(() => 'failed');
        await turn();
        assert.equal(await pair.server.sendRequest(Add, { a: 2, b: 3 }), 6);
        assert.equal(await failing, 'failed');
      });

      it(`drop a notification: ${what}`, async () => {
        const failures: { method: string; error: unknown }[] = [];
        pair.client.onDidFailHandler((failure) => failures.push(failure));
        assert.equal(pair.client.sendNotification(Note, { value }), false);
        assert.equal(failures.length, 1);
        assert.match(String(failures[0]?.error), message);
      });
    }
  });

  describe('deadlines and cancellation', () => {
    it('reject a call that is not answered in time, and cancel it at the peer', async () => {
      const cancelled = new Promise<void>((resolve) => {
        pair.server.onRequest(Hold, (_params, token) => {
          token.onCancellationRequested(() => resolve());
          return new Promise(() => {});
        });
      });
      await rejectsWith(
        pair.client.sendRequest(Hold, {}, { deadlineMs: 20 }),
        ErrorCodes.rpcTimeout,
        /hold to server failed: no response within 20 ms/,
      );
      await cancelled;
    });

    it('ignore an answer that comes too late', async () => {
      let answer: (value: unknown) => void = () => {};
      pair.server.onRequest(
        Hold,
        () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      );
      await rejectsWith(pair.client.sendRequest(Hold, {}, { deadlineMs: 5 }), ErrorCodes.rpcTimeout);
      answer('late');
      assert.equal(await pair.client.sendRequest(Add, { a: 1, b: 1 }), 2);
    });

    it('accept an answer that arrived while the process was stopped', async () => {
      const peer = new RawPeer();
      peer.connection.listen();
      await turn();
      const call = peer.connection.sendRequest(Hold, {}, { deadlineMs: 10 });
      peer.end.write(frame({ jsonrpc: '2.0', id: 0, result: 'in time' }));
      const until = performance.now() + 30;
      while (performance.now() < until);
      assert.equal(await call, 'in time');
      peer.dispose();
    });

    it('accept an infinite deadline', async () => {
      pair.server.onRequest(Hold, () => new Promise((resolve) => setTimeout(resolve, 30, 'answer')));
      assert.equal(
        await pair.client.sendRequest(Hold, {}, { deadlineMs: Number.POSITIVE_INFINITY }),
        'answer',
      );
    });

    it("leave nothing behind in the caller's token", async () => {
      let listeners = 0;
      const token: CancellationToken = {
        isCancellationRequested: false,
        onCancellationRequested: () => {
          listeners += 1;
          return {
            dispose: () => {
              listeners -= 1;
            },
          };
        },
      };
      const call = pair.client.sendRequest(Add, { a: 1, b: 1 }, { token });
      assert.equal(listeners, 1);
      await call;
      assert.equal(listeners, 0);
    });

    it('let the caller cancel, and the handler decide the result', async () => {
      pair.server.onRequest(
        Hold,
        ({ id }, token) =>
          new Promise((resolve, reject) => {
            token.onCancellationRequested(() =>
              id === 1 ? resolve('half done') : reject(new Error('stopped')),
            );
          }),
      );
      const source = new CancellationTokenSource();
      const first = pair.client.sendRequest(Hold, { id: 1 }, { token: source.token });
      const second = pair.client.sendRequest(Hold, { id: 2 }, { token: source.token });
      const other = pair.client.sendRequest(Hold, { id: 3 }, { deadlineMs: 200 });
      await turn();
      source.cancel();
      assert.equal(await first, 'half done');
      await rejectsWith(second, ErrorCodes.rpcCancelled, /hold was cancelled/);
      await rejectsWith(other, ErrorCodes.rpcTimeout);
    });

    it('cancel a request that left in the same tick, and one whose token was cancelled before', async () => {
      let started = 0;
      pair.server.onRequest(Hold, (_params, token) => {
        started += 1;
        return new Promise((resolve) => {
          if (token.isCancellationRequested) resolve('cancelled');
          else token.onCancellationRequested(() => resolve('cancelled'));
        });
      });
      const source = new CancellationTokenSource();
      const call = pair.client.sendRequest(Hold, {}, { token: source.token });
      source.cancel();
      assert.equal(await call, 'cancelled');
      assert.equal(await pair.client.sendRequest(Hold, {}, { token: source.token }), 'cancelled');
      assert.equal(started, 2);
    });
  });
});
