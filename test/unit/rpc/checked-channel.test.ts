import assert from 'node:assert/strict';
import * as z from 'zod';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { CheckedChannel } from '../../../src/rpc/checked-channel.js';
import { Add, ConnectedPair, Echo, Note, rejectsWith } from './connected-pair.js';

const Numbers = z.object({ a: z.number(), b: z.number() });
const Text = z.object({ value: z.string() });

describe('CheckedChannel', () => {
  let pair: ConnectedPair;
  let channel: CheckedChannel;

  beforeEach(() => {
    pair = new ConnectedPair().listen();
    channel = new CheckedChannel(pair.server, 'the client');
  });
  afterEach(() => pair.dispose());

  it('gives a handler of requests what the schema has made of the params', async () => {
    channel.serve(Add, Numbers, (params, token) => {
      assert.equal(token.isCancellationRequested, false);
      return Object.keys(params).length;
    });
    const params = { a: 1, b: 2, more: 3 };
    assert.equal(await pair.client.sendRequest(Add, params), 2);
  });

  it('refuses params that are not valid, with what is wrong and who sent them', async () => {
    const registration = channel.serve(Add, Numbers, () => assert.fail('it was called'));
    const call = () => pair.client.sendRequest(Add, { a: 1, b: 'two' as unknown as number });
    await assert.rejects(call(), {
      code: ErrorCodes.rpcInvalidParams,
      message: /^the client sent "add" with params that are not valid: .*b/,
      where: 'the client',
    });
    registration.dispose();
    new CheckedChannel(pair.server, 'x', ErrorCodes.pluginInvalid).serve(Add, Numbers, () => 0);
    await rejectsWith(call(), ErrorCodes.pluginInvalid);
  });

  it('gives a handler of notifications those that are admitted, and reports those that are not valid', async () => {
    const [seen, failures]: [unknown[], unknown[]] = [[], []];
    let admitted = true;
    pair.server.onDidFailHandler(({ method, error }) => failures.push([method, (error as Error).message]));
    channel.receive(
      Note,
      Text,
      ({ value }) => seen.push(value),
      () => admitted,
    );
    channel.serve(Add, Numbers, ({ a, b }) => a + b);
    const send = async (value: unknown) => {
      pair.client.sendNotification(Note, { value });
      await pair.client.sendRequest(Add, { a: 1, b: 1 });
    };
    await send('one');
    await send(2);
    admitted = false;
    await send('three');
    await send(4);
    assert.deepEqual(seen, ['one']);
    assert.equal(failures.length, 1);
    assert.match(String(failures[0]), /^note,the client sent "note" with params that are not valid: /);
  });

  it('admits all notifications unless it is configured otherwise', async () => {
    const seen: unknown[] = [];
    channel.receive(Note, Text, ({ value }) => seen.push(value));
    channel.serve(Add, Numbers, ({ a, b }) => a + b);
    pair.client.sendNotification(Note, { value: 'one' });
    await pair.client.sendRequest(Add, { a: 1, b: 1 });
    assert.deepEqual(seen, ['one']);
  });

  it('checks the answers to its own requests, and waits until the deadline that it is given', async () => {
    pair.client.onRequest(Echo, ({ value }) => (value === 'wait' ? new Promise(() => {}) : { value }));
    assert.deepEqual(await channel.ask(Echo, { value: 'one' }, Text), { value: 'one' });
    await assert.rejects(channel.ask(Echo, { value: 2 }, Text), {
      code: ErrorCodes.rpcInvalidParams,
      message: /^the client answered "echo" with what is not valid: /,
      where: 'the client',
    });
    await rejectsWith(
      channel.ask(Echo, { value: 'wait' }, Text, { deadlineMs: 5 }),
      ErrorCodes.rpcTimeout,
      /within 5 ms/,
    );
  });
});
