import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SendQueue } from '../../../src/core/publish/queue/send-queue.js';
import { isVideoFrame, type StreamTag, type StreamTagKind } from '../../../src/media/stream-tag.js';

const PAYLOAD = Buffer.alloc(100);
const LIMITS = { disposableMs: 700, frameMs: 900, bytes: 32 << 20 };
const tag = (kind: StreamTagKind, timestampMs: number, payload = PAYLOAD): StreamTag => ({
  kind,
  timestampMs,
  payload,
  readAtMs: 0,
});

/** 25 fps, a keyframe every 2 s, every second frame in between disposable; sound every 20 ms. */
function stream(fromMs: number, toMs: number): StreamTag[] {
  const tags: StreamTag[] = [];
  for (let ms = fromMs; ms < toMs; ms += 20) {
    const n = ms / 40;
    if (n % 50 === 0) tags.push(tag('keyframe', ms));
    else if (Number.isInteger(n)) tags.push(tag(n % 2 === 0 ? 'interframe' : 'disposable', ms));
    tags.push(tag('audio', ms));
  }
  return tags;
}

function drain(queue: SendQueue): StreamTag[] {
  const tags: StreamTag[] = [];
  for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) tags.push(entry.tag);
  return tags;
}

function fill(queue: SendQueue, tags: readonly StreamTag[]): void {
  for (const next of tags) queue.push(next);
}

const kinds = (tags: readonly StreamTag[]) => new Set(tags.map(({ kind }) => kind));
const ofKind = (tags: readonly StreamTag[], kind: StreamTagKind) => tags.filter((tag) => tag.kind === kind);

describe('SendQueue', () => {
  it('returns everything while the server keeps up', () => {
    const queue = new SendQueue(LIMITS);
    const sent: StreamTag[] = [];
    for (const next of stream(0, 10_000)) {
      queue.push(next);
      sent.push(...drain(queue));
    }
    assert.deepEqual(sent, stream(0, 10_000));
    assert.equal(queue.droppedFrames, 0);
  });

  it('drops frames that no other refers to above 700 ms', () => {
    const queue = new SendQueue(LIMITS);
    fill(queue, stream(0, 800));
    assert.deepEqual(kinds(drain(queue)), new Set(['keyframe', 'interframe', 'audio']));
    assert.equal(queue.droppedFrames, 10);
  });

  it('keeps 700 ms whole', () => {
    const queue = new SendQueue(LIMITS);
    fill(queue, stream(0, 720));
    assert.equal(queue.droppedFrames, 0);
    assert.equal(queue.durationMs, 700);
  });

  it('drops to the next keyframe above 900 ms, and never sound', () => {
    const queue = new SendQueue(LIMITS);
    fill(queue, stream(0, 1500));
    const left = drain(queue);
    assert.deepEqual(kinds(left), new Set(['keyframe', 'audio']));
    assert.equal(ofKind(left, 'audio').length, 75);
    fill(queue, stream(1520, 1900));
    assert.deepEqual(kinds(drain(queue)), new Set(['audio']));
    fill(queue, stream(1900, 2300));
    assert.ok(kinds(drain(queue)).has('disposable'));
  });

  it('drops older GOPs when a keyframe comes late, and keeps what can be decoded and is freshest', () => {
    const queue = new SendQueue(LIMITS);
    fill(queue, [tag('metadata', 0), tag('video-header', 0), tag('audio-header', 0), ...stream(0, 8400)]);
    const left = drain(queue);
    assert.deepEqual(
      ofKind(left, 'keyframe').map(({ timestampMs }) => timestampMs),
      [8000],
    );
    assert.equal(left.filter(isVideoFrame).length, 10);
    assert.equal(ofKind(left, 'audio').length, 420);
    for (const header of ['metadata', 'video-header', 'audio-header'] as const) {
      assert.equal(ofKind(left, header).length, 1);
    }
  });

  it('does not treat the run-up of a session as late', () => {
    const queue = new SendQueue(LIMITS);
    queue.restart(stream(0, 1900));
    fill(queue, stream(1900, 2000));
    assert.equal(queue.droppedFrames, 0);
    assert.equal(drain(queue).length, stream(0, 2000).length);
  });

  it('waits for a keyframe when a session starts without one, and does not count that as dropped', () => {
    const queue = new SendQueue(LIMITS);
    queue.restart([tag('video-header', 0), tag('interframe', 0)]);
    fill(queue, stream(40, 200));
    assert.deepEqual(kinds(drain(queue)), new Set(['video-header', 'audio']));
    fill(queue, stream(2000, 2100));
    assert.ok(kinds(drain(queue)).has('interframe'));
    assert.equal(queue.droppedFrames, 0);
  });

  it('holds its bound in bytes: frames go first, then the oldest sound, and no header', () => {
    const queue = new SendQueue({ disposableMs: 700, frameMs: 900, bytes: 5000 });
    fill(queue, [tag('video-header', 0), ...stream(0, 60_000)]);
    const left = drain(queue);
    assert.deepEqual(kinds(left), new Set(['video-header', 'audio']));
    assert.equal(left.length, 50);
    assert.equal(left.at(-1)?.timestampMs, 59_980);
  });

  it('holds its bound in bytes when an encoder sends headers without end', () => {
    const queue = new SendQueue({ disposableMs: 700, frameMs: 900, bytes: 5000 });
    const headers = Array.from({ length: 200 }, (_, n) => [
      tag('video-header', n),
      tag('audio-header', n),
    ]).flat();
    fill(queue, [tag('metadata', 0), ...headers, tag('audio', 200)]);
    const left = drain(queue);
    assert.ok(left.length <= 51, `${left.length} tags wait`);
    assert.deepEqual(ofKind(left, 'metadata'), [tag('metadata', 0)]);
    for (const kind of ['video-header', 'audio-header'] as const) {
      assert.equal(ofKind(left, kind).at(-1)?.timestampMs, 199, kind);
    }
  });

  it('begins anew with what a session starts with, whatever has been taken before', () => {
    const queue = new SendQueue(LIMITS);
    fill(queue, stream(0, 400));
    for (let n = 0; n < 5; n++) queue.shift();
    queue.restart(stream(2000, 2100));
    assert.equal(queue.durationMs, 80);
    assert.deepEqual(drain(queue), stream(2000, 2100));
  });

  it('cuts what was handed on off its list without losing what waits', () => {
    const queue = new SendQueue(LIMITS);
    fill(
      queue,
      Array.from({ length: 1400 }, (_, n) => tag('audio', n)),
    );
    for (let n = 0; n < 600; n++) assert.equal(queue.shift()?.tag.timestampMs, n);
    assert.equal(queue.durationMs, 799);
    fill(queue, [tag('audio', 1400)]);
    assert.deepEqual(
      drain(queue).map(({ timestampMs }) => timestampMs),
      Array.from({ length: 801 }, (_, n) => 600 + n),
    );
  });

  it('measures time by the newest tag, and has none when it is empty', () => {
    const queue = new SendQueue(LIMITS);
    assert.equal(queue.durationMs, 0);
    fill(queue, [tag('audio', 50)]);
    assert.equal(queue.durationMs, 0);
    fill(queue, [tag('audio', 100), tag('video-header', 80)]);
    assert.equal(queue.durationMs, 50);
  });

  it('drops what nothing refers to above its limit, and not at it', () => {
    const at = (ms: number) => {
      const queue = new SendQueue(LIMITS);
      fill(queue, [tag('keyframe', 0), tag('disposable', 40), tag('interframe', ms)]);
      return queue.droppedFrames;
    };
    assert.deepEqual([at(700), at(701)], [0, 1]);
  });

  it('drops the rest of a GOP above its limit, and not at it, by the oldest frame that is live', () => {
    const left = (ms: number) => {
      const queue = new SendQueue(LIMITS);
      queue.restart([tag('keyframe', 0), tag('audio', 5)]);
      fill(queue, [tag('audio', 10), tag('interframe', 100), tag('interframe', ms)]);
      return drain(queue).filter(isVideoFrame).length;
    };
    assert.deepEqual([left(1000), left(1001)], [3, 1]);
  });

  it('drops with the rest of a GOP what nothing refers to', () => {
    const queue = new SendQueue({ disposableMs: 900, frameMs: 700, bytes: 10_000 });
    fill(queue, [tag('keyframe', 0), tag('disposable', 40), tag('interframe', 701)]);
    assert.deepEqual(kinds(drain(queue)), new Set(['keyframe']));
  });

  it('drops an older GOP for a keyframe above its limit, and not at it', () => {
    const left = (ms: number) => {
      const queue = new SendQueue(LIMITS);
      fill(queue, [tag('keyframe', 0), tag('interframe', 40), tag('keyframe', ms)]);
      return drain(queue).map(({ timestampMs }) => timestampMs);
    };
    assert.deepEqual([left(900), left(901)], [[0, 40, 900], [901]]);
  });

  it('holds as many bytes as its bound says', () => {
    const queue = new SendQueue({ disposableMs: 700, frameMs: 900, bytes: 300 });
    fill(queue, [tag('keyframe', 0), tag('interframe', 40), tag('audio', 45)]);
    assert.equal(queue.droppedFrames, 0);
    fill(queue, [tag('audio', 65)]);
    assert.deepEqual(
      drain(queue).map(({ timestampMs }) => timestampMs),
      [45, 65],
    );
    fill(queue, [tag('interframe', 80)]);
    assert.deepEqual([queue.empty, queue.droppedFrames], [true, 3]);
  });

  it('hands on each of many thousands that wait, once and in order', () => {
    const queue = new SendQueue(LIMITS);
    const all = Array.from({ length: 3000 }, (_, n) => tag('audio', n));
    fill(queue, all);
    const sent: StreamTag[] = [];
    // Between any two of them some are added, so that the list is cut at different places.
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
      sent.push(entry.tag);
      if (sent.length % 100 !== 0 || all.length >= 3500) continue;
      const next = tag('audio', all.length);
      all.push(next);
      queue.push(next);
    }
    assert.deepEqual(sent, all);
    assert.ok(queue.empty);
    assert.equal(queue.durationMs, 0);
  });

  it('keeps what others refer to of a run-up when the live frames after it are dropped', () => {
    const queue = new SendQueue(LIMITS);
    const runUp = stream(0, 400);
    queue.restart(runUp);
    fill(queue, stream(400, 1600));
    const left = drain(queue);
    const kept = runUp.filter(({ kind }) => kind !== 'disposable');
    assert.deepEqual(left.slice(0, kept.length), kept);
    assert.deepEqual(kinds(left.slice(kept.length)), new Set(['audio']));
  });

  it('drops the oldest GOPs alone of what is to be caught up on, and no sound', () => {
    const queue = new SendQueue(LIMITS);
    for (const next of stream(0, 30_000)) queue.push(next, 10_000);
    const left = drain(queue);
    assert.equal(ofKind(left, 'audio').length, 1500);
    assert.deepEqual(left.filter(isVideoFrame), stream(20_000, 30_000).filter(isVideoFrame));
    assert.equal(queue.droppedFrames, 500);
  });

  it('keeps its bound in bytes of what is to be caught up on, without what nothing refers to first', () => {
    const queue = new SendQueue({ ...LIMITS, bytes: 28_000 });
    for (const next of stream(0, 4000)) queue.push(next, 20_000);
    const left = drain(queue);
    assert.deepEqual(kinds(left), new Set(['keyframe', 'interframe', 'disposable', 'audio']));
    assert.equal(ofKind(left, 'keyframe').length, 2);
    assert.equal(ofKind(left, 'interframe').length, 48);
  });

  describe('after a lost session', () => {
    /** Sends the tags, of which the server has those before `receivedMs`. */
    function send(queue: SendQueue, tags: readonly StreamTag[], receivedMs: number): void {
      for (const next of tags) queue.push(next, 30_000);
      let bytes = 0;
      let received = 0;
      for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
        bytes += entry.tag.payload.length;
        if (entry.tag.timestampMs < receivedMs) received = bytes;
        queue.sent.add(entry.tag, entry.tag.timestampMs, bytes);
      }
      queue.sent.received(received);
    }

    const HEADERS = [tag('metadata', 0), tag('video-header', 0), tag('audio-header', 0)];

    it('goes on from the last keyframe that the server has, with the headers, and repeats no sound', () => {
      const queue = new SendQueue(LIMITS);
      send(queue, [...HEADERS, ...stream(0, 5000)], 4600);
      for (const next of stream(5000, 5400)) queue.push(next, 20_000);
      assert.deepEqual(queue.resume(), { frameMs: 4560, audioMs: 4580 });
      const left = drain(queue);
      assert.deepEqual(
        left.slice(0, 3).map(({ kind }) => kind),
        ['metadata', 'video-header', 'audio-header'],
      );
      assert.deepEqual(left.filter(isVideoFrame), stream(4000, 5400).filter(isVideoFrame));
      assert.deepEqual(ofKind(left, 'audio'), ofKind(stream(4600, 5400), 'audio'));
    });

    it('sends everything again of a session whose server has nothing', () => {
      const queue = new SendQueue(LIMITS);
      send(queue, [...HEADERS, ...stream(0, 5000)], 0);
      assert.deepEqual(queue.resume(), { frameMs: -1, audioMs: -1 });
      assert.deepEqual(drain(queue).slice(-stream(0, 5000).length), stream(0, 5000));
    });

    it('begins with the next keyframe where the GOP that it was in is too large to be kept', () => {
      const queue = new SendQueue(LIMITS);
      const large = tag('keyframe', 0, Buffer.alloc(17 << 20));
      for (const next of [large, ...stream(0, 5000).slice(1)]) queue.push(next, 20_000);
      queue.shift();
      queue.sent.add(large, 0, large.payload.length);
      queue.resume();
      assert.deepEqual(drain(queue).filter(isVideoFrame), stream(2000, 5000).filter(isVideoFrame));
      assert.equal(queue.droppedFrames, 49);
    });

    it('goes on with the sound from the time that the server has it to, whether it was sent behind or ahead of the frames', () => {
      for (const behindMs of [-300, 0, 90]) {
        const queue = new SendQueue(LIMITS);
        const sentAt = ({ kind, timestampMs }: StreamTag) => timestampMs + (kind === 'audio' ? behindMs : 0);
        const all = stream(0, 6000).sort((a, b) => sentAt(a) - sentAt(b));
        let [bytes, received] = [0, 0];
        for (const next of all) {
          if (next.kind === 'keyframe' && next.timestampMs === 4000) received = bytes;
          bytes += next.payload.length;
          queue.sent.add(next, next.timestampMs, bytes);
          queue.sent.received(received, received === 0 ? undefined : 4000);
        }
        assert.deepEqual(queue.resume().audioMs, 3999);
        const left = drain(queue);
        assert.deepEqual(
          left.filter(isVideoFrame),
          stream(4000, 6000).filter(isVideoFrame),
          `${behindMs} ms`,
        );
        assert.deepEqual(ofKind(left, 'audio'), ofKind(stream(4000, 6000), 'audio'), `${behindMs} ms`);
      }
    });

    it('sends what the server does not have once and decodable, wherever sessions end', () => {
      const cuts = fc.array(
        fc.record({ atMs: fc.nat(19_000), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
        {
          maxLength: 4,
        },
      );
      fc.assert(
        fc.property(cuts, (ends) => {
          const queue = new SendQueue(LIMITS);
          const all = stream(0, 20_000);
          const got = new Set<StreamTag>();
          const losses = ends.map(({ atMs, share }) => ({
            share,
            index: all.findIndex((t) => t.timestampMs >= atMs),
          }));
          let session: { readonly tag: StreamTag; readonly endBytes: number }[] = [];
          let bytes = 0;
          all.forEach((next, i) => {
            queue.push(next, 30_000);
            for (const { share } of losses.filter(({ index }) => index === i)) {
              // The server has got a part of what was sent, and has acknowledged less.
              const has = session.slice(0, Math.floor(session.length * share));
              for (const { tag: received } of has) got.add(received);
              queue.sent.received(has.at(Math.floor(has.length / 2))?.endBytes ?? 0);
              queue.resume();
              session = [];
              bytes = 0;
            }
            // The first loss comes before anything was sent, or after half of it.
            for (let n = i % 3; n > 0; n--) {
              const entry = queue.shift();
              if (entry === undefined) break;
              bytes += entry.tag.payload.length;
              session.push({ tag: entry.tag, endBytes: bytes });
              queue.sent.add(entry.tag, entry.tag.timestampMs, bytes);
            }
          });
          const last = [...session.map((sent) => sent.tag), ...drain(queue)];
          for (const received of last) got.add(received);
          assert.deepEqual(
            all.filter((wanted) => !got.has(wanted)),
            [],
          );
          assertDecodable(all, last);
        }),
        { numRuns: 40 },
      );
    });
  });

  it('never returns a frame whose GOP is incomplete, however slow the server is', () => {
    const takes = fc.array(fc.nat(6), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(takes, fc.integer({ min: 2000, max: 40_000 }), (rhythm, bytes) => {
        const queue = new SendQueue({ disposableMs: 700, frameMs: 900, bytes });
        const sent: StreamTag[] = [];
        const all = stream(0, 12_000);
        let most = 0;
        all.forEach((next, i) => {
          queue.push(next);
          for (let n = rhythm[Math.floor(i / 50) % rhythm.length] ?? 0; n > 0; n--) {
            const entry = queue.shift();
            if (entry !== undefined) sent.push(entry.tag);
          }
          most = Math.max(most, queue.durationMs);
        });
        sent.push(...drain(queue));
        assertDecodable(all, sent);
        assert.deepEqual(
          sent.map((tag) => all.indexOf(tag)),
          sent.map((tag) => all.indexOf(tag)).sort((a, b) => a - b),
        );
        assert.equal(all.filter(isVideoFrame).length - sent.filter(isVideoFrame).length, queue.droppedFrames);
      }),
    );
  });
});

/** Each frame that is sent follows the same reference frame as in the source. */
function assertDecodable(all: readonly StreamTag[], sent: readonly StreamTag[]): void {
  const reference = (tags: readonly StreamTag[]) => {
    const map = new Map<StreamTag, StreamTag | undefined>();
    let last: StreamTag | undefined;
    for (const next of tags.filter(isVideoFrame)) {
      map.set(next, next.kind === 'keyframe' ? undefined : last);
      if (next.kind !== 'disposable') last = next;
    }
    return map;
  };
  const wanted = reference(all);
  for (const [frame, refersTo] of reference(sent)) assert.equal(refersTo, wanted.get(frame));
}
