import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import { CallQueue } from '../../../src/core/main-thread/call-queue.js';

interface Answerable {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

describe('calls of plugins to those of another host', () => {
  /** What the host has been sent: numbers of calls, and probes. */
  let sent: (number | 'probe')[];
  let calls: Answerable[];
  let probes: Answerable[];
  let queue: CallQueue;

  beforeEach(() => {
    sent = [];
    calls = [];
    probes = [];
    const sendRequest = () => {
      sent.push('probe');
      return new Promise((resolve, reject) => probes.push({ resolve, reject }));
    };
    queue = new CallQueue({ name: 'the host of b', sendRequest: sendRequest as never });
  });

  const run = (caller = 'a', token?: CancellationTokenSource['token']) => {
    const send = () => {
      sent.push(calls.length);
      return new Promise((resolve, reject) => calls.push({ resolve, reject }));
    };
    return queue.run(caller, send, token);
  };
  /** Makes so many calls, whose ends nothing waits for. */
  const start = (count: number, caller?: string) => {
    for (let index = 0; index < count; index++) run(caller).catch(() => {});
  };

  it('are sent at once while few are under way, without a probe', async () => {
    start(8);
    assert.deepEqual(sent, [0, 1, 2, 3, 4, 5, 6, 7]);
    for (const { resolve } of calls) resolve('done');
    await setImmediate();
    const last = run();
    calls[8]?.resolve('the last');
    assert.equal(await last, 'the last');
    assert.equal(sent.length, 9);
  });

  it('wait while the host has eight to handle, one for each answer', async () => {
    start(20);
    assert.deepEqual(sent.slice(7), [7, 'probe']);
    calls[3]?.resolve(null);
    await setImmediate();
    assert.deepEqual(sent.slice(9), [8], 'one probe at a time');
    calls[5]?.reject(new Error('a failed call is handled as well'));
    await setImmediate();
    assert.deepEqual(sent.slice(10), [9]);
  });

  it('do not wait for functions that wait for something themselves', async () => {
    start(20);
    probes[0]?.resolve(null);
    await setImmediate();
    assert.deepEqual(sent.slice(9), [8, 9, 10, 11, 12, 13, 14, 15, 'probe']);
    probes[1]?.resolve(null);
    await setImmediate();
    assert.equal(calls.length, 20, 'though none has been answered');
  });

  it('are refused beyond 128 of one plugin and 256 of all, those that are sent among them', async () => {
    start(128, 'a');
    await assert.rejects(run('a'), {
      code: 'rpc.busy',
      where: 'a',
      message: '128 calls of the plugin "a" to the host of b wait for an answer already',
    });
    start(127, 'c');
    start(1, 'd');
    await assert.rejects(run('d'), {
      code: 'rpc.busy',
      message: '256 calls of plugins to the host of b wait for an answer already',
    });
    calls[0]?.resolve(null);
    await setImmediate();
    start(1, 'a');
    await assert.rejects(run('a'), { code: 'rpc.busy' });
  });

  it('are taken out of the queue when they are cancelled', async () => {
    start(8);
    const source = new CancellationTokenSource();
    const cancelled = assert.rejects(run('a', source.token), { code: 'rpc.cancelled' });
    source.cancel();
    await cancelled;
    probes[0]?.resolve(null);
    await setImmediate();
    assert.equal(calls.length, 8, 'it is never sent');
    start(120);
    await assert.rejects(run(), { code: 'rpc.busy' }, 'and counts no more');
  });

  it('all fail when the host ends', async () => {
    const ended = new Error('ended');
    const all = Array.from({ length: 30 }, () => queue.run('a', () => Promise.reject(ended), undefined));
    const results = await Promise.allSettled(all);
    assert.ok(results.every((result) => result.status === 'rejected' && result.reason === ended));
  });

  it('fail when the host ends while they wait', async () => {
    const ended = new Error('ended');
    start(8);
    const waiting = assert.rejects(run(), { message: 'ended' });
    probes.at(-1)?.reject(ended);
    await setImmediate();
    calls[8]?.reject(ended);
    await waiting;
  });
});
