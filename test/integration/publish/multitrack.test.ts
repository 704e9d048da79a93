import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputStatus } from '../../../src/protocol/status/output-status.js';
import { ChunkStream, MessageType, type RtmpMessage } from '../../../src/rtmp/messages.js';
import type { RtmpConnection } from '../../../src/rtmp/rtmp-connection.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { AAC_HEADER, aacFrame, avcFrame } from '../../support/flv.js';
import { freePorts } from '../../support/live-server.js';
import { type PeerConnection, RtmpPeer } from '../../support/rtmp-peer.js';
import { openPublishing, PUBLISHING_STREAM } from '../../support/rtmp-publishing.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { avcHeaderOf, SPS_720P30 } from '../../support/sps.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const FRAME_MS = 40;
const GOP_FRAMES = 10;
/** The numbers of frames say which session they belong to. */
const SESSION_FRAMES = 1_000_000;
const HEADER = 0;
const FRAME = 1;

function sized(track: number, body: Buffer): Buffer {
  const head = Buffer.from([track, 0, 0, 0]);
  head.writeUIntBE(body.length, 1, 3);
  return Buffer.concat([head, body]);
}

function numbered(n: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32BE(n);
  return body;
}

/** Two tracks of H.264 in one packet, and two of AAC and Opus; the second ones only have numbers in them. */
const video = (frameType: number, type: number, main: Buffer, other: Buffer) =>
  Buffer.concat([
    Buffer.from([0x86 | (frameType << 4), 0x10 | type]),
    ...[Buffer.from('avc1'), sized(0, main), sized(1, other)],
  ]);
const audio = (type: number, main: Buffer, other: Buffer) =>
  Buffer.concat([
    Buffer.from([0x95, 0x20 | type]),
    ...[Buffer.from('mp4a'), sized(0, main), Buffer.from('Opus'), sized(1, other)],
  ]);

/** A publisher of two audio and two video tracks; its clock begins anywhere. */
class MultitrackPublisher {
  private sent = 0;
  private readonly timer = setInterval(() => this.sendFrame(), FRAME_MS);

  private constructor(
    private readonly connection: RtmpConnection,
    private readonly session: number,
  ) {
    this.send('video', 0, video(1, HEADER, avcHeaderOf(SPS_720P30).subarray(5), numbered(session)));
    this.send('audio', 0, audio(HEADER, AAC_HEADER.subarray(2), numbered(77)));
  }

  static async start(rtmpPort: number, key: string, session: number): Promise<MultitrackPublisher> {
    return new MultitrackPublisher(await openPublishing(rtmpPort, 'ingest', key), session);
  }

  /** As when it is killed: the connection is gone, and nothing has been said. */
  kill(): void {
    clearInterval(this.timer);
    this.connection.dispose();
  }

  private sendFrame(): void {
    const isKeyframe = this.sent % GOP_FRAMES === 0;
    const n = this.session * SESSION_FRAMES + this.sent;
    const frame = avcFrame(isKeyframe ? 'keyframe' : 'interframe', n).subarray(2);
    const ms = this.sent * FRAME_MS;
    this.send(
      'video',
      ms,
      video(isKeyframe ? 1 : 2, FRAME, frame, Buffer.concat([frame.subarray(0, 3), numbered(n)])),
    );
    this.send('audio', ms, audio(FRAME, aacFrame(n).subarray(2), numbered(n)));
    this.sent += 1;
  }

  private send(kind: 'audio' | 'video', ms: number, payload: Buffer): void {
    const timestamp = this.session * 50_000 + ms;
    this.connection.write(ChunkStream[kind], {
      ...{ type: MessageType[kind], streamId: PUBLISHING_STREAM, timestamp, payload },
    });
  }
}

/** A packet of a second track, as a server got it. */
interface Extra {
  readonly kind: 'audio' | 'video';
  readonly isHeader: boolean;
  readonly isKeyframe: boolean;
  readonly ms: number;
  /** The last four bytes. */
  readonly n: number;
}

function extrasOf(messages: readonly RtmpMessage[]): Extra[] {
  return messages.flatMap(({ type, timestamp, payload }) => {
    const first = payload[0] ?? 0;
    const kind = type === MessageType.audio ? 'audio' : 'video';
    if ((kind === 'audio' ? first !== 0x95 : (first & 0x8f) !== 0x86) || type > MessageType.video) return [];
    assert.equal(payload.toString('latin1', 2, 6), kind === 'audio' ? 'Opus' : 'avc1');
    assert.equal(payload[6], 1, 'the number of the track');
    const isHeader = payload[1] === HEADER;
    return [
      {
        kind,
        isHeader,
        isKeyframe: first === 0x96,
        ms: timestamp,
        n: payload.readUInt32BE(payload.length - 4),
      },
    ];
  });
}

/** Timestamps of the main track's frames, by their numbers. */
function mainOf(messages: readonly RtmpMessage[], kind: 'audio' | 'video'): Map<number, number> {
  const own = messages.filter(({ type, payload }) => {
    const isOwn = type === MessageType[kind] && payload[0] === (kind === 'audio' ? 0xaf : payload[0]);
    return isOwn && (payload[0] ?? 0) < 0xb0 && payload[1] === FRAME;
  });
  // The slate repeats the last keyframe.
  return new Map(
    own
      .filter(({ payload }) => payload.length >= 6)
      .reverse()
      .map(({ payload, timestamp }) => [payload.readUInt32BE(payload.length - 4), timestamp]),
  );
}

describe('all tracks of a publisher', function () {
  this.timeout(90_000);
  const folder = tempDir('multitrack');
  let all: RtmpPeer;
  let first: RtmpPeer;
  let run: Bulkhead;
  let rtmpPort: number;
  let publisher: MultitrackPublisher | undefined;
  let outputs: readonly OutputStatus[];
  const advised: (boolean | undefined)[] = [];

  // What is checked below has happened once: a publisher crashes and comes back, then a server.
  before(async () => {
    [all, first] = [await RtmpPeer.start(), await RtmpPeer.start()];
    const ports = await freePorts();
    rtmpPort = ports.rtmpPort;
    const config = writeConfig(folder.path, {
      input: { type: 'ingest' },
      outputs: [
        { id: 'all', url: all.url(), key: 'file:key', multitrack: true },
        { id: 'first', url: first.url(), key: 'file:key' },
      ],
      liveServer: ports,
    });
    writeFileSync(join(folder.path, 'key'), 'a-key\n');
    run = new Bulkhead(['live', config], { env: { XDG_DATA_HOME: folder.path } });
    await run.until(
      'on air',
      ({ outputs, ingests }) =>
        ingests[0]?.url?.startsWith('rtmp') === true && outputs.every(({ state }) => state === 'live'),
    );
    await published(1);
    publisher?.kill();
    await run.until(
      'the fallback',
      ({ ingests, encoder }) => ingests[0]?.state === 'lost' && encoder.videoPid !== 0,
    );
    const { length } = extras(all.last);
    const count = all.last.messages.length;
    await eventually('media of the fallback', () =>
      all.last.messages.length > count + 20 ? true : undefined,
    );
    assert.equal(extras(all.last).length, length, 'the fallback has no second track');
    await published(2);
    all.last.reset();
    await eventually('another session', () => (all.connections.length === 2 ? true : undefined));
    await eventually('its tracks', () => (frames(2).length > 20 ? true : undefined));
    await run.until('both are live', (status) => status.outputs.every(({ state }) => state === 'live'));
    ({ outputs } = await run.status());
    advised.push(await isAdvised());
    assert.equal(
      (await runBulkhead(['output', 'set', 'all', '--no-multitrack'], { address: run.address })).code,
      0,
    );
    advised.push(await isAdvised());
    publisher?.kill();
    await run.stop();
  });

  after(async () => {
    publisher?.kill();
    await run?.end();
    await Promise.all([all?.stop(), first?.stop()]);
    folder.dispose();
  });

  const extras = (connection: PeerConnection) => extrasOf(connection.media);
  /** Of the output that takes all, before it was changed. */
  const sessions = () => all.connections.slice(0, 2);
  const frames = (session: number, connection = all.last) =>
    extras(connection).filter(({ isHeader, n }) => !isHeader && Math.floor(n / SESSION_FRAMES) === session);

  const isAdvised = async () =>
    (await run.status()).ingests[0]?.advice.some((advice) =>
      /sends 2 video tracks and 2 audio tracks; only the first of each is used/.test(advice),
    );

  async function published(session: number): Promise<void> {
    const key = readFileSync(join(folder.path, 'bulkhead', 'ingests', 'ingest.key'), 'utf8').trim();
    publisher = await MultitrackPublisher.start(rtmpPort, key, session);
    await eventually(`tracks of session ${session}`, () => {
      const ofFirst = [...mainOf(all.last.media, 'audio').keys()];
      const begun = ofFirst.filter((n) => Math.floor(n / SESSION_FRAMES) === session);
      return frames(session).length > 60 && begun.length > 8 ? true : undefined;
    });
  }

  it('come with their headers, which are sent again where they have changed', () => {
    const headers = sessions().map((connection) =>
      extras(connection)
        .filter(({ isHeader }) => isHeader)
        .map(({ kind, n }) => [kind, n]),
    );
    const sorted = headers.map((each) => each.map(([kind, n]) => `${kind} ${n}`).sort());
    assert.deepEqual(sorted, [
      ['audio 77', 'video 1', 'video 2'],
      ['audio 77', 'video 2'],
    ]);
    for (const connection of sessions()) {
      for (const kind of ['audio', 'video']) {
        const own = extras(connection).filter((extra) => extra.kind === kind);
        assert.equal(own[0]?.isHeader, true, `${kind} begins with its header`);
      }
    }
  });

  it('begin with a keyframe in each session, and are in order, at the time of the first track', () => {
    for (const [index, connection] of sessions().entries()) {
      for (const session of index === 0 ? [1, 2] : [2]) {
        for (const kind of ['audio', 'video'] as const) {
          const own = frames(session, connection).filter((extra) => extra.kind === kind);
          if (kind === 'video') assert.equal(own[0]?.isKeyframe, true);
          assert.ok(own.length > 8, `${own.length} of ${kind} in session ${session}`);
          const main = mainOf(connection.media, kind);
          // The main track's first sound is left out where the track has been filled up to there with silence, and only there.
          const begins = kind === 'audio' ? own.findIndex(({ n }) => main.has(n)) : 0;
          assert.ok(begins >= 0, `the first track has no ${kind}`);
          const sounds = connection.media.filter(({ type }) => type === MessageType.audio);
          for (const [at, { n, ms }] of own.entries()) {
            assert.ok(at === 0 || n > (own[at - 1]?.n ?? 0), `${kind} ${n}`);
            if (at < begins) {
              const filled = sounds.some(
                ({ timestamp, payload }) => payload[0] === 0xaf && Math.abs(timestamp - ms) <= 24,
              );
              assert.ok(filled, `the first track has no sound at ${ms} ms`);
              continue;
            }
            // A new session of the output squeezes the frames of the main track that come again.
            const apartMs = Math.abs(ms - (main.get(n) ?? 0));
            if (index === 0) assert.ok(apartMs <= (kind === 'audio' ? 22 : 0), `${kind} ${n}: ${apartMs} ms`);
          }
        }
      }
    }
  });

  it('never go back, also across the sessions of the output', () => {
    for (const kind of ['audio', 'video']) {
      const own = sessions()
        .flatMap(extras)
        .filter((extra) => extra.kind === kind && !extra.isHeader);
      for (const [at, { ms }] of own.slice(1).entries())
        assert.ok(ms > (own[at]?.ms ?? 0), `${kind} at ${ms}`);
    }
  });

  it('go to no other output, which has the first of each', () => {
    assert.equal(first.connections.length, 1);
    assert.deepEqual(extras(first.last), []);
    for (const kind of ['audio', 'video'] as const) {
      const numbers = [...mainOf(first.last.media, kind).keys()].map((n) => Math.floor(n / SESSION_FRAMES));
      assert.ok(numbers.includes(1) && numbers.includes(2), kind);
    }
    const announced = [...sessions(), first.last].map((connection) => {
      const [connect] = connection.command('connect')?.args ?? [];
      return (JSON.parse(JSON.stringify(connect)) as { readonly capsEx: number }).capsEx;
    });
    assert.deepEqual(announced, [3, 3, 1]);
  });

  it('are said to be left out only while no output takes them', () => {
    assert.deepEqual(advised, [false, true]);
  });

  it('are nothing that an output has reconnected for', () => {
    assert.deepEqual(
      outputs.map(({ id, sessions }) => [id, sessions]),
      [
        ['all', 2],
        ['first', 1],
      ],
    );
  });
});
