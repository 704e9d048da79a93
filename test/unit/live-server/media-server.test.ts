import assert from 'node:assert/strict';
import { hashKey } from '../../../src/core/stubs/live-server-stub.js';
import type { IngestDesk } from '../../../src/live-server/ingest-desk.js';
import { LiveStream, type Viewer } from '../../../src/live-server/live-stream.js';
import { handlerOf } from '../../../src/live-server/media-server.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import {
  RtmpRefusal,
  type RtmpServerHandler,
  RtmpServerSession,
} from '../../../src/rtmp/rtmp-server-session.js';

const KEY = 'the-key';

describe("the live server's streams", () => {
  const stream = new LiveStream();
  const sessions: RtmpServerSession[] = [];
  let watched: string[];
  /** It has one ingest that is decoded. */
  const desk: Pick<IngestDesk, 'publish' | 'watch' | 'wrongApp'> = {
    publish: () => assert.fail('nobody publishes'),
    watch: (ingest: string, viewer: () => Viewer) => {
      assert.ok(viewer());
      watched.push(ingest);
      return () => watched.push('left');
    },
    wrongApp: (app, code) => new RtmpRefusal(code, `not ${app}`),
  };
  beforeEach(() => {
    watched = [];
  });
  afterEach(() => {
    for (const session of sessions.splice(0)) session.dispose();
  });
  after(() => stream.dispose());

  function handler(host = '127.0.0.1', withDesk = true): RtmpServerHandler {
    const publishKey = hashKey(KEY);
    return handlerOf(stream, { publishKey, viewToken: undefined, host }, withDesk ? desk : undefined);
  }
  function play(handlers: RtmpServerHandler, remoteAddress: string): { end(): void } {
    const [socket] = createInMemoryPair();
    const session = new RtmpServerSession(Object.assign(socket, { remoteAddress }), handlers);
    sessions.push(session);
    return handlers.play({ app: 'ingest-play', name: 'obs', program: 'test' }, session);
  }

  it('play what is published to an ingest to programs of this computer', () => {
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) play(handler(), address).end();
    play(handler('192.168.1.2'), '192.168.1.2').end();
    assert.deepEqual(watched, Array(4).fill(['obs', 'left']).flat());
  });

  it('play it to no other computer', () => {
    for (const host of ['0.0.0.0', '192.168.1.2']) {
      assert.throws(() => play(handler(host), '192.168.1.20'), {
        code: 'NetStream.Play.Failed',
        message: /on the computer of Bulkhead alone/,
      });
    }
    assert.deepEqual(watched, []);
  });

  it('have no such application where there is no ingest', () => {
    const [socket] = createInMemoryPair();
    const session = new RtmpServerSession(socket, handler());
    sessions.push(session);
    assert.doesNotThrow(() => handler().checkApp('ingest-play', session));
    assert.throws(() => handler('127.0.0.1', false).checkApp('ingest-play', session), RtmpRefusal);
  });

  it('take no publisher there', () => {
    const [socket] = createInMemoryPair();
    const session = new RtmpServerSession(socket, handler());
    sessions.push(session);
    const request = { app: 'ingest-play', name: `stream?key=${KEY}`, program: 'test' };
    assert.throws(() => handler().publish(request, session), RtmpRefusal);
    assert.ok(handler().publish({ ...request, app: 'live' }, session));
  });
});
