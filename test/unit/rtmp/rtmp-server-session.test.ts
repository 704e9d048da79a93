import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { type Amf0Value, isAmf0Object, writeAmf0 } from '../../../src/rtmp/amf0.js';
import { ChunkWriter } from '../../../src/rtmp/chunk-writer.js';
import { ChunkStream, MessageType, type RtmpMessage, uint32Message } from '../../../src/rtmp/messages.js';
import { RtmpCommandError, RtmpConnection, type StatusInfo } from '../../../src/rtmp/rtmp-connection.js';
import {
  RtmpRefusal,
  type RtmpServerHandler,
  RtmpServerSession,
  type RtmpSink,
  type StreamRequest,
} from '../../../src/rtmp/rtmp-server-session.js';
import { FakeClock } from '../../support/fake-clock.js';
import { cut, metadata } from '../../support/flv.js';

const HANDSHAKE = Buffer.concat([Buffer.from([3]), Buffer.alloc(2 * 1536)]);

describe('RtmpServerSession', () => {
  let clock: FakeClock;
  let near: Duplex;
  let session: RtmpServerSession;
  let asked: StreamRequest[];
  let media: [string, number, string][];
  let ends: boolean[];
  let answer: () => RtmpSink | Promise<RtmpSink>;
  let playing: RtmpServerSession | undefined;

  const sink: RtmpSink = {
    take: (kind, timestampMs, payload) => media.push([kind, timestampMs, payload.toString('latin1')]),
    end: (orderly) => ends.push(orderly),
  };
  const handler: RtmpServerHandler = {
    checkApp: (app) => {
      if (app !== 'live') throw new RtmpRefusal('NetConnection.Connect.InvalidApp', 'no such application');
    },
    publish: (request) => {
      asked.push(request);
      return answer();
    },
    play: (request, player) => {
      asked.push(request);
      playing = player;
      return { end: () => ends.push(true) };
    },
  };

  beforeEach(() => {
    clock = new FakeClock();
    asked = [];
    media = [];
    ends = [];
    answer = () => sink;
    playing = undefined;
    const [client, server] = createInMemoryPair();
    near = client;
    session = new RtmpServerSession(server, handler);
  });

  afterEach(async () => {
    session.dispose();
    near.destroy();
    await clock.pass(20);
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  /** Our own client on the other end. */
  function connect() {
    const statuses: StatusInfo[] = [];
    const messages: RtmpMessage[] = [];
    const client = new RtmpConnection(near, {
      onStatus: (info) => statuses.push(info),
      onClosed: () => {},
      onFlush: () => {},
      onDrain: () => {},
    });
    return { client, statuses, messages };
  }

  async function connected(app = 'live') {
    const { client, statuses } = connect();
    await client.handshake();
    const answered = await client.call('connect', { app, flashVer: 'a program', tcUrl: `rtmp://h/${app}` });
    const [, streamId] = await client.call('createStream', null);
    assert.equal(streamId, 1);
    return { client, statuses, answered };
  }

  const send = (client: RtmpConnection, type: number, timestamp: number, payload: Buffer, streamId = 1) =>
    client.write(ChunkStream.video, { type, streamId, timestamp, payload });

  it('takes what a client publishes, and tells how it ended', async () => {
    const { client, statuses, answered } = await connected();
    client.send(1, 'publish', null, 'name?key=secret', 'live');
    await clock.settle();
    assert.deepEqual(asked, [{ app: 'live', name: 'name?key=secret', program: 'a program' }]);
    assert.deepEqual(
      statuses.map(({ code }) => code),
      ['NetStream.Publish.Start'],
    );
    const [properties, info] = answered;
    assert.ok(isAmf0Object(properties) && isAmf0Object(info));
    assert.equal(info['code'], 'NetConnection.Connect.Success');
    send(client, MessageType.dataAmf0, 0, Buffer.concat([writeAmf0('@setDataFrame'), metadata(1)]));
    send(client, MessageType.dataAmf0, 1, metadata(2));
    send(client, MessageType.dataAmf0, 2, writeAmf0('onTextData', {}));
    send(client, MessageType.video, 0xffff_fffe, Buffer.alloc(70_000, 'v'));
    send(client, MessageType.audio, 7, Buffer.from('a'));
    send(client, MessageType.audio, 8, Buffer.from('of another stream'), 2);
    await clock.settle();
    assert.deepEqual(
      media.map(([kind, ms, text]) => [kind, ms, text.length]),
      [
        ['metadata', 0, metadata(1).length],
        ['metadata', 1, metadata(2).length],
        ['video', 0xffff_fffe, 70_000],
        ['audio', 7, 1],
      ],
    );
    client.send(1, 'deleteStream', null, 1);
    await clock.settle();
    assert.deepEqual(ends, [true]);
  });

  it('says that a publisher has vanished where it did not say goodbye', async () => {
    const { client } = await connected();
    client.send(1, 'publish', null, 'name', 'live');
    await clock.settle();
    near.destroy();
    await clock.settle();
    assert.deepEqual(ends, [false]);
  });

  it('plays to a client', async () => {
    const { client, statuses } = await connected();
    client.send(1, 'play', null, 'name');
    await clock.settle();
    assert.deepEqual(
      statuses.map(({ code }) => code),
      ['NetStream.Play.Reset', 'NetStream.Play.Start'],
    );
    playing?.send({ kind: 'video', timestampMs: 5, payload: Buffer.from('frame') });
    playing?.endPlayback();
    await clock.settle();
    assert.equal(statuses.at(-1)?.code, 'NetStream.Play.UnpublishNotify');
    assert.deepEqual(ends, [true]);
    await clock.pass(600);
    assert.ok(client.closeReason);
  });

  it('tells a client why it may not publish, and closes', async () => {
    answer = () => Promise.reject(new RtmpRefusal('NetStream.Publish.Denied', 'The key is wrong.'));
    const { client, statuses } = await connected();
    client.send(1, 'publish', null, 'name', 'live');
    await clock.settle();
    const { level, code, description } = statuses[0] ?? {};
    assert.deepEqual([level, code, description], ['error', 'NetStream.Publish.Denied', 'The key is wrong.']);
    await clock.pass(600);
    assert.ok(client.closeReason);
    assert.deepEqual(ends, []);
  });

  it('says nothing of what else has failed', async () => {
    answer = () => {
      throw new Error('a secret');
    };
    const { client, statuses } = await connected();
    client.send(1, 'publish', null, 'name', 'live');
    await clock.settle();
    assert.deepEqual(
      [statuses[0]?.code, statuses[0]?.description],
      ['NetStream.Publish.Failed', 'The server has failed.'],
    );
  });

  it('ends what was taken for a client that has gone meanwhile', async () => {
    let take: (sink: RtmpSink) => void = () => {};
    answer = () => new Promise((resolve) => (take = resolve));
    const { client } = await connected();
    client.send(1, 'publish', null, 'name', 'live');
    await clock.settle();
    near.destroy();
    await clock.settle();
    take(sink);
    await clock.settle();
    assert.deepEqual([ends, media], [[false], []]);
  });

  it('closes a client that publishes on a message stream that it has not created', async () => {
    const { client } = await connected();
    client.send(2, 'publish', null, 'name', 'live');
    await clock.settle();
    assert.ok(client.closeReason);
    assert.deepEqual(asked, []);
  });

  it('closes a player that floods, and none that acknowledges for a day', async () => {
    const { client } = await connected();
    client.send(1, 'play', null, 'name');
    await clock.settle();
    const acknowledgement = uint32Message(MessageType.acknowledgement, 1);
    for (let second = 0; second < 300; second++) {
      for (let n = 0; n < 100; n++) client.write(ChunkStream.control, acknowledgement);
      await clock.pass(1000);
    }
    assert.equal(client.closeReason, undefined);
    for (let n = 0; n < 5; n++) send(client, MessageType.dataAmf0, 0, Buffer.alloc(100_000));
    for (let turn = 0; turn < 50 && client.closeReason === undefined; turn++) await clock.settle();
    assert.ok(client.closeReason);
  });

  it('has no application but those that there are', async () => {
    await assert.rejects(connected('other'), (error: unknown) => {
      assert.ok(error instanceof RtmpCommandError);
      assert.equal(error.info.code, 'NetConnection.Connect.InvalidApp');
      return true;
    });
  });

  it('closes a client that neither publishes nor plays in time, however it drips', async () => {
    near.write(HANDSHAKE);
    for (let second = 0; second < 9; second++) {
      near.write(Buffer.from([0]));
      await clock.pass(1000);
    }
    near.resume();
    assert.equal(near.destroyed, false);
    await clock.pass(1500);
    assert.ok(near.destroyed || near.readableEnded);
  });

  it('closes a client that sends too much before it publishes', async () => {
    near.resume();
    near.write(HANDSHAKE);
    for (let n = 0; n < 80; n++) near.write(Buffer.alloc(4096));
    for (let turn = 0; turn < 20 && !near.destroyed; turn++) await clock.settle();
    assert.ok(near.destroyed || near.readableEnded);
  });

  it('takes what a client sends, however it is cut', async () => {
    const chunks = new ChunkWriter();
    const command = (streamId: number, ...values: Amf0Value[]) =>
      chunks.write(3, {
        type: MessageType.commandAmf0,
        streamId,
        timestamp: 0,
        payload: writeAmf0(...values),
      });
    const bytes = Buffer.concat([
      HANDSHAKE,
      command(0, 'connect', 1, { app: 'live' }),
      command(0, 'createStream', 2, null),
      command(1, 'publish', 0, null, 'name', 'live'),
    ]);
    const frame = chunks.write(6, {
      type: MessageType.video,
      streamId: 1,
      timestamp: 40,
      payload: Buffer.alloc(500, 'x'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1 }), async (lengths) => {
        const [client, server] = createInMemoryPair();
        const other = new RtmpServerSession(server, handler);
        media = [];
        client.resume();
        asked = [];
        for (const piece of cut(bytes, lengths)) client.write(piece);
        for (let turn = 0; turn < 500 && asked.length === 0; turn++) await clock.settle();
        await clock.settle();
        for (const piece of cut(frame, lengths)) client.write(piece);
        for (let turn = 0; turn < 500 && media.length === 0; turn++) await clock.settle();
        assert.deepEqual(
          media.map(([kind, ms]) => [kind, ms]),
          [['video', 40]],
        );
        other.dispose();
        client.destroy();
        await clock.settle();
      }),
      { numRuns: 25 },
    );
  });
});
