import assert from 'node:assert/strict';
import type { OwnStatus } from '../../../src/core/publish/output.js';
import { RtmpOutput, type RtmpOutputOptions } from '../../../src/core/publish/rtmp/rtmp-output.js';
import { readAmf0, writeAmf0 } from '../../../src/media/amf0.js';
import type { ExtraTagKind, StreamTag, StreamTagKind } from '../../../src/media/stream-tag.js';
import {
  MessageType,
  type RtmpMessage,
  UserControlEvent,
  uint32Message,
} from '../../../src/rtmp/messages.js';
import { aacFrame, avcFrame, avcHeader } from '../../support/flv.js';
import { freePort } from '../../support/ports.js';
import { type PeerScript, RtmpPeer, STREAM_ID } from '../../support/rtmp-peer.js';
import { eventually } from '../../support/wait.js';

const KEY = 'live_secret-key-1234';
const PASSWORD = 'pass-word-5678';

function tag(kind: Exclude<StreamTagKind, ExtraTagKind>, timestampMs: number, payload?: Buffer): StreamTag {
  const made =
    payload ??
    (kind === 'audio' || kind === 'audio-header'
      ? aacFrame(timestampMs % 1000)
      : kind === 'metadata'
        ? writeAmf0('onMetaData', { width: 320 })
        : kind === 'video-header'
          ? avcHeader(1)
          : avcFrame(kind, timestampMs % 1000));
  return { kind, timestampMs, payload: made, readAtMs: performance.now() };
}

const RUN_UP = [
  tag('metadata', 0),
  tag('video-header', 0),
  tag('audio-header', 0),
  tag('keyframe', 0),
  tag('audio', 3),
];

const connectedWith = (peer: RtmpPeer) =>
  (peer.last.command('connect')?.args[0] ?? {}) as Record<string, unknown>;
const isPong = ({ type, payload }: RtmpMessage) =>
  type === MessageType.userControl && payload.readUInt16BE() === UserControlEvent.pingResponse;

describe('RtmpOutput and a server that', () => {
  const cleanUp: (() => unknown)[] = [];
  afterEach(async () => {
    for (const undo of cleanUp.splice(0).reverse()) await undo();
  });

  async function startPeer(script: PeerScript = {}): Promise<RtmpPeer> {
    const peer = await RtmpPeer.start(script);
    cleanUp.push(() => peer.stop());
    return peer;
  }

  function startOutput(
    url: string,
    options: Partial<RtmpOutputOptions> = {},
    snapshot: () => StreamTag[] = () => RUN_UP,
  ): { output: RtmpOutput; history: OwnStatus[] } {
    const output = new RtmpOutput({ id: 'main', url, key: KEY, ...options }, snapshot);
    cleanUp.push(() => output.dispose());
    const history: OwnStatus[] = [];
    output.onDidChange(() => history.push(output.status()));
    output.start();
    return { output, history };
  }

  const reaches = (output: RtmpOutput, state: OwnStatus['state'], deadlineMs?: number) =>
    eventually(
      `the output is ${state}`,
      () => (output.status().state === state ? output.status() : undefined),
      deadlineMs,
    );
  const fails = (output: RtmpOutput, code: string) =>
    eventually(`the error is ${code}`, () => {
      const { error } = output.status();
      return error?.code === code ? error : undefined;
    });

  it('is compliant gets all media, in order, and an orderly end', async () => {
    const peer = await startPeer();
    const { output, history } = startOutput(peer.url('live/inst?a=b'));
    await reaches(output, 'live');
    for (const next of [tag('interframe', 33), tag('audio', 24), tag('keyframe', 66)]) output.push(next);
    await output.stop(5000);

    const { commands, media, messages } = peer.last;
    assert.deepEqual(
      commands.map(({ name }) => name),
      ['connect', 'releaseStream', 'FCPublish', 'createStream', 'publish', 'FCUnpublish', 'deleteStream'],
    );
    const connect = commands[0]?.args[0] as Record<string, unknown>;
    assert.equal(connect['app'], 'live/inst?a=b');
    assert.equal(connect['tcUrl'], `rtmp://127.0.0.1:${peer.port}/live/inst?a=b`);
    assert.equal(connect['type'], 'nonprivate');
    assert.match(String(connect['flashVer']), /FMLE/);
    assert.deepEqual(connect['fourCcList'], ['av01', 'hvc1', 'vp09']);
    assert.deepEqual({ ...(connect['videoFourCcInfoMap'] as object) }, { av01: 2, hvc1: 2, vp09: 2 });
    assert.equal(connect['capsEx'], 1);
    const publish = peer.last.command('publish');
    assert.deepEqual(publish?.args, [null, KEY, 'live']);
    assert.equal(publish?.streamId, STREAM_ID);
    assert.deepEqual(peer.last.command('deleteStream')?.args, [null, STREAM_ID]);

    const { setChunkSize, dataAmf0, video, audio } = MessageType;
    assert.equal(messages[0]?.type, setChunkSize);
    assert.deepEqual(
      media.map(({ type, timestamp }) => [type, timestamp]),
      [
        [dataAmf0, 0],
        ...[
          [video, 0],
          [audio, 0],
          [video, 0],
          [audio, 3],
        ],
        ...[
          [video, 33],
          [audio, 24],
          [video, 66],
        ],
      ],
    );
    assert.ok(media.every(({ streamId }) => streamId === STREAM_ID));
    const [setDataFrame, onMetaData, data] = readAmf0(media[0]?.payload ?? Buffer.alloc(0));
    assert.deepEqual([setDataFrame, onMetaData], ['@setDataFrame', 'onMetaData']);
    assert.deepEqual({ ...(data as object) }, { width: 320 });
    assert.deepEqual(
      history.map(({ state, sessions }) => `${state} ${sessions}`),
      ['connecting 0', 'live 1', 'stopped 1'],
    );
    assert.ok(output.status().bytesSent > 3073 && output.status().bytesSent === peer.last.bytesRead);
    assert.equal(output.takeTransitTimes().length, 3);
  });

  it('answers byte by byte is understood', async () => {
    const peer = await startPeer({ byteByByte: true });
    const { output } = startOutput(peer.url());
    await reaches(output, 'live');
  });

  it('receives timestamps beyond 24 and 32 bits gets them extended and wrapped', async () => {
    const peer = await startPeer();
    const { output } = startOutput(peer.url(), {}, () => [tag('keyframe', 0xfffffe)]);
    await eventually('media', () => peer.connections[0]?.media[0]);
    output.push(tag('interframe', 0xffffff, Buffer.alloc(10_000, 0x27)));
    output.push(tag('interframe', 2 ** 32 - 1));
    output.push(tag('interframe', 2 ** 32 + 16));
    const media = await eventually('all', () => (peer.last.media.length === 4 ? peer.last.media : undefined));
    assert.deepEqual(
      media.map(({ timestamp }) => timestamp),
      [0xfffffe, 0xffffff, 0xffffffff, 16],
    );
    assert.equal(media[1]?.payload.length, 10_000);
  });

  it('receives a frame of megabytes gets it completely', async () => {
    const peer = await startPeer();
    const { output } = startOutput(peer.url());
    await reaches(output, 'live');
    const frame = Buffer.alloc(3_000_000, 'frame');
    output.push(tag('keyframe', 33, frame));
    const got = await eventually('frame', () => peer.last.media.find(({ timestamp }) => timestamp === 33));
    assert.ok(got.payload.equals(frame));
  });

  it('sends pings and bandwidth checks and requests acknowledgements gets its answers', async () => {
    const peer = await startPeer();
    const { output } = startOutput(peer.url());
    await reaches(output, 'live');
    const ping = { ...uint32Message(MessageType.userControl, 0), payload: Buffer.from([0, 6, 1, 2, 3, 4]) };
    peer.last.send(ping);
    peer.last.send(uint32Message(MessageType.windowAcknowledgementSize, 1000));
    peer.last.invoke('onBWDone', 0, null);
    peer.last.invoke('_onbwcheck', 42, null, 'x'.repeat(2000));
    // What nobody understands must not matter, nor what has nothing to do with the stream.
    peer.last.status('error', 'NetConnection.Call.Failed', 'no such method');
    peer.last.send(
      { type: MessageType.commandAmf0, streamId: 0, timestamp: 0, payload: Buffer.from([0x11]) },
      3,
    );
    peer.last.send({ type: 99, streamId: 5, timestamp: 0, payload: Buffer.alloc(30) });
    const { messages } = peer.last;
    const pong = await eventually('pong', () => messages.find(isPong));
    assert.equal(pong.payload.toString('hex'), '000701020304');
    const ack = await eventually('ack', () =>
      messages.find(({ type }) => type === MessageType.acknowledgement),
    );
    assert.ok(ack.payload.readUInt32BE() > 3073);
    await eventually('check', () => peer.last.command('_checkbw'));
    await eventually('result', () => peer.last.commands.find(({ transaction }) => transaction === 42));
    assert.equal(output.status().state, 'live');
  });

  for (const acks of [0, 0xffffffff, 12]) {
    it(`acknowledges wrong numbers (${acks}) is tolerated`, async () => {
      const peer = await startPeer({
        onMedia: (connection) => connection.send(uint32Message(MessageType.acknowledgement, acks)),
      });
      const { output } = startOutput(peer.url(), { timings: { settleMs: 60_000, stallMs: 200 } });
      await reaches(output, 'live');
      for (let i = 1; i < 50; i++) output.push(tag('interframe', i));
      await eventually('all media', () => (peer.last.media.length === 54 ? true : undefined));
      assert.equal(output.status().sessions, 1);
    });
  }

  const refusals: [string, NonNullable<PeerScript['onCommand']>, string, RegExp][] = [
    [
      'knows no such application',
      (connection, command) => {
        if (command.name !== 'connect') return false;
        connection.refuseConnect(command, 'NetConnection.Connect.InvalidApp', 'no app');
        return true;
      },
      'output.refused',
      /no application of that name/,
    ],
    [
      'rejects the connection',
      (connection, command) => {
        if (command.name !== 'connect') return false;
        connection.refuseConnect(command, 'NetConnection.Connect.Rejected', `key ${KEY} expired\u001b[2J`);
        return true;
      },
      'output.refused',
      /Rejected – key … key … expired …$/,
    ],
    ...['Denied', 'Rejected', 'Failed'].map(
      (what): [string, NonNullable<PeerScript['onCommand']>, string, RegExp] => [
        `refuses the key with ${what}`,
        (connection, command) => {
          if (command.name !== 'publish') return false;
          connection.status(what === 'Failed' ? 'status' : 'error', `NetStream.Publish.${what}`, `no ${KEY}`);
          return true;
        },
        'output.refused',
        /refused the stream: NetStream\.Publish\.\w+ – no … key …$/,
      ],
    ),
    [
      'refuses createStream',
      (connection, command) => {
        if (command.name !== 'createStream') return false;
        connection.refuseConnect(command, 'NetConnection.Call.Failed', 'no streams left');
        return true;
      },
      'output.refused',
      /no streams left/,
    ],
    [
      'says that it wants a login',
      (connection, command) => {
        if (command.name !== 'connect') return false;
        connection.refuseConnect(
          command,
          'NetConnection.Connect.Rejected',
          'code=403 need auth; authmod=adobe',
        );
        return true;
      },
      'output.authFailed',
      /requires a login/,
    ],
    [
      'says that publishing is unauthorized',
      (connection, command) => {
        if (command.name !== 'publish') return false;
        connection.status('error', 'NetStream.Publish.Unauthorized', '');
        return true;
      },
      'output.authFailed',
      /requires a login/,
    ],
  ];
  for (const [what, onCommand, code, message] of refusals) {
    it(`${what} ends it, with a clear message`, async () => {
      const peer = await startPeer({ onCommand });
      const { output } = startOutput(peer.url());
      const { error } = await reaches(output, 'failed');
      assert.equal(error?.code, code);
      assert.match(error.message, message);
      assert.equal(error.where, 'outputs.main');
      assert.ok(error.remedy);
      assert.ok(!JSON.stringify(output.status()).includes(KEY));
      assert.equal(peer.connections.length, 1);
      await eventually('the connection is closed', () => peer.last.closed || undefined);
    });
  }

  it('refuses after the stream was live is retried', async () => {
    let refuse = false;
    const peer = await startPeer({
      onCommand: (connection, command) => {
        if (command.name !== 'publish' || !refuse) return false;
        connection.status('error', 'NetStream.Publish.Denied', 'not now');
        return true;
      },
    });
    const { output } = startOutput(peer.url());
    await reaches(output, 'live');
    refuse = true;
    peer.last.socket.destroy();
    await fails(output, 'output.refused');
    assert.equal(output.status().state, 'reconnecting');
    refuse = false;
    await reaches(output, 'live');
    assert.equal(output.status().sessions, 2);
    assert.equal(output.status().error, undefined);
  });

  it('reports that the key is in use, and leaves the socket open, is retried until it accepts', async () => {
    let tries = 0;
    const peer = await startPeer({
      onCommand: (connection, command) => {
        if (command.name !== 'publish' || ++tries > 3) return false;
        connection.status('error', 'NetStream.Publish.BadName', 'Already publishing');
        return true;
      },
    });
    const { output, history } = startOutput(peer.url());
    const error = await fails(output, 'output.keyInUse');
    assert.match(error.remedy ?? '', /keeps trying/);
    await reaches(output, 'live');
    assert.ok(history.every(({ state }) => state !== 'failed'));
    assert.equal(output.status().sessions, 1);
    await eventually('refused connections are closed', () =>
      peer.connections.slice(0, 3).every(({ closed }) => closed) ? true : undefined,
    );
  });

  it('accepts and closes immediately (a duplicate key) counts no session, and is retried with growing delays', async () => {
    const peer = await startPeer({
      onCommand: (connection, command) => {
        connection.answer(command);
        if (command.name === 'publish') setTimeout(() => connection.socket.end(), 30);
        return true;
      },
    });
    const { output, history } = startOutput(peer.url(), { timings: { holdMs: 500 } });
    const error = await fails(output, 'output.closed');
    assert.match(error.message, /accepted the stream and closed the connection at once/);
    assert.match(error.remedy ?? '', /another program streams with this key/);
    await eventually('tries', () => (peer.connections.length >= 12 ? true : undefined));
    assert.ok(history.every(({ state, sessions }) => state !== 'live' && sessions === 0));
    assert.ok(history.length < 4, 'a failure that repeats is told once');
    assert.ok(peer.connections.every(({ media }) => media.length === 0));
    const opened = peer.connections.map(({ openedAtMs }) => openedAtMs);
    assert.ok((opened[1] ?? 0) - (opened[0] ?? 0) < 1000);
    assert.ok((opened[11] ?? 0) - (opened[10] ?? 0) > 150);
  });

  it('accepts and closes a moment later was never live', async () => {
    const peer = await startPeer({
      onMedia: ({ socket }) => setTimeout(() => socket.end(), 200),
    });
    const { output, history } = startOutput(peer.url(), { timings: { settleMs: 1500 } });
    const error = await fails(output, 'output.closed');
    assert.match(error.message, /at once/);
    await eventually('tries', () => (peer.connections.length >= 2 ? true : undefined));
    assert.ok(history.every(({ state, sessions }) => state !== 'live' && sessions === 0));
  });

  for (const sustainedMs of [100, 60_000]) {
    it(`closes every session is ${sustainedMs === 100 ? 'tried again at once when they lasted' : 'tried less and less when they did not last'}`, async () => {
      const closedAt: number[] = [];
      const peer = await startPeer({
        onMedia: ({ socket }) => {
          setTimeout(() => socket.destroy(), 300);
          socket.once('close', () => closedAt.push(performance.now()));
        },
      });
      const timings = { settleMs: 0, sustainedMs, sustainedBytes: 100 };
      startOutput(peer.url(), { timings }, () => [tag('keyframe', 0)]);
      await eventually('tries', () => (peer.connections.length >= 6 ? true : undefined));
      const waits = peer.connections.slice(2).map(({ openedAtMs }, i) => openedAtMs - (closedAt[i + 1] ?? 0));
      if (sustainedMs === 100) assert.ok(Math.min(...waits) < 75, waits.join());
      else assert.ok((waits.at(-1) ?? 0) > 150, waits.join());
    });
  }

  it('closes without a message after the key is retried, with the likely reason', async () => {
    let closing = true;
    const peer = await startPeer({
      onCommand: (connection, command) => {
        if (command.name !== 'publish' || !closing) return false;
        connection.socket.end();
        return true;
      },
    });
    const { output } = startOutput(peer.url());
    const error = await fails(output, 'output.closed');
    assert.match(error.message, /closed the connection when it got the stream key/);
    closing = false;
    await reaches(output, 'live');
  });

  it('closes without a message after the application is reported as such', async () => {
    const peer = await startPeer({
      onCommand: (connection) => {
        connection.socket.destroy();
        return true;
      },
    });
    const { output } = startOutput(peer.url());
    const error = await fails(output, 'output.closed');
    assert.match(error.message, /application's name|broke/);
  });

  it('accepts the connection and never answers is given up in time', async () => {
    const peer = await startPeer({ onConnection: () => true });
    const { output } = startOutput(peer.url(), { timings: { openMs: 300 } });
    const error = await fails(output, 'output.unreachable');
    assert.match(error.message, /took the connection and then did not respond/);
    await eventually('a second try', () => (peer.connections.length >= 2 ? true : undefined));
  });

  it('stops answering during the setup is given up in time', async () => {
    const peer = await startPeer({ onCommand: (_, { name }) => name === 'createStream' });
    const { output } = startOutput(peer.url(), { timings: { openMs: 500 } });
    await fails(output, 'output.unreachable');
  });

  it('is not an RTMP server is recognized', async () => {
    const peer = await startPeer({
      onConnection: ({ socket }) => {
        socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
        return true;
      },
    });
    const { output } = startOutput(peer.url());
    const error = await fails(output, 'output.unreachable');
    assert.match(error.message, /invalid RTMP/);
  });

  it('sends garbage in the middle of the stream is disconnected and retried', async () => {
    const peer = await startPeer();
    const { output } = startOutput(peer.url());
    await reaches(output, 'live');
    peer.last.socket.write(Buffer.alloc(5000, 0xff));
    await reaches(output, 'reconnecting');
    await reaches(output, 'live');
    assert.equal(output.status().sessions, 2);
  });

  it('is not running is retried until it is, and then goes live immediately', async () => {
    const port = await freePort();
    const { output } = startOutput(`rtmp://127.0.0.1:${port}/live`);
    const error = await fails(output, 'output.unreachable');
    assert.match(error.message, /nothing is listening/);
    assert.equal(output.status().state, 'connecting');
    await startPeer({ port });
    await reaches(output, 'live');
    assert.equal(output.status().error, undefined);
  });

  it('has an unknown name is reported as such', async () => {
    const { output } = startOutput('rtmp://no-such-host.invalid/live');
    const error = await fails(output, 'output.unreachable');
    assert.match(error.message, /no-such-host\.invalid cannot be resolved/);
  });

  it('stops reading loses frames, then the session, and never blocks the caller', async () => {
    let stop = true;
    const peer = await startPeer({
      onMedia: ({ socket }) => {
        if (stop) socket.pause();
      },
    });
    const { output } = startOutput(peer.url(), { timings: { stallMs: 1500 } });
    await reaches(output, 'live');
    const frame = Buffer.alloc(200_000, 0x27);
    let ms = 40;
    const pusher = setInterval(() => {
      const started = performance.now();
      output.push(tag(ms % 2000 === 0 ? 'keyframe' : 'interframe', ms, frame));
      output.push(tag('audio', ms));
      assert.ok(performance.now() - started < 1000);
      ms += 40;
    }, 5);
    cleanUp.push(() => clearInterval(pusher));
    const error = await fails(output, 'output.stalled');
    assert.match(error.message, /taken no data for \d+ s/);
    assert.ok(output.status().droppedFrames > 0);
    assert.ok(output.status().queueMs < 60_000);
    stop = false;
    await reaches(output, 'live');
    assert.equal(output.status().sessions, 2);
  });

  it('stops reading and ends its side is disconnected immediately', async () => {
    const peer = await startPeer({ onMedia: ({ socket }) => socket.pause() });
    const { output } = startOutput(peer.url());
    await reaches(output, 'live');
    for (let i = 1; i < 60; i++) output.push(tag('interframe', i, Buffer.alloc(400_000, 0x27)));
    peer.last.socket.end();
    const error = await eventually('error', () => output.status().error);
    assert.equal(error.code, 'output.closed');
  });

  it('has stopped reading while the kernel still accepts bytes is detected by its acknowledgements', async () => {
    let acknowledging = true;
    let unacknowledged = 0;
    const peer = await startPeer({
      onMedia: (connection, { payload }) => {
        unacknowledged += payload.length;
        if (!acknowledging || unacknowledged < 100_000) return;
        unacknowledged = 0;
        connection.send(uint32Message(MessageType.acknowledgement, connection.bytesRead));
      },
    });
    const { output } = startOutput(peer.url(), { timings: { stallMs: 400 } });
    const frame = Buffer.alloc(50_000, 0x27);
    let ms = 40;
    const pusher = setInterval(() => output.push(tag('interframe', ms++, frame)), 10);
    cleanUp.push(() => clearInterval(pusher));
    await reaches(output, 'live');
    await eventually('habit', () => (output.status().bytesSent > 2_000_000 ? true : undefined));
    acknowledging = false;
    await fails(output, 'output.stalled');
  });

  it('is down for a moment gets the headers, the GOP again, compressed after the earlier timestamps, and what was missed', async () => {
    const peer = await startPeer();
    const gop = [...RUN_UP];
    const { output } = startOutput(peer.url(), {}, () => gop);
    await reaches(output, 'live');
    for (let ms = 33; ms < 1000; ms += 33) {
      const next = tag('interframe', ms);
      gop.push(next);
      output.push(next);
    }
    await eventually('sent', () => (peer.last.media.at(-1)?.timestamp === 990 ? true : undefined));
    const missed = tag('interframe', 1023);
    output.onDidChange(() => {
      if (output.status().state !== 'reconnecting') return;
      gop.push(missed);
      output.push(missed);
    });
    peer.last.reset();
    await eventually('live again', () => (output.status().sessions === 2 ? true : undefined));
    output.push(tag('interframe', 1056));
    const { media } = peer.last;
    await eventually(
      'all',
      () => (media.length > 0 && peer.last.media.at(-1)?.timestamp === 1056) || undefined,
    );
    const times = peer.last.media
      .filter(({ type, payload }) => type === MessageType.video && payload[1] === 1)
      .map(({ timestamp }) => timestamp);
    assert.equal(times[0], 991);
    assert.equal(times.length, gop.length - 4 + 1);
    assert.ok(times.every((ms, i) => i === 0 || ms > (times[i - 1] ?? 0)));
    assert.ok(
      peer.last.media.every(
        ({ type, timestamp }) =>
          type === MessageType.audio || timestamp >= 990 || type === MessageType.dataAmf0,
      ),
    );
    assert.ok(!peer.connections[0]?.command('FCUnpublish'));
  });

  it('requests a reconnect gets the GOP completed, and the next one at the new address', async () => {
    const old = await startPeer();
    const next = await startPeer();
    let gop = [...RUN_UP];
    const { output, history } = startOutput(old.url(), {}, () => gop);
    await reaches(output, 'live');
    old.last.status('status', 'NetConnection.Connect.ReconnectRequest', 'update', {
      tcUrl: `//127.0.0.1:${next.port}/other`,
    });
    // The request has been read once its ping is answered.
    old.last.send({ ...uint32Message(MessageType.userControl, 0), payload: Buffer.from([0, 6, 0, 0, 0, 1]) });
    await eventually('read', () => old.last.messages.find(isPong));
    output.push(tag('interframe', 33));
    const keyframe = tag('keyframe', 66);
    gop = [...RUN_UP.slice(0, 3), keyframe];
    output.push(keyframe);
    await eventually('the other server is asked', () => next.connections[0]?.command('publish'));
    await eventually('live', () => (output.status().sessions === 2 ? true : undefined));
    assert.equal(old.last.media.at(-1)?.timestamp, 33);
    assert.equal(old.last.command('FCUnpublish'), undefined);
    assert.deepEqual(next.last.command('publish')?.args, [null, KEY, 'live']);
    assert.equal(connectedWith(next)['app'], 'other');
    assert.equal(next.last.media.at(-1)?.timestamp, 66);
    assert.ok(history.every(({ error }) => error === undefined));

    next.last.socket.destroy();
    await eventually('back at the address in the settings', () => old.connections[1]?.command('publish'));
  });

  it('requests a reconnect is disconnected even without a keyframe', async () => {
    const peer = await startPeer();
    const { output } = startOutput(peer.url(), { timings: { reconnectRequestMs: 200 } });
    await reaches(output, 'live');
    peer.last.status('status', 'NetConnection.Connect.ReconnectRequest');
    await eventually('second session', () => (output.status().sessions === 2 ? true : undefined));
  });

  it('reads nothing does not delay stopping the output', async () => {
    const peer = await startPeer({ onMedia: ({ socket }) => socket.pause() });
    const { output } = startOutput(peer.url());
    await reaches(output, 'live');
    for (let i = 1; i < 60; i++) output.push(tag('interframe', i, Buffer.alloc(400_000, 0x27)));
    const started = performance.now();
    await output.stop(300);
    assert.ok(performance.now() - started < 5000);
    assert.equal(output.status().state, 'stopped');
  });

  it('is being connected to, or retried, does not delay stopping the output', async () => {
    const silent = await startPeer({ onConnection: () => true });
    const { output: connecting } = startOutput(silent.url());
    await eventually('connected', () => silent.connections[0]);
    await connecting.stop(60_000);
    assert.equal(connecting.status().state, 'stopped');
    const { output: waiting } = startOutput(`rtmp://127.0.0.1:${await freePort()}/live`);
    await fails(waiting, 'output.unreachable');
    await waiting.stop(60_000);
    assert.equal(waiting.status().state, 'stopped');
  });

  it('is disconnected by dispose gets no orderly end', async () => {
    const peer = await startPeer();
    const { output } = startOutput(peer.url());
    await reaches(output, 'live');
    output.dispose();
    await eventually('closed', () => peer.last.closed || undefined);
    assert.equal(peer.last.command('FCUnpublish'), undefined);
    assert.equal(peer.connections.length, 1);
  });

  it('has no media yet is not live, and starts with the first keyframe', async () => {
    const peer = await startPeer();
    const { output } = startOutput(peer.url(), { timings: { settleMs: 50 } }, () => []);
    await eventually('published', () => peer.connections[0]?.command('publish'));
    output.push(tag('interframe', 0));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(output.status().state, 'connecting');
    for (const next of RUN_UP) output.push(next);
    await reaches(output, 'live');
    assert.equal(peer.last.media[0]?.type, MessageType.dataAmf0);
    assert.equal(output.status().droppedFrames, 0);
  });

  describe('wants a login', () => {
    const logins = {
      adobe: {
        challenge: '?reason=needauth&user=me&salt=SA==&challenge=CH==&opaque=OP==',
        proof: /&challenge=[0-9a-f]{8}&response=[A-Za-z0-9+/]{22}==&opaque=OP==$/,
      },
      llnw: {
        challenge: '?reason=needauth&user=me&nonce=NO',
        proof: /&nonce=NO&cnonce=[0-9a-f]{8}&nc=00000001&response=[0-9a-f]{32}$/,
      },
    };
    for (const [scheme, { challenge, proof }] of Object.entries(logins)) {
      const script = (accept: boolean): PeerScript => ({
        onCommand: (connection, command) => {
          if (command.name !== 'connect') return false;
          const app = String((command.args[0] as Record<string, unknown>)['app']);
          const refuse = (said: string) => {
            connection.refuseConnect(command, 'NetConnection.Connect.Rejected', said);
            connection.socket.end();
            return true;
          };
          if (!app.includes('authmod=')) return refuse(`[ code=403 need auth; authmod=${scheme} ] : `);
          if (!app.includes('response=')) return refuse(`[ authmod=${scheme} ] : ${challenge}`);
          return accept ? false : refuse(`[ authmod=${scheme} ] : ?reason=authfailed&user=me&opaque=OP`);
        },
      });

      it(`the way of ${scheme} gets it, on its third connection`, async () => {
        const peer = await startPeer(script(true));
        const { output, history } = startOutput(peer.url(), { username: 'me', password: PASSWORD });
        await reaches(output, 'live');
        assert.equal(peer.connections.length, 3);
        const { app, tcUrl } = connectedWith(peer);
        assert.match(String(app), proof);
        assert.ok(String(app).startsWith(`live?authmod=${scheme}&user=me&`));
        assert.ok(String(tcUrl).endsWith(String(app)));
        assert.equal(output.status().sessions, 1);
        assert.ok(history.every(({ error }) => error === undefined));
      });

      it(`the way of ${scheme} and refuses it ends the output`, async () => {
        const peer = await startPeer(script(false));
        const { output } = startOutput(peer.url(), { username: 'me', password: PASSWORD });
        const { error } = await reaches(output, 'failed');
        assert.equal(error?.code, 'output.authFailed');
        assert.ok(!JSON.stringify(output.status()).includes(PASSWORD));
        assert.equal(peer.connections.length, 3);
      });
    }
  });
});
