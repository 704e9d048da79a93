import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { type Amf0Value, isAmf0Object, readAmf0, writeAmf0 } from '../../../src/media/amf0.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { ChunkReader } from '../../../src/rtmp/chunk-reader.js';
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
  /** The session's own end. */
  let far: Duplex;
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
    far = server;
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

  it('receives what a client publishes, and reports how it ended', async () => {
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

  it('reports that a publisher has disconnected without an orderly end', async () => {
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
    await clock.pass(1100);
    assert.ok(client.closeReason);
  });

  it('sends a client the reason why it may not publish, and closes', async () => {
    answer = () => Promise.reject(new RtmpRefusal('NetStream.Publish.Denied', 'The key is wrong.'));
    const { client, statuses } = await connected();
    client.send(1, 'publish', null, 'name', 'live');
    await clock.settle();
    const { level, code, description } = statuses[0] ?? {};
    assert.deepEqual([level, code, description], ['error', 'NetStream.Publish.Denied', 'The key is wrong.']);
    await clock.pass(1100);
    assert.ok(client.closeReason);
    assert.deepEqual(ends, []);
  });

  it('leaves it to its handler what a publisher without a name is told', async () => {
    const { client } = await connected();
    client.send(1, 'publish', null, '', 'live');
    await clock.settle();
    assert.deepEqual(asked, [{ app: 'live', name: '', program: 'a program' }]);
  });

  it('does not reveal other errors', async () => {
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

  it('ends the stream of a client that has disconnected in the meantime', async () => {
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

  it('rejects unknown applications', async () => {
    await assert.rejects(connected('other'), (error: unknown) => {
      assert.ok(error instanceof RtmpCommandError);
      assert.equal(error.info.code, 'NetConnection.Connect.InvalidApp');
      return true;
    });
  });

  it('closes a client that neither publishes nor plays in time, even if it keeps sending bytes', async () => {
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

  it('gives a client ten seconds to publish or play', async () => {
    near.resume();
    await clock.pass(9_999);
    assert.equal(far.destroyed, false);
    await clock.pass(1);
    assert.equal(far.destroyed, true);
  });

  it('closes a client that sends too much before it publishes', async () => {
    near.resume();
    near.write(HANDSHAKE);
    for (let n = 0; n < 80; n++) near.write(Buffer.alloc(4096));
    for (let turn = 0; turn < 20 && !near.destroyed; turn++) await clock.settle();
    assert.ok(near.destroyed || near.readableEnded);
  });

  describe('on the wire', () => {
    let chunks: ChunkWriter;
    let received: RtmpMessage[];

    beforeEach(async () => {
      chunks = new ChunkWriter();
      received = [];
      const reader = new ChunkReader((message) => received.push(message));
      let handshakeBytes = HANDSHAKE.length;
      near.on('data', (bytes: Buffer) => {
        const skipped = Math.min(handshakeBytes, bytes.length);
        handshakeBytes -= skipped;
        reader.push(bytes.subarray(skipped));
      });
      near.write(HANDSHAKE);
      await clock.settle();
    });

    async function command(streamId: number, ...values: Amf0Value[]): Promise<void> {
      const payload = writeAmf0(...values);
      near.write(chunks.write(3, { type: MessageType.commandAmf0, streamId, timestamp: 0, payload }));
      await clock.settle();
    }
    const openStream = async () => {
      await command(0, 'connect', 1, { app: 'live/?token=1', flashVer: 'p' });
      await command(0, 'createStream', 2, null);
      received = [];
    };
    /** As `type payload`, or for a command its values. */
    const shown = () =>
      received.map(({ type, streamId, payload }) =>
        type === MessageType.commandAmf0
          ? [streamId, ...readAmf0(payload)]
          : `${type} ${payload.toString('hex')}`,
      );
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
    const isClosed = () => near.destroyed || near.readableEnded;

    it('announces its limits before it answers "connect", and what it can forward', async () => {
      await command(0, 'connect', 1, { app: 'live' });
      const [window, bandwidth, chunkSize, answer, ...more] = shown();
      assert.deepEqual([window, bandwidth, chunkSize], ['5 002625a0', '6 002625a002', '1 00001000']);
      assert.deepEqual(plain(answer), [
        0,
        '_result',
        1,
        {
          fmsVer: 'FMS/3,5,7,7009',
          capabilities: 31,
          fourCcList: ['av01', 'avc1', 'hvc1', 'vp09'],
          videoFourCcInfoMap: { av01: 4, avc1: 4, hvc1: 4, vp09: 4 },
          capsEx: 2,
        },
        {
          level: 'status',
          code: 'NetConnection.Connect.Success',
          description: 'Connection succeeded.',
          objectEncoding: 0,
        },
      ]);
      await command(0, 'connect', 2, { app: 'live' });
      assert.deepEqual([more, received.length], [[], 4], 'it is answered once');
    });

    for (const [length, reason] of [
      [200, 'no such application'],
      [201, 'The application has too long a name.'],
    ] as const) {
      it(`refuses an application with a name of ${length} characters: ${reason}`, async () => {
        await command(0, 'connect', 1, { app: 'x'.repeat(length) });
        const code = 'NetConnection.Connect.InvalidApp';
        assert.deepEqual(plain(shown()), [
          [0, '_error', 1, null, { level: 'error', code, description: reason }],
        ]);
        assert.equal(session.isOpening, false);
        await clock.pass(1100);
        assert.equal(isClosed(), true);
      });
    }

    it('closes a client that stays after it was refused, a second later', async () => {
      await command(0, 'connect', 1, { app: 'other' });
      await clock.pass(999);
      assert.equal(far.destroyed, false);
      await clock.pass(1);
      assert.equal(far.destroyed, true);
    });

    it('takes commands and data that say AMF3 and are AMF0, as some clients send them', async () => {
      const send = async (type: number, streamId: number, values: Buffer) => {
        const payload = Buffer.concat([Buffer.from([0]), values]);
        near.write(chunks.write(3, { type, streamId, timestamp: 9, payload }));
        await clock.settle();
      };
      await send(MessageType.commandAmf3, 0, writeAmf0('connect', 1, { app: 'live' }));
      await send(MessageType.commandAmf3, 0, writeAmf0('createStream', 2, null));
      await send(MessageType.commandAmf3, 1, writeAmf0('publish', 0, null, 'name', 'live'));
      await send(MessageType.dataAmf3, 1, metadata(1));
      assert.equal(asked[0]?.name, 'name');
      assert.deepEqual(media, [['metadata', 9, metadata(1).toString('latin1')]]);
    });

    it('takes messages of up to 8 MiB from a publisher, and of 128 KiB from others', async () => {
      const header = (bytes: number) => {
        const chunk = Buffer.alloc(12);
        chunk.writeUInt8(6, 0);
        chunk.writeUIntBE(bytes, 4, 3);
        chunk.writeUInt8(MessageType.video, 7);
        return chunk;
      };
      await openStream();
      await command(1, 'publish', 0, null, 'name', 'live');
      near.write(header(8 * 2 ** 20));
      await clock.settle();
      assert.equal(far.destroyed, false);
      for (const [bytes, refused] of [
        [2 ** 17, false],
        [2 ** 17 + 1, true],
      ] as const) {
        const [next, end] = createInMemoryPair();
        const third = new RtmpServerSession(end, handler);
        next.resume();
        next.write(Buffer.concat([HANDSHAKE, header(bytes)]));
        await clock.settle();
        assert.equal(end.destroyed, refused);
        third.dispose();
        next.destroy();
      }
      await clock.settle();
    });

    it('closes a publisher whose message is longer', async () => {
      await openStream();
      await command(1, 'publish', 0, null, 'name', 'live');
      near.write(Buffer.from([6, 0, 0, 0, 0x80, 0, 1, MessageType.video, 1, 0, 0, 0]));
      await clock.settle();
      assert.equal(far.destroyed, true);
    });

    it('acknowledges what it has read as often as the client asks for it', async () => {
      await openStream();
      await command(1, 'publish', 0, null, 'name', 'live');
      near.write(chunks.write(2, uint32Message(MessageType.windowAcknowledgementSize, 2000)));
      await clock.settle();
      received = [];
      for (let n = 0; n < 4; n++) {
        near.write(chunks.write(6, { type: 9, streamId: 1, timestamp: n, payload: Buffer.alloc(100) }));
        near.write(chunks.write(6, { type: 9, streamId: 1, timestamp: n, payload: Buffer.alloc(888) }));
        await clock.settle();
      }
      const acknowledged = received.map(({ type, payload }) => [type, payload.readUInt32BE()] as const);
      assert.equal(acknowledged.length, 2);
      assert.ok(acknowledged.every(([type]) => type === MessageType.acknowledgement));
      const [first, second] = acknowledged.map(([, bytes]) => bytes);
      assert.ok(second! - first! >= 2000 && second! - first! < 3200, `${first} and ${second}`);
    });

    it("answers publishers' other commands, except those that expect no answer", async () => {
      await openStream();
      await command(0, 'getStreamLength', 3, null, 'name');
      for (const name of ['releaseStream', 'FCPublish', '_checkbw']) await command(0, name, 4, null);
      await command(0, 'releaseStream', 0, null);
      await command(0, 'unknown', 5, null);
      assert.deepEqual(shown(), [
        [0, '_result', 3, null, 0],
        [0, '_result', 4, null],
        [0, '_result', 4, null],
        [0, '_result', 4, null],
      ]);
    });

    it('has no stream before "connect", eight after it, and no more', async () => {
      await command(0, 'createStream', 2, null);
      assert.deepEqual(shown(), []);
      await openStream();
      for (let n = 2; n <= 8; n++) await command(0, 'createStream', n, null);
      assert.deepEqual(
        shown().map((answer) => answer[4]),
        [2, 3, 4, 5, 6, 7, 8],
      );
      assert.equal(isClosed(), false);
      await command(0, 'createStream', 9, null);
      assert.equal(isClosed(), true);
    });

    it('tells a publisher that its stream begins, and accepts names of 1000 characters', async () => {
      await openStream();
      await command(1, 'publish', 0, null, 'n'.repeat(1000), 'live');
      assert.deepEqual(asked, [{ app: 'live', name: 'n'.repeat(1000), program: 'p' }]);
      const [begins, status] = shown();
      assert.equal(begins, '4 000000000001');
      assert.deepEqual(plain(status), [
        1,
        'onStatus',
        0,
        null,
        {
          level: 'status',
          code: 'NetStream.Publish.Start',
          description: 'The stream is being published.',
        },
      ]);
      assert.equal(session.isOpening, false);
      await command(1, 'publish', 0, null, 'again', 'live');
      assert.equal(asked.length, 1);
    });

    it('leaves a publisher that is refused, and goes on sending, time to read why', async () => {
      await openStream();
      await command(1, 'publish', 0, null, 'name', 'live');
      session.refuse(new RtmpRefusal('NetStream.Publish.Denied', 'It is too much.'));
      const payload = Buffer.alloc(1_000_000);
      near.write(chunks.write(6, { type: MessageType.video, streamId: 1, timestamp: 0, payload }));
      await clock.pass(900);
      assert.deepEqual([session.closeReason, media], [undefined, []]);
      assert.match(JSON.stringify(shown()), /It is too much\./);
      await clock.pass(200);
      assert.ok(session.closeReason);
    });

    for (const [what, name] of [
      ['no name', ''],
      ['too long a name', 'n'.repeat(1001)],
      ['a name that is none', 5],
    ] as const) {
      it(`refuses a stream with ${what}`, async () => {
        await openStream();
        await command(1, 'play', 0, null, name);
        assert.match(JSON.stringify(shown()), /onStatus.*error.*StreamNotFound.*no name, or too long a one/);
        assert.deepEqual([asked, session.isOpening], [[], false]);
        await command(0, 'getStreamLength', 3, null);
        assert.equal(received.length, 1, 'nothing is answered after a refusal');
        await clock.pass(1100);
        assert.equal(isClosed(), true);
      });
    }

    it('sends each player media on its own message stream', async () => {
      await openStream();
      await command(0, 'createStream', 3, null);
      await command(2, 'play', 0, null, 'name');
      received = [];
      const frame = { kind: 'video', timestampMs: 2 ** 32 + 5, payload: Buffer.from('frame') } as const;
      session.send(frame);
      session.send(frame);
      session.send({ kind: 'audio', timestampMs: 6, payload: Buffer.from('sound') });
      session.send({ kind: 'metadata', timestampMs: 7, payload: Buffer.from('data') });
      await clock.settle();
      assert.deepEqual(
        received.map(({ type, streamId, timestamp, payload }) => [
          type,
          streamId,
          timestamp,
          payload.toString(),
        ]),
        [
          [9, 2, 5, 'frame'],
          [9, 2, 5, 'frame'],
          [8, 2, 6, 'sound'],
          [18, 2, 7, 'data'],
        ],
      );
    });

    it('tells a player that its stream begins, starts, and ends', async () => {
      await openStream();
      await command(1, 'play', 0, null, 'n');
      assert.deepEqual(asked, [{ app: 'live', name: 'n', program: 'p' }]);
      session.endPlayback();
      await clock.settle();
      const [begins, ...statuses] = shown();
      assert.equal(begins, '4 000000000001');
      const status = (code: string, description: string) => [
        ...[1, 'onStatus', 0, null],
        { level: 'status', code: `NetStream.Play.${code}`, description },
      ];
      assert.deepEqual(plain(statuses), [
        status('Reset', 'Playing and resetting.'),
        status('Start', 'Playing.'),
        status('UnpublishNotify', 'The broadcast has ended.'),
      ]);
    });

    it('takes 256 KiB from a player at once, then 4 KiB a second', async () => {
      await openStream();
      await command(1, 'play', 0, null, 'name');
      const acknowledgement = chunks.write(2, uint32Message(MessageType.acknowledgement, 1));
      assert.equal(acknowledgement.length, 16);
      const send = async (bytes: number) => {
        near.write(Buffer.concat(Array<Buffer>(bytes / 16).fill(acknowledgement)));
        for (let turn = 0; turn < 20; turn++) await clock.settle();
      };
      await send(2 ** 18);
      await clock.pass(1000);
      await send(4096);
      assert.equal(far.destroyed, false);
      await send(16);
      assert.equal(far.destroyed, true);
    });

    it('ends a playback once when its client disconnects', async () => {
      await openStream();
      await command(1, 'play', 0, null, 'name');
      near.destroy();
      await clock.settle();
      assert.deepEqual(ends, [true]);
      session.endPlayback();
      session.refuse(new RtmpRefusal('Late', 'late'));
      await clock.settle();
      assert.deepEqual(ends, [true]);
    });
  });

  it('encodes media for many players once', async () => {
    const frame = { kind: 'video', timestampMs: 5, payload: Buffer.alloc(100_000) } as const;
    const written: Buffer[] = [];
    for (let n = 0; n < 2; n++) {
      const [client, server] = createInMemoryPair();
      server.write = (bytes: Buffer) => written.push(bytes) > 0;
      const player = new RtmpServerSession(server, handler);
      player.send(frame);
      await clock.settle();
      player.dispose();
      client.destroy();
    }
    const [first, second] = written.filter(({ length }) => length > 10_000);
    assert.ok(first !== undefined && first.buffer === second?.buffer);
    await clock.settle();
  });

  it('knows its client’s address where the connection has one', async () => {
    assert.equal(session.peerAddress, '');
    const [client, server] = createInMemoryPair();
    const other = new RtmpServerSession(Object.assign(server, { remoteAddress: '192.0.2.7' }), handler);
    assert.equal(other.peerAddress, '192.0.2.7');
    other.dispose();
    client.destroy();
    await clock.settle();
  });

  it('accepts the maximum before it publishes, and not a byte more', async () => {
    const [client, server] = createInMemoryPair();
    const other = new RtmpServerSession(server, handler, { openBytes: HANDSHAKE.length });
    client.resume();
    client.write(HANDSHAKE);
    await clock.settle();
    assert.equal(server.destroyed, false);
    client.write(Buffer.from([0]));
    await clock.settle();
    assert.equal(server.destroyed, true);
    other.dispose();
    client.destroy();
    await clock.settle();
  });

  it("accepts a client's bytes in any pieces", async () => {
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
