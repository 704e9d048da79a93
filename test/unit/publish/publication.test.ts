import assert from 'node:assert/strict';
import { Publication, type PublicationEnd } from '../../../src/core/publish/publication.js';
import { OutputClock } from '../../../src/core/publish/queue/output-clock.js';
import { Patience } from '../../../src/core/publish/queue/patience.js';
import { SendQueue } from '../../../src/core/publish/queue/send-queue.js';
import { TransitTimes } from '../../../src/core/publish/queue/transit-times.js';
import { Refusals } from '../../../src/core/publish/rtmp/refusals.js';
import { parseOutputAddress } from '../../../src/core/publish/rtmp/rtmp-target.js';
import type { StreamTag } from '../../../src/media/stream-tag.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FakeSession } from './fake-session.js';
import { startingPoint, tag } from './tags.js';

const TIMINGS = {
  holdMs: 50,
  settleMs: 300,
  stallMs: 8000,
  mostStallMs: 60_000,
  sustainedMs: 5000,
  sustainedBytes: 100,
  reconnectRequestMs: 10_000,
};
const HEADERS = ['metadata 0', 'video-header 0', 'audio-header 0'];
const RUN_UP = [...HEADERS, 'keyframe 0', 'audio 3'];

describe('Publication', () => {
  let clock: FakeClock;
  let session: FakeSession;
  let queue: SendQueue;
  let transit: TransitTimes;
  let publication: Publication;
  let events: string[];
  let ends: PublicationEnd[];

  beforeEach(() => {
    clock = new FakeClock();
    session = new FakeSession();
    queue = new SendQueue();
    transit = new TransitTimes();
    events = [];
    ends = [];
    const target = parseOutputAddress({ url: 'rtmp://127.0.0.1/live/key' }, 'outputs.main');
    publication = new Publication(
      session,
      queue,
      new Patience(20_000),
      new OutputClock(),
      transit,
      new Refusals(target, 'outputs.main'),
      TIMINGS,
      {
        onSent: () => {},
        onLive: () => events.push('live'),
        onSustained: () => events.push('sustained'),
        onSlow: (slow) => events.push(slow ? 'slow' : 'not slow'),
        onStalled: (seconds) => events.push(seconds === undefined ? 'flows' : 'stalled'),
      },
    );
    void publication.ended.then((end) => ends.push(end));
  });

  afterEach(async () => {
    publication.dispose();
    await clock.pass(20_000);
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  /** Starts it and lets its hold pass. */
  async function start(snapshot: () => StreamTag[] = startingPoint): Promise<void> {
    publication.start(snapshot, TIMINGS.holdMs);
    await clock.pass(TIMINGS.holdMs, 10);
  }

  /** How it has ended; undefined while it has not. */
  const ended = (): PublicationEnd | undefined => ends[0];
  /** How it was lost. */
  function lost(): Extract<PublicationEnd, { kind: 'lost' }> {
    const end = ended();
    assert.ok(end?.kind === 'lost');
    return end;
  }

  function push(...tags: StreamTag[]): void {
    for (const next of tags) publication.push(next);
  }

  it('sends nothing while the server may yet close, then the starting point of that moment', async () => {
    let snapshot: StreamTag[] = [];
    publication.start(() => snapshot, TIMINGS.holdMs);
    push(tag('keyframe', 0), tag('interframe', 33));
    await clock.pass(40, 10);
    assert.deepEqual(session.sent, []);
    snapshot = startingPoint();
    await clock.pass(10);
    assert.deepEqual(session.sent, RUN_UP);
  });

  it('sends no tag twice that was in the starting point and is pushed after it', async () => {
    const snapshot = startingPoint();
    await start(() => snapshot);
    push(...snapshot.slice(-2), tag('interframe', 33), tag('audio', 24));
    assert.deepEqual(session.sent, [...RUN_UP, 'interframe 33', 'audio 24']);
  });

  it('keeps what the socket does not take, and goes on when it does', async () => {
    session.room = 2;
    await start();
    push(tag('interframe', 33));
    assert.deepEqual(session.sent, RUN_UP.slice(0, 2));
    session.drain(3);
    assert.deepEqual(session.sent, RUN_UP);
    session.drain(10);
    assert.deepEqual(session.sent, [...RUN_UP, 'interframe 33']);
  });

  it('is live once the server has not closed for a while', async () => {
    await start();
    await clock.pass(250, 10);
    assert.deepEqual(events, []);
    await clock.pass(250, 10);
    assert.deepEqual(events, ['live']);
  });

  it('is live when the server acknowledges data', async () => {
    await start();
    session.acknowledged = true;
    await clock.pass(200, 10);
    assert.deepEqual(events, ['live']);
  });

  it('is not live without media, however long', async () => {
    await start(() => []);
    session.acknowledged = true;
    await clock.pass(5000);
    assert.deepEqual(events, []);
    push(...startingPoint());
    await clock.pass(250);
    assert.deepEqual(events, ['live']);
  });

  it('has been up long enough by time and bytes, both', async () => {
    await start(() => [tag('keyframe', 0)]);
    await clock.pass(6000);
    assert.ok(session.bytesTaken < TIMINGS.sustainedBytes);
    assert.deepEqual(events, ['live']);
    push(tag('interframe', 33, Buffer.alloc(100, 0x27)));
    await clock.pass(250);
    assert.deepEqual(events, ['live', 'sustained']);
    await clock.pass(10_000);
    assert.equal(events.length, 2);
  });

  it('is lost when the server closes, with its reason', async () => {
    await start();
    await clock.pass(500);
    session.serverCloses();
    await clock.settle();
    assert.equal(lost().atOnce, false);
    assert.match(lost().error.message, /the server closed the connection/);
  });

  it('is lost at once when a server closes that has just accepted', async () => {
    await start();
    session.serverCloses();
    await clock.settle();
    assert.equal(lost().atOnce, true);
    assert.match(lost().error.message, /accepted the stream and closed the connection at once/);
  });

  it('is not lost at once for another reason, or after a while without media', async () => {
    await start(() => []);
    await clock.pass(1300);
    session.serverCloses();
    await clock.settle();
    assert.equal(lost().atOnce, false);
  });

  it('keeps the reason of a server that refuses at once', async () => {
    await start();
    session.serverCloses(ErrorCodes.outputRefused);
    await clock.settle();
    assert.deepEqual([lost().atOnce, lost().error.code], [false, ErrorCodes.outputRefused]);
  });

  it('gives up a socket that accepts nothing while the server answers beside it', async () => {
    await start();
    session.stalled = TIMINGS.stallMs;
    await clock.pass(5000);
    assert.equal(ended(), undefined);
    assert.deepEqual(session.calls, ['ask']);
    session.stalled = TIMINGS.stallMs + 1;
    await clock.pass(250);
    assert.equal(lost().error.code, ErrorCodes.outputStalled);
    assert.match(lost().error.message, /for 8 s/);
  });

  it('gives up a server whose acknowledgements are missing for twice that time', async () => {
    await start();
    session.silent = 2 * TIMINGS.stallMs;
    await clock.pass(5000);
    assert.equal(ended(), undefined);
    session.silent = 2 * TIMINGS.stallMs + 1;
    await clock.pass(250);
    assert.match(lost().error.message, /for 16 s/);
  });

  it('waits while the network is interrupted, says so, and drops nothing', async () => {
    await start();
    await clock.pass(1000);
    session.room = 0;
    session.answers = false;
    for (let n = 1; n < 150; n++) {
      session.stalled = n * 100;
      push(tag(n % 10 === 0 ? 'keyframe' : 'interframe', n * 100));
      await clock.pass(100);
    }
    assert.equal(ended(), undefined);
    assert.deepEqual(events, ['live', 'stalled']);
    session.stalled = 0;
    session.drain(Number.POSITIVE_INFINITY);
    await clock.pass(250);
    assert.ok(events.includes('flows'));
    assert.equal(queue.droppedFrames, 0);
    assert.equal(session.sent.length, RUN_UP.length + 149);
  });

  it('drops nothing while a server catches up on what the socket has taken at once', async () => {
    await start();
    await clock.pass(1000);
    session.receivedBytes = 0;
    session.bytesTaken = 1000;
    const pushFor = async (fromMs: number, stalled: (n: number) => number) => {
      for (let n = 1; n <= 30; n++) {
        session.stalled = stalled(n);
        push(tag(n % 10 === 0 ? 'keyframe' : 'interframe', fromMs + n * 100));
        await clock.pass(100);
      }
    };
    session.room = 0;
    await pushFor(0, (n) => n * 100);
    session.stalled = 0;
    session.drain(30);
    assert.ok(queue.empty);
    await pushFor(3000, () => 0);
    assert.equal(queue.droppedFrames, 0);
    // It has all: from now on it is as slow as others.
    session.receivedBytes = 1000;
    session.drain(Number.POSITIVE_INFINITY);
    session.room = 0;
    await pushFor(6000, () => 0);
    assert.ok(queue.droppedFrames > 0);
  });

  it('does not wait for ever', async () => {
    await start();
    session.answers = false;
    session.stalled = TIMINGS.mostStallMs + 1;
    await clock.pass(250);
    assert.match(lost().error.message, /for 60 s/);
  });

  it('goes on with what the session before has not sent', async () => {
    queue.restart(startingPoint());
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
      queue.sent.add(entry.tag, entry.tag.timestampMs, 0);
    }
    queue.sent.received(Number.POSITIVE_INFINITY);
    queue.push(tag('interframe', 33), 20_000);
    publication.resume(TIMINGS.holdMs);
    push(tag('audio', 40));
    assert.deepEqual(session.sent, []);
    await clock.pass(TIMINGS.holdMs, 10);
    push(tag('interframe', 66));
    assert.deepEqual(session.sent, [...HEADERS, 'keyframe 0', 'interframe 33', 'audio 40', 'interframe 66']);
  });

  it('reports a slow server when frames are dropped for seconds, and when that is over', async () => {
    await start();
    await clock.pass(1000);
    session.room = 0;
    let ms = 33;
    const push40 = async (seconds: number) => {
      for (let n = 0; n < seconds * 10; n++) {
        ms += 100;
        push(tag(ms % 1000 < 100 ? 'keyframe' : 'interframe', ms));
        await clock.pass(100);
      }
    };
    await push40(15);
    assert.deepEqual(events, ['live', 'slow']);
    session.drain(Number.POSITIVE_INFINITY);
    await push40(12);
    assert.deepEqual(
      events.filter((event) => event.endsWith('slow')),
      ['slow', 'not slow'],
    );
  });

  it('does not report a slow server if nothing is accepted at all', async () => {
    await start();
    await clock.pass(1000);
    session.room = 0;
    session.answers = false;
    for (let n = 1; n < 400; n++) {
      session.stalled = n * 100;
      push(tag(n % 10 === 0 ? 'keyframe' : 'interframe', n * 100));
      await clock.pass(100);
    }
    assert.ok(queue.droppedFrames > 0);
    assert.deepEqual(
      events.filter((event) => event.endsWith('slow')),
      [],
    );
  });

  it('follows a request to reconnect at the next keyframe, and sends nothing after it', async () => {
    await start();
    session.reconnectRequest = { tcUrl: 'rtmp://other/live', atMs: performance.now() };
    push(tag('interframe', 33), tag('keyframe', 66), tag('interframe', 99));
    await clock.settle();
    assert.deepEqual(session.sent, [...RUN_UP, 'interframe 33']);
    assert.deepEqual(ended(), { kind: 'reconnect', tcUrl: 'rtmp://other/live' });
    assert.deepEqual(session.calls, ['close', 'dispose']);
  });

  it('sends its queue before it follows one, but not forever', async () => {
    session.room = 0;
    await start();
    session.reconnectRequest = { tcUrl: undefined, atMs: performance.now() };
    push(tag('keyframe', 66));
    await clock.pass(900);
    assert.deepEqual(session.calls, []);
    await clock.pass(100);
    assert.deepEqual(ended(), { kind: 'reconnect', tcUrl: undefined });
  });

  it('follows one without a keyframe after a while, once', async () => {
    await start();
    session.closes = false;
    session.reconnectRequest = { tcUrl: undefined, atMs: performance.now() };
    await clock.pass(10_000);
    assert.deepEqual(session.calls, []);
    await clock.pass(1500);
    assert.deepEqual(ended(), { kind: 'reconnect', tcUrl: undefined });
    assert.equal(session.calls.filter((call) => call === 'close').length, 1);
  });

  it('is not lost when the server closes first that asked to be left', async () => {
    await start();
    session.closes = false;
    session.reconnectRequest = { tcUrl: undefined, atMs: performance.now() };
    push(tag('keyframe', 66));
    session.serverCloses();
    await clock.pass(3000);
    assert.equal(ended()?.kind, 'reconnect');
  });

  it('ends the stream after sending its queue, and accepts nothing more', async () => {
    session.room = 0;
    await start();
    const stopped = publication.endStream(5000);
    push(tag('interframe', 33));
    await clock.settle();
    assert.deepEqual(session.calls, []);
    session.drain(100);
    await stopped;
    assert.deepEqual(session.sent, RUN_UP);
    assert.deepEqual([session.calls, ended()], [['endStream', 'dispose'], { kind: 'stopped' }]);
  });

  it('ends the stream without its queue at the deadline', async () => {
    session.room = 0;
    session.closes = false;
    await start();
    const stopped = publication.endStream(1000);
    await clock.pass(1100);
    await stopped;
    assert.deepEqual([session.calls, ended()], [['endStream', 'dispose'], { kind: 'stopped' }]);
  });

  it('never starts when it is ended in its hold', async () => {
    session.closes = false;
    publication.start(startingPoint, TIMINGS.holdMs);
    const stopped = publication.endStream(1000);
    await clock.pass(2000);
    await stopped;
    assert.deepEqual(session.sent, []);
  });

  it('measures how long live tags stayed in the core, and not those it starts with', async () => {
    await start();
    const next = tag('interframe', 33);
    await clock.pass(30);
    push(next);
    clock.tick(5);
    session.hooks?.onFlush();
    session.hooks?.onFlush();
    assert.deepEqual(transit.take(), [35]);
  });

  it('leaves nothing behind when it is disposed of', async () => {
    await start();
    publication.dispose();
    assert.equal(clock.pending, 0);
    assert.equal(session.hooks, undefined);
  });
});
