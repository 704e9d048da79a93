import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { writeAmf0 } from '../../../src/media/amf0.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { ChunkWriter } from '../../../src/rtmp/chunk-writer.js';
import {
  MessageType,
  type RtmpMessage,
  UserControlEvent,
  uint32Message,
} from '../../../src/rtmp/messages.js';
import {
  RtmpClosedError,
  RtmpCommandError,
  RtmpConnection,
  type StatusInfo,
} from '../../../src/rtmp/rtmp-connection.js';
import { FakeClock } from '../../support/fake-clock.js';
import { PeerConnection } from '../../support/rtmp-peer.js';

const control = (type: number, hex: string): RtmpMessage => ({
  type,
  streamId: 0,
  timestamp: 0,
  payload: Buffer.from(hex, 'hex'),
});

describe('RtmpConnection', () => {
  let clock: FakeClock;
  let server: PeerConnection;
  let near: Duplex;
  let connection: RtmpConnection;
  let statuses: StatusInfo[];
  let closed: RtmpClosedError[];
  /** Whether the server answers the handshake. */
  let greets: boolean;

  beforeEach(() => {
    clock = new FakeClock();
    statuses = [];
    closed = [];
    greets = true;
    let far: Duplex;
    [near, far] = createInMemoryPair();
    server = new PeerConnection(far, { onCommand: () => true, onConnection: () => !greets });
    connection = new RtmpConnection(near, {
      onStatus: (info) => statuses.push(info),
      onClosed: (error) => closed.push(error),
      onFlush: () => {},
      onDrain: () => {},
    });
  });

  afterEach(async () => {
    connection.dispose();
    server.socket.destroy();
    await clock.pass(100);
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  /** What the server has been sent besides commands, as `type payload`. */
  const controls = () => server.messages.map(({ type, payload }) => `${type} ${payload.toString('hex')}`);

  async function receive(...messages: RtmpMessage[]): Promise<void> {
    for (const message of messages) server.send(message);
    await clock.settle();
  }

  it('announces its chunk size after the handshake, and uses it', async () => {
    await connection.handshake();
    connection.send(0, 'long', 'x'.repeat(4000));
    await clock.settle();
    assert.deepEqual(controls(), ['1 00001000']);
    assert.equal(server.command('long')?.args[0], 'x'.repeat(4000));
    // 12 bytes of header for each message: both are one chunk.
    assert.equal(server.bytesRead, 1 + 2 * 1536 + (12 + 4) + (12 + 7 + 9 + 3 + 4000));
  });

  it('asks for acknowledgements, and records them', async () => {
    await connection.handshake();
    connection.requestAcknowledgements();
    await receive(uint32Message(MessageType.acknowledgement, 1));
    assert.deepEqual(controls().slice(1), ['5 00007d00']);
    assert.equal(connection.acks.any, true);
  });

  it('does not treat other messages as an acknowledgement or a limit', async () => {
    await connection.handshake();
    await receive(control(MessageType.userControl, '000000000001'), control(MessageType.audio, '00000400'));
    assert.equal(connection.acks.any, false);
    assert.equal(controls().length, 1);
  });

  it('answers a smaller limit of what may be unacknowledged', async () => {
    await connection.handshake();
    const limit = (hex: string) => control(MessageType.setPeerBandwidth, hex);
    await receive(limit('0000000002'), limit('00003e'), limit('00003e8002'), limit('00003e8002'));
    assert.deepEqual(controls().slice(1), ['5 00003e80']);
    await receive(limit('7fffffff02'), limit('000186a002'));
    assert.deepEqual(controls().slice(2), ['5 00007d00']);
  });

  it('answers pings, of the connection and as a command', async () => {
    await connection.handshake();
    const ping = Buffer.alloc(6);
    ping.writeUInt16BE(UserControlEvent.pingRequest);
    ping.writeUInt32BE(0x01020304, 2);
    await receive({ ...control(MessageType.userControl, ''), payload: ping });
    assert.deepEqual(controls().slice(1), ['4 000701020304']);
    server.invoke('ping', 0);
    await clock.settle();
    assert.deepEqual(
      server.commands.map(({ name, streamId, args }) => [name, streamId, args]),
      [['pong', 0, [null]]],
    );
  });

  it('answers 64 pings of one turn, as messages or commands, and no more', async () => {
    await connection.handshake();
    await clock.pass(5000);
    const chunks = new ChunkWriter();
    for (const [ping, answers] of [
      [
        control(MessageType.userControl, '000600000001'),
        () => server.messages.filter(({ type }) => type === MessageType.userControl).length,
      ],
      [
        { ...control(MessageType.commandAmf0, ''), payload: writeAmf0('ping', 0) },
        () => server.commands.length,
      ],
    ] as const) {
      server.write(Buffer.concat(Array.from({ length: 65 }, () => chunks.write(3, ping))));
      // The channel in memory passes one answer on in each turn.
      for (let n = 0; n < 5; n++) await clock.settle();
      assert.equal(answers(), 64);
    }
  });

  it('ends its side once all is written', async () => {
    await connection.handshake();
    connection.end();
    await clock.settle();
    assert.equal(server.socket.readableEnded, true);
  });

  it('answers checks of the bandwidth, and asks for one once', async () => {
    await connection.handshake();
    for (let n = 0; n < 3; n++) server.invoke('onBWDone', 0);
    server.invoke('_onbwcheck', 7, 'data');
    await clock.settle();
    assert.deepEqual(
      server.commands.map(({ name, transaction, args }) => [name, transaction, args]),
      [
        ['_checkbw', 1, [null]],
        ['_result', 7, [null, 0]],
      ],
    );
  });

  it('passes answers to their callers, once', async () => {
    await connection.handshake();
    const first = connection.call('first', null);
    const second = connection.call('second', null);
    server.invoke('_result', 2, null, 'two');
    server.invoke('_error', 1, null, { level: 'error', code: 'No', description: 'no', tcUrl: '' });
    server.invoke('_result', 1, null, 'late');
    assert.deepEqual(await second, [null, 'two']);
    await assert.rejects(first, (error: unknown) => {
      assert.ok(error instanceof RtmpCommandError);
      assert.equal(error.name, 'RtmpCommandError');
      assert.deepEqual(error.info, { level: 'error', code: 'No', description: 'no', tcUrl: undefined });
      return true;
    });
  });

  it('reads a status at any position, and missing properties as empty', async () => {
    await connection.handshake();
    server.invoke('onStatus', 0, null, { other: 1 }, { description: 'text', tcUrl: 'rtmp://other/live' });
    server.invoke('onStatus', 0, { code: 'A', level: 5 });
    await clock.settle();
    assert.deepEqual(statuses, [
      { level: '', code: '', description: 'text', tcUrl: 'rtmp://other/live' },
      { level: '', code: 'A', description: '', tcUrl: undefined },
    ]);
  });

  it('rejects pending calls when the server closes, and all later ones', async () => {
    await connection.handshake();
    const call = assert.rejects(connection.call('slow', null), RtmpClosedError);
    await clock.settle();
    server.socket.destroy();
    await call;
    await assert.rejects(connection.call('late', null), { message: 'the peer closed the connection' });
    await assert.rejects(connection.handshake(), RtmpClosedError);
    assert.deepEqual(closed, [connection.closeReason]);
    assert.equal(closed[0]?.cause, undefined);
  });

  it('rejects a handshake that is under way, or has to begin, when it is closed', async () => {
    const handshake = assert.rejects(connection.handshake(), RtmpClosedError);
    connection.dispose();
    await handshake;
    await assert.rejects(connection.handshake(), RtmpClosedError);
    assert.equal(closed.length, 1);
  });

  it('sees a socket that was gone before it', async () => {
    const [gone, other] = createInMemoryPair();
    gone.destroy();
    other.destroy();
    await clock.settle();
    let reason: RtmpClosedError | undefined;
    const late = new RtmpConnection(gone, {
      onStatus: () => {},
      onClosed: (error) => {
        reason = error;
      },
      onFlush: () => {},
      onDrain: () => {},
    });
    await clock.settle();
    assert.equal(late.closeReason, reason);
    assert.ok(reason instanceof RtmpClosedError);
    await assert.rejects(late.handshake(), RtmpClosedError);
  });

  it('reports the first reason why it broke', async () => {
    await connection.handshake();
    connection.fail(new Error('first'));
    connection.fail(new Error('second'));
    await clock.settle();
    assert.deepEqual([closed[0]?.message, closed.length], ['first', 1]);
    assert.match(String(closed[0]?.cause), /first/);
  });

  it('reports the error of its socket', async () => {
    await connection.handshake();
    near.destroy(new Error('connection reset'));
    await clock.settle();
    assert.equal(closed[0]?.message, 'connection reset');
  });

  it('leaves no timer when it closes while the server sends too much', async () => {
    await connection.handshake();
    const pending = clock.pending;
    server.write(
      Buffer.concat(
        Array.from({ length: 40 }, () =>
          new ChunkWriter().write(4, {
            ...control(MessageType.audio, ''),
            payload: Buffer.alloc(10_000),
          }),
        ),
      ),
    );
    for (let n = 0; n < 30; n++) await clock.settle();
    assert.ok(clock.pending > pending, 'it has to wait');
    connection.dispose();
    await clock.settle();
    assert.equal(clock.pending, 0);
  });

  it('ignores messages received with the command to close', async () => {
    await connection.handshake();
    server.socket.cork();
    server.invoke('close', 0);
    server.status('error', 'Late');
    server.socket.uncork();
    await clock.settle();
    assert.equal(closed.length, 1);
    assert.deepEqual(statuses, []);
  });
});
