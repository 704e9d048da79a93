import assert from 'node:assert/strict';
import { NoAnswerError } from '../../../src/core/publish/published-output.js';
import { Refusals } from '../../../src/core/publish/rtmp/refusals.js';
import { RtmpSession } from '../../../src/core/publish/rtmp/rtmp-session.js';
import { parseOutputAddress, redirectedTarget } from '../../../src/core/publish/rtmp/rtmp-target.js';
import { type Amf0Object, writeAmf0 } from '../../../src/media/amf0.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { ChunkWriter } from '../../../src/rtmp/chunk-writer.js';
import {
  MessageType,
  type RtmpMessage,
  UserControlEvent,
  uint32Message,
} from '../../../src/rtmp/messages.js';
import { FakeClock } from '../../support/fake-clock.js';
import { PeerConnection, type PeerScript } from '../../support/rtmp-peer.js';

const TARGET = parseOutputAddress({ url: 'rtmp://host/live', key: 'secret-key' }, 'outputs.main');
const HANDSHAKE = Buffer.concat([Buffer.from([3]), Buffer.alloc(2 * 1536)]);

const control = (type: number, payload: Buffer): RtmpMessage => ({
  type,
  streamId: 0,
  timestamp: 0,
  payload,
});
const ping = (stamp: number): RtmpMessage => {
  const payload = Buffer.alloc(6);
  payload.writeUInt16BE(UserControlEvent.pingRequest);
  payload.writeUInt32BE(stamp, 2);
  return control(MessageType.userControl, payload);
};
const peerBandwidth = (bytes: number): RtmpMessage =>
  control(
    MessageType.setPeerBandwidth,
    Buffer.from([0, 0, 0, 0, 2].map((b, i) => (i < 4 ? (bytes >>> (24 - 8 * i)) & 0xff : b))),
  );

describe('RtmpSession, on a channel in memory', () => {
  let clock: FakeClock;
  let peers: PeerConnection[];
  let waiting: AbortController;
  let sessions: RtmpSession[];

  beforeEach(() => {
    clock = new FakeClock();
    peers = [];
    waiting = new AbortController();
    sessions = [];
  });

  afterEach(async () => {
    for (const session of sessions) session.dispose();
    for (const { socket } of peers) socket.destroy();
    await clock.pass(100);
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  /** Opens a session with a server that follows the script; what has become of it once all has come to rest. */
  async function open(script: PeerScript = {}, target = TARGET): Promise<RtmpSession | BulkheadError> {
    let outcome: RtmpSession | BulkheadError | undefined;
    void RtmpSession.open(target, new Refusals(target, 'outputs.main'), waiting.signal, async () => {
      const [near, far] = createInMemoryPair();
      peers.push(new PeerConnection(far, script));
      return near;
    }).then(
      (session) => {
        sessions.push(session);
        outcome = session;
      },
      (error) => {
        outcome = error;
      },
    );
    for (let n = 0; n < 5; n++) await clock.settle();
    if (outcome === undefined) {
      waiting.abort(new NoAnswerError());
      await clock.settle();
    }
    assert.ok(outcome !== undefined, 'it neither opened nor failed');
    return outcome;
  }

  async function opened(script: PeerScript = {}): Promise<{ session: RtmpSession; peer: PeerConnection }> {
    const session = await open(script);
    assert.ok(session instanceof RtmpSession, String(session));
    return { session, peer: lastPeer() };
  }

  async function refused(script: PeerScript): Promise<BulkheadError> {
    const error = await open(script);
    assert.ok(error instanceof BulkheadError, 'it was opened');
    return error;
  }

  function lastPeer(): PeerConnection {
    const peer = peers.at(-1);
    assert.ok(peer);
    return peer;
  }

  /** How the session has ended; undefined while it goes on. */
  async function ended(session: RtmpSession): Promise<BulkheadError | undefined> {
    const none = Symbol('none');
    for (let n = 0; n < 3; n++) await clock.settle();
    const end = await Promise.race([session.ended, Promise.resolve(none)]);
    return end instanceof BulkheadError ? end : undefined;
  }

  const ofType = (peer: PeerConnection, type: number) => peer.messages.filter((one) => one.type === type);
  const numbers = (peer: PeerConnection, type: number) =>
    ofType(peer, type).map(({ payload }) => payload.readUInt32BE());

  describe('whose server answers createStream with', () => {
    const answers: [what: string, value: number | string | null, streamId: number | undefined][] = [
      ['a number', 7, 7],
      ['0', 0, 0],
      ['the largest number', 0xffffffff, 0xffffffff],
      ['nothing', null, 1],
      ['a text', '5', 1],
      ['a negative number', -1, undefined],
      ['a number beyond 32 bits', 2 ** 40, undefined],
      ['a fraction', 1.5, undefined],
      ['no number', Number.NaN, undefined],
      ['infinity', Number.POSITIVE_INFINITY, undefined],
    ];
    for (const [what, value, streamId] of answers) {
      it(`${what} ${streamId === undefined ? 'is left' : `is sent media on stream ${streamId}`}`, async () => {
        const script: PeerScript = {
          onCommand: (connection, { name, transaction }) => {
            if (name !== 'createStream') return false;
            connection.invoke('_result', transaction, null, value);
            return true;
          },
        };
        if (streamId === undefined) {
          const error = await refused(script);
          assert.match(error.message, /invalid RTMP: a message stream with the number/);
          return;
        }
        const { session, peer } = await opened(script);
        session.send('audio', 5, Buffer.from([0xaf, 1]));
        await clock.settle();
        assert.deepEqual(
          peer.media.map((message) => [message.streamId, message.timestamp]),
          [[streamId, 5]],
        );
      });
    }
  });

  it('tells the server what it is, what it can send, and under which key', async () => {
    const { session, peer } = await opened();
    const { args, transaction } = peer.command('connect')!;
    assert.deepEqual(JSON.parse(JSON.stringify(args)), [
      {
        app: 'live',
        type: 'nonprivate',
        flashVer: 'FMLE/3.0 (compatible; FMSc/1.0)',
        tcUrl: 'rtmp://host/live',
        fourCcList: ['av01', 'hvc1', 'vp09'],
        videoFourCcInfoMap: { av01: 2, hvc1: 2, vp09: 2 },
        capsEx: 1,
      },
    ]);
    assert.equal(transaction, 1);
    assert.deepEqual(
      peer.commands.slice(1).map(({ name, streamId, args }) => [name, streamId, ...args]),
      [
        ['releaseStream', 0, null, 'secret-key'],
        ['FCPublish', 0, null, 'secret-key'],
        ['createStream', 0, null],
        ['publish', 7, null, 'secret-key', 'live'],
      ],
    );
    session.send('metadata', 3, Buffer.from('data'));
    session.send('video-header', 4, Buffer.from('header'));
    session.send('disposable', 5, Buffer.from('frame'));
    session.send('audio-header', 6, Buffer.from('sound'));
    session.send('extra-interframe', 7, Buffer.from('another'));
    session.send('extra-audio-header', 8, Buffer.from('more'));
    await clock.settle();
    assert.deepEqual(
      peer.media.map(({ type, timestamp, payload }) => [type, timestamp, payload.toString('latin1')]),
      [
        [MessageType.dataAmf0, 3, '\x02\x00\x0d@setDataFramedata'],
        [MessageType.video, 4, 'header'],
        [MessageType.video, 5, 'frame'],
        [MessageType.audio, 6, 'sound'],
        [MessageType.video, 7, 'another'],
        [MessageType.audio, 8, 'more'],
      ],
    );
  });

  describe('sends a codec besides H.264', () => {
    const HEVC_HEADER = Buffer.concat([Buffer.from([0x90]), Buffer.from('hvc1'), Buffer.from([1, 2, 3])]);
    const LEGACY_HEVC_HEADER = Buffer.from([0x1c, 0, 0, 0, 0, 1, 2, 3]);
    const answers: readonly [
      what: string,
      properties: Amf0Object,
      information: Amf0Object,
      taken: boolean,
    ][] = [
      ['lists it', { fourCcList: ['av01', 'hvc1'] }, {}, true],
      ['lists it in its information', {}, { fourCcList: ['hvc1'] }, true],
      ['has it among its codecs', { videoFourCcInfoMap: { hvc1: 4 } }, {}, true],
      ['takes any', { videoFourCcInfoMap: { '*': 4 } }, {}, true],
      ['takes any by its list', { fourCcList: ['*'] }, {}, true],
      ['lists another', { fourCcList: ['av01', 7, null], videoFourCcInfoMap: { vp09: 4 } }, {}, false],
      ['lists what is no list', { fourCcList: 'hvc1', videoFourCcInfoMap: ['hvc1'] }, {}, false],
      ['says nothing of codecs', { fmsVer: 'FMS/3,0,1,123' }, {}, false],
    ];
    const answering = (properties: Amf0Object, information: Amf0Object): PeerScript => ({
      onCommand: (connection, { name, transaction }) => {
        if (name !== 'connect') return false;
        connection.invoke('_result', transaction, properties, { level: 'status', ...information });
        return true;
      },
    });
    for (const [what, properties, information, taken] of answers) {
      it(`${taken ? 'to' : 'not to'} a server that ${what}`, async () => {
        for (const header of [HEVC_HEADER, LEGACY_HEVC_HEADER]) {
          const { session, peer } = await opened(answering(properties, information));
          session.send('video-header', 0, header);
          session.send('keyframe', 0, Buffer.from('frame'));
          const error = await ended(session);
          assert.equal(peer.media.length, taken ? 2 : 0);
          if (taken) assert.equal(error, undefined);
          else {
            assert.deepEqual(
              [error?.code, error?.where, error?.message],
              ['output.codec', 'outputs.main', 'host:1935 does not say that it takes HEVC'],
            );
            assert.match(error?.remedy ?? '', /"codecs": \["hevc"\]/);
          }
        }
      });
    }

    it('to one of which the settings say that it takes it, also at an address that the server names', async () => {
      const target = parseOutputAddress(
        { url: 'rtmp://host/live', key: 'k', codecs: ['hevc'] },
        'outputs.main',
      );
      const other = redirectedTarget(target, 'rtmp://other/live');
      assert.ok(other);
      for (const one of [target, other]) {
        const session = await open({}, one);
        assert.ok(session instanceof RtmpSession);
        session.send('video-header', 0, HEVC_HEADER);
        assert.equal(await ended(session), undefined);
        assert.equal(lastPeer().media.length, 1);
      }
    });

    it('always of H.264, and of what it does not know', async () => {
      const { session, peer } = await opened();
      const h264 = ['170000000001', '9061766331' + '01'].map((hex) => Buffer.from(hex, 'hex'));
      for (const header of [...h264, Buffer.from('header'), Buffer.alloc(1)])
        session.send('video-header', 0, header);
      assert.equal(await ended(session), undefined);
      assert.equal(peer.media.length, 4);
    });
  });

  it('says that it sends several tracks where it is set to, also at an address that the server names', async () => {
    const target = parseOutputAddress(
      { url: 'rtmp://host/live', key: 'k', multitrack: true },
      'outputs.main',
    );
    const redirected = redirectedTarget(target, 'rtmp://other/live');
    for (const each of [target, redirected]) {
      assert.ok(each !== undefined);
      await open({}, each);
      const [connect] = peers.at(-1)?.command('connect')?.args ?? [];
      assert.equal(JSON.parse(JSON.stringify(connect)).capsEx, 3);
    }
  });

  it('closes at once when all is written and the server closes, and disposes of what does not', async () => {
    const { session, peer } = await opened();
    let closed = false;
    const closing = session.close(60_000).then(() => {
      closed = true;
    });
    await clock.settle();
    assert.equal(closed, false);
    peer.socket.end();
    await clock.settle();
    await closing;
    const { session: second, peer: stays } = await opened();
    await Promise.all([second.close(100), clock.pass(200)]);
    assert.equal(stays.socket.readableEnded || stays.closed, true);
    assert.equal((await ended(second))?.code, ErrorCodes.outputClosed);
  });

  for (const [code, level, refuses] of [
    ['NetStream.Publish.BadName', 'status', true],
    ['NetStream.Publish.Unauthorized', 'status', true],
    ['NetConnection.Connect.AppShutdown', 'status', true],
    ['NetStream.Other', 'error', true],
    ['NetStream.Other', 'status', false],
    ['NetConnection.Call.Failed', 'error', false],
  ] as const) {
    it(`${refuses ? 'ends' : 'goes on'} at the ${level} ${code}`, async () => {
      const { session, peer } = await opened();
      peer.status(level, code);
      assert.equal((await ended(session)) !== undefined, refuses);
    });
  }

  it('connects anew for each step of a login, and leaves the connection before', async () => {
    const logins: string[] = [];
    const target = parseOutputAddress({ url: 'rtmp://me:pw@host/live', key: 'k' }, 'outputs.main');
    const session = await open(
      {
        onCommand: (connection, command) => {
          if (command.name !== 'connect') return false;
          const { app, tcUrl } = command.args[0] as { app: string; tcUrl: string };
          assert.equal(tcUrl, `rtmp://host/${app}`);
          logins.push(app);
          const refuse = (description: string) =>
            connection.refuseConnect(command, 'NetConnection.Connect.Rejected', description);
          if (logins.length === 1) refuse('[ code=403 need auth; authmod=adobe ]');
          if (logins.length === 2) refuse('[ authmod=adobe ] : ?reason=needauth&user=me&salt=s&challenge=c');
          return logins.length < 3;
        },
      },
      target,
    );
    assert.ok(session instanceof RtmpSession, String(session));
    assert.deepEqual(logins.slice(0, 2), ['live', 'live?authmod=adobe&user=me']);
    assert.match(logins[2] ?? '', /^live\?authmod=adobe&user=me&challenge=[0-9a-f]{8}&response=.+&opaque=$/);
    assert.deepEqual(
      peers.map(({ socket }) => socket.readableEnded),
      [true, true, false],
    );
  });

  it('takes the first of two answers', async () => {
    const { session, peer } = await opened({
      onCommand: (connection, command) => {
        connection.answer(command);
        const { name, transaction } = command;
        if (name === 'createStream') connection.invoke('_result', transaction, null, 99);
        else if (name === 'connect')
          connection.refuseConnect(command, 'NetConnection.Connect.Rejected', 'no');
        else connection.answer(command);
        return true;
      },
    });
    session.send('audio', 0, Buffer.from([0xaf, 1]));
    assert.equal(await ended(session), undefined);
    assert.equal(peer.media[0]?.streamId, 7);
  });

  it('ignores an answer without a call', async () => {
    const { session } = await opened({
      onCommand: (connection, command) => {
        connection.status('status', 'NetStream.Publish.Start');
        connection.invoke('_result', 77, null, 5);
        connection.invoke('_error', 78, null, { code: 'x' });
        connection.answer(command);
        return true;
      },
    });
    assert.equal(await ended(session), undefined);
  });

  describe('whose server closes', () => {
    for (const [bytes, message] of [
      [0, /before/],
      [1, /before/],
      [1537, /before/],
      [3072, /before/],
      [3073, /application's name/],
    ] as const) {
      it(`after ${bytes} bytes fails with what that may mean`, async () => {
        const error = await refused({
          onConnection: ({ socket }) => {
            socket.resume();
            socket.end(HANDSHAKE.subarray(0, bytes));
            return true;
          },
        });
        assert.equal(error.code, ErrorCodes.outputClosed);
        assert.match(error.message, message);
      });
    }

    for (const name of ['connect', 'releaseStream', 'FCPublish', 'createStream', 'publish']) {
      for (const how of ['end', 'destroy'] as const) {
        for (const answering of [false, true]) {
          it(`(${how}) at ${name}, ${answering ? 'with' : 'without'} an answer, is left and never waited for`, async () => {
            const outcome = await open({
              onCommand: (connection, command) => {
                if (command.name !== name) return false;
                if (answering) connection.answer(command);
                connection.socket[how]();
                return true;
              },
            });
            const end = outcome instanceof RtmpSession ? await ended(outcome) : outcome;
            assert.equal(end?.code, ErrorCodes.outputClosed);
            assert.equal(waiting.signal.aborted, false);
          });
        }
      }
    }

    it('by the command "close" is left', async () => {
      const { session, peer } = await opened();
      peer.invoke('close', 0, null);
      assert.equal((await ended(session))?.code, ErrorCodes.outputClosed);
    });
  });

  describe('whose server goes silent', () => {
    for (const name of ['connect', 'createStream', 'publish']) {
      it(`at ${name} is given up when the time is over`, async () => {
        const error = await refused({ onCommand: (_, command) => command.name === name });
        assert.equal(error.code, ErrorCodes.outputUnreachable);
        assert.match(error.message, /did not respond/);
        assert.ok(lastPeer().socket.readableEnded);
      });
    }

    for (const bytes of [0, 1, 3072]) {
      it(`after ${bytes} bytes of the handshake is given up when the time is over`, async () => {
        const error = await refused({
          onConnection: ({ socket }) => {
            socket.resume();
            socket.write(HANDSHAKE.subarray(0, bytes));
            return true;
          },
        });
        assert.match(error.message, /did not respond/);
      });
    }
  });

  it('is opened by a server that sends one byte at a time', async () => {
    const [near, far] = createInMemoryPair();
    peers.push(new PeerConnection(far, { byteByByte: true }));
    const opening = RtmpSession.open(TARGET, new Refusals(TARGET, 'x'), waiting.signal, async () => near);
    sessions.push(await opening);
  });

  it('answers a bandwidth that is smaller than its own, once, and nothing else', async () => {
    const { session, peer } = await opened();
    const before = numbers(peer, MessageType.windowAcknowledgementSize).length;
    const asked = [
      peerBandwidth(5_000_000),
      peerBandwidth(0),
      control(MessageType.setPeerBandwidth, Buffer.alloc(3)),
    ];
    for (const message of asked) peer.send(message);
    assert.equal(await ended(session), undefined);
    assert.equal(numbers(peer, MessageType.windowAcknowledgementSize).length, before);
    for (const bytes of [20_000, 20_000, 30_000]) peer.send(peerBandwidth(bytes));
    await clock.settle();
    assert.deepEqual(numbers(peer, MessageType.windowAcknowledgementSize).slice(before), [20_000, 30_000]);
  });

  it('acknowledges what it has read as often as it is asked to, and not more often than each KiB', async () => {
    const { session, peer } = await opened();
    await clock.pass(10_000);
    const media = (bytes: number) => control(MessageType.video, Buffer.alloc(bytes));
    const before = numbers(peer, MessageType.acknowledgement).length;
    for (const window of [0, 1]) peer.send(uint32Message(MessageType.windowAcknowledgementSize, window));
    for (let n = 0; n < 100; n++) {
      peer.send(media(30));
      await clock.settle();
    }
    const acks = numbers(peer, MessageType.acknowledgement).slice(before);
    assert.ok(acks.length >= 2 && acks.length <= 6, `${acks.length} acknowledgements of 4500 bytes`);
    assert.ok(acks.every((bytes, n) => n === 0 || bytes - (acks[n - 1] ?? 0) >= 1024));

    peer.send(uint32Message(MessageType.windowAcknowledgementSize, 10_000));
    await clock.settle();
    const later = numbers(peer, MessageType.acknowledgement).length;
    for (let n = 0; n < 30; n++) peer.send(media(1000));
    for (let n = 0; n < 5; n++) await clock.settle();
    const more = numbers(peer, MessageType.acknowledgement).length - later;
    assert.ok(more >= 2 && more <= 3, `${more} acknowledgements of 30 kB`);
    assert.equal(await ended(session), undefined);
  });

  it('answers a flood of pings only as far as the socket accepts', async () => {
    const { session, peer } = await opened();
    await clock.pass(10_000);
    const answered = () => ofType(peer, MessageType.userControl).length;
    const rest = async () => {
      for (let n = 0; n < 30; n++) await clock.settle();
    };
    peer.socket.pause();
    const writer = new ChunkWriter();
    peer.write(Buffer.concat(Array.from({ length: 10_000 }, (_, n) => writer.write(2, ping(n)))));
    await rest();
    peer.socket.resume();
    await rest();
    const waited = answered();
    // The channel's own buffer takes 16 KiB of them.
    assert.ok(waited > 0 && waited < 1200, `${waited} answers have waited`);
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < 50; n++) peer.send(ping(n));
      await rest();
    }
    assert.equal(answered() - waited, 250);
    session.send('audio', 0, Buffer.from([0xaf, 1]));
    assert.equal(await ended(session), undefined);
    assert.equal(peer.media.length, 1);
  });

  it('answers a check of the bandwidth, with as much in it as old servers send', async () => {
    const { session, peer } = await opened();
    peer.invoke('_onbwcheck', 42, null, Array(1200).fill(0.5), 'x'.repeat(60_000));
    for (let n = 0; n < 5; n++) await clock.settle();
    assert.equal(await ended(session), undefined);
    assert.deepEqual(
      peer.commands.filter(({ transaction }) => transaction === 42).map(({ name }) => name),
      ['_result'],
    );
  });

  it("continues whatever a server's commands contain", async () => {
    const { session, peer } = await opened();
    await clock.pass(10_000);
    const command = (payload: Buffer) => peer.send(control(MessageType.commandAmf0, payload), 3);
    const start = writeAmf0('onStatus', 0);
    command(Buffer.alloc(0));
    command(Buffer.concat([start, Buffer.alloc(60_000, Buffer.from([0x0a, 0, 0, 0, 1]))]));
    command(Buffer.concat([start, Buffer.alloc(60_000, Buffer.from([0x03, 0, 1, 0x61]))]));
    command(
      Buffer.concat([start, Buffer.from([0x03]), Buffer.alloc(50_000, Buffer.from([0, 1, 0x61, 0x05]))]),
    );
    command(Buffer.concat([start, Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff])]));
    command(writeAmf0('onStatus', 'no number', {}));
    peer.send(control(MessageType.commandAmf3, Buffer.alloc(0)), 3);
    for (const [name, ...args] of [
      ['onBWDone'],
      ['onBWDone'],
      ['onStatus', [1, 2]],
      ['nobody', 'knows', 'it'],
    ] as const) {
      peer.invoke(name, 0, null, ...args);
    }
    for (let type = 7; type < 40; type++) peer.send(control(type, Buffer.alloc(20)));
    for (const type of [3, 4, 5, 6]) peer.send(control(type, Buffer.alloc(1)));
    for (let n = 0; n < 10; n++) await clock.settle();
    assert.equal(await ended(session), undefined);
    assert.equal(peer.commands.filter(({ name }) => name === '_checkbw').length, 1);
  });

  for (const [what, bytes, message] of [
    ['a chunk size of 0', uint32Message(MessageType.setChunkSize, 0), /a chunk size of 0/],
    ['a chunk size of 2^31', uint32Message(MessageType.setChunkSize, 2 ** 31), /a chunk size of 2147483648/],
    [
      'a message that is too long',
      control(MessageType.video, Buffer.alloc(140_000)),
      /a message of 140000 bytes/,
    ],
  ] as const) {
    it(`is ended by ${what}`, async () => {
      const { session, peer } = await opened();
      peer.send(bytes);
      const end = await ended(session);
      assert.equal(end?.code, ErrorCodes.outputUnreachable);
      assert.match(end.message, message);
    });
  }

  it('accepts the largest chunk size', async () => {
    const { session, peer } = await opened();
    peer.send(uint32Message(MessageType.setChunkSize, 0x7fffffff));
    peer.send(ping(1));
    assert.equal(await ended(session), undefined);
    assert.equal(ofType(peer, MessageType.userControl).length, 1);
  });

  it('is ended once, by the first of many refusals', async () => {
    const { session, peer } = await opened();
    peer.status('error', 'NetStream.Publish.Denied');
    for (let n = 0; n < 10; n++) peer.status('error', 'NetStream.Publish.BadName');
    peer.status('status', 'NetConnection.Connect.ReconnectRequest');
    const end = await ended(session);
    assert.equal(end?.code, ErrorCodes.outputRefused);
    assert.equal(session.reconnectRequest, undefined);
  });

  it('reports the last request to reconnect', async () => {
    const { session, peer } = await opened();
    for (const tcUrl of ['rtmp://one/a', 'rtmp://two/a']) {
      peer.status('status', 'NetConnection.Connect.ReconnectRequest', '', { tcUrl });
    }
    assert.equal(await ended(session), undefined);
    assert.equal(session.reconnectRequest?.tcUrl, 'rtmp://two/a');
  });

  it('ends the stream, and does not wait forever for the server to close', async () => {
    const { session, peer } = await opened();
    let done = false;
    const ended = session.endStream(1000).then(() => {
      done = true;
    });
    await clock.pass(900);
    assert.deepEqual(
      peer.commands.slice(-2).map(({ name, args }) => [name, ...args]),
      [
        ['FCUnpublish', null, 'secret-key'],
        ['deleteStream', null, 7],
      ],
    );
    await clock.pass(200);
    await ended;
    assert.ok(done && peer.socket.readableEnded);
  });

  it('has no connection once it was given up while one was made', async () => {
    waiting.abort(new NoAnswerError());
    const error = await refused({ onConnection: () => true });
    assert.match(error.message, /did not respond/);
  });
});
