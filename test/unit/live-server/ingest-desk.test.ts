import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import sinon from 'sinon';
import { hashKey } from '../../../src/core/stubs/live-server-stub.js';
import { IngestDesk } from '../../../src/live-server/ingest-desk.js';
import { MEDIA_ACCEPTED } from '../../../src/protocol/encoder.js';
import { IngestOpenRequest } from '../../../src/protocol/ingest.js';
import type { IngestSettings } from '../../../src/protocol/live-server.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import type { RtmpRefusal, RtmpSink } from '../../../src/rtmp/rtmp-server-session.js';
import { avcFrame, avcHeader } from '../../support/flv.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const KEY = 'the-key';
const TOKEN = 'a'.repeat(64);
const FRAME = Buffer.alloc(10);

/** A publisher's connection, which keeps why it was refused. */
class PlayedSession {
  readonly peerAddress = '127.0.0.1';
  readonly refusals: string[] = [];

  refuse({ message }: RtmpRefusal): void {
    this.refusals.push(message);
  }

  dispose(): void {}
}

describe('IngestDesk', () => {
  let dir: TempDir;
  let media: Server;
  let sockets: Socket[];
  let clock: sinon.SinonFakeTimers;
  let core: RpcConnection;
  let connection: RpcConnection;
  let desk: IngestDesk;
  let sinks: RtmpSink[];
  /** Waited for before the next publisher is accepted. */
  let beforeOpen: (() => Promise<void>) | undefined;

  beforeEach(async () => {
    clock = sinon.useFakeTimers({ toFake: ['performance'] });
    dir = tempDir('desk');
    sockets = [];
    sinks = [];
    media = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.once('data', () => socket.write(`${MEDIA_ACCEPTED}\n`));
    });
    media.listen(join(dir.path, 'media.sock'));
    await once(media, 'listening');
    const [near, far] = createInMemoryPair();
    core = new RpcConnection(near, { peer: 'live server' });
    beforeOpen = undefined;
    core.onRequest(IngestOpenRequest.type, async () => {
      const waiting = beforeOpen?.();
      beforeOpen = undefined;
      await waiting;
      return { path: join(dir.path, 'media.sock'), token: TOKEN };
    });
    core.listen();
    connection = new RpcConnection(far, { peer: 'core' });
    connection.listen();
  });

  afterEach(async () => {
    for (const sink of sinks) sink.end(true);
    desk.dispose();
    core.dispose();
    connection.dispose();
    for (const socket of sockets) socket.destroy();
    media.close();
    await once(media, 'close');
    clock.restore();
    dir.dispose();
  });

  function open(secondPublisher: IngestSettings['secondPublisher'], decoded = false): void {
    desk = new IngestDesk(connection, [
      { id: 'obs', key: hashKey(KEY), secondPublisher, maxBitrateKbps: 60_000, decoded },
    ]);
  }

  async function publish(session = new PlayedSession()): Promise<PlayedSession> {
    const sink = await desk.publish({ app: 'ingest', name: KEY, program: 'test' }, session);
    sinks.push(sink);
    sink.take('video', 0, FRAME);
    return session;
  }

  it('lets the newest publisher take the place of one that delivers, and says so to that one', async () => {
    open('replace');
    const first = await publish();
    const second = await publish();
    assert.deepEqual([first.refusals.length, second.refusals.length], [1, 0]);
    assert.match(first.refusals[0] ?? '', /taken the place/);
  });

  it('ends the dispute of two that connect again by themselves: the one that delivers stays for a minute', async () => {
    open('replace');
    for (let publishers = 0; publishers < 3; publishers++) await publish();
    const last = await publish();
    await assert.rejects(publish(), /Two publishers take the place from each other/);
    assert.deepEqual(last.refusals, []);
    clock.tick(61_000);
    sinks.at(-1)?.take('video', 61_000, FRAME);
    await publish();
    assert.equal(last.refusals.length, 1);
  });

  it('refuses the second publisher while the first delivers, if it is to', async () => {
    open('refuse');
    const first = await publish();
    clock.tick(1900);
    await assert.rejects(publish(), /Another publisher is connected/);
    assert.deepEqual(first.refusals, []);
  });

  for (const secondPublisher of ['replace', 'refuse'] as const) {
    it(`gives the place of one that is frozen or half open to another, however often: "${secondPublisher}"`, async () => {
      open(secondPublisher);
      for (let publishers = 0; publishers < 8; publishers++) {
        const silent = await publish();
        clock.tick(2100);
        await publish();
        assert.equal(silent.refusals.length, 1);
        clock.tick(2100);
      }
    });
  }

  describe('of an ingest that is decoded', () => {
    const seen: string[] = [];
    const viewer = () => ({
      onTag: ({ kind }: { kind: string }) => seen.push(kind),
      onEnd: () => seen.push('end'),
    });
    afterEach(() => seen.splice(0));

    it('has what is published played, and sent to the core as well', async () => {
      open('replace', true);
      desk.watch('obs', viewer);
      await publish();
      sinks[0]?.take('video', 0, avcHeader(1));
      sinks[0]?.take('video', 0, avcFrame('keyframe', 1));
      assert.deepEqual(seen, ['video-header', 'keyframe']);
      await eventually('the media', () => ((sockets[0]?.bytesRead ?? 0) > 100 ? true : undefined));
      sinks[0]?.end(false);
      assert.deepEqual(seen, ['video-header', 'keyframe', 'end']);
    });

    it('plays a publisher that has taken the place of one that is accepted only after it', async () => {
      open('replace', true);
      let accept = () => {};
      beforeOpen = () =>
        new Promise((resolve) => {
          accept = resolve;
        });
      const slow = desk.publish({ app: 'ingest', name: KEY, program: 'test' }, new PlayedSession());
      await eventually('its request', () => (beforeOpen === undefined ? true : undefined));
      desk.watch('obs', viewer);
      await publish();
      sinks[0]?.take('video', 0, avcHeader(1));
      accept();
      (await slow).end(false);
      sinks[0]?.take('video', 0, avcFrame('keyframe', 1));
      assert.deepEqual(seen, ['video-header', 'keyframe']);
    });

    it('has nothing played of one that is passed through, or is not there', async () => {
      open('replace', false);
      for (const id of ['obs', 'other', '']) {
        assert.throws(() => desk.watch(id, viewer), { code: 'NetStream.Play.StreamNotFound' });
      }
    });
  });
});
