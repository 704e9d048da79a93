import assert from 'node:assert/strict';
import { PassThrough as Pipe } from 'node:stream';
import { PublisherSession } from '../../../src/core/ingest/publisher-session.js';
import { Timeline } from '../../../src/core/timeline/timeline.js';
import type { BulkheadError } from '../../../src/protocol/errors.js';
import { FakeClock } from '../../support/fake-clock.js';
import {
  AAC_HEADER,
  aacFrame,
  avcFrame,
  avcHeader,
  FLV_PREAMBLE,
  type FlvInput,
  flvTag,
} from '../../support/flv.js';
import { mediaOf } from './media-of.js';

describe('PublisherSession', () => {
  let clock: FakeClock;
  let timeline: Timeline;
  let media: Pipe;
  let session: PublisherSession;
  let events: string[];
  let reason: BulkheadError | undefined;

  beforeEach(() => {
    clock = new FakeClock();
    timeline = new Timeline();
    media = new Pipe();
    events = [];
    reason = undefined;
    session = new PublisherSession(mediaOf(media), (options) => timeline.beginEpoch(options), 'ingests.obs');
    session.onDidJoin(() => events.push('join'));
    session.onDidFallSilent(() => events.push('silent'));
    session.onDidEnd((error) => {
      events.push('end');
      reason = error;
    });
    media.write(FLV_PREAMBLE);
  });

  afterEach(() => {
    session.dispose();
    timeline.dispose();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  async function publish(...tags: FlvInput[]): Promise<void> {
    for (const tag of tags) media.write(flvTag(tag));
    await clock.settle();
  }

  const headers = (): FlvInput[] => [
    { kind: 'video', ms: 0, payload: avcHeader(1) },
    { kind: 'audio', ms: 0, payload: AAC_HEADER },
  ];
  const frame = (kind: 'keyframe' | 'interframe', ms: number): FlvInput => ({
    kind: 'video',
    ms,
    payload: avcFrame(kind, ms),
  });

  it('is on air from its first keyframe', async () => {
    await publish(...headers(), frame('interframe', 0));
    assert.deepEqual([events, session.isOnAir, session.isDelivering], [[], false, false]);
    await publish(frame('keyframe', 33));
    assert.deepEqual([events, session.isOnAir, session.isDelivering], [['join'], true, true]);
    assert.deepEqual(session.seen, { video: avcHeader(1), audio: AAC_HEADER });
  });

  it('falls silent where frames stop, though its sound goes on, and joins again when they come', async () => {
    await publish(...headers(), frame('keyframe', 0));
    for (let ms = 0; ms < 1600; ms += 100) {
      await publish({ kind: 'audio', ms, payload: aacFrame(ms) });
      await clock.pass(100);
    }
    assert.deepEqual([events, session.isDelivering], [['join', 'silent'], false]);
    await publish(frame('keyframe', 1700));
    assert.deepEqual([events, session.isDelivering], [['join', 'silent', 'join'], true]);
  });

  it('ends with its connection', async () => {
    await publish(...headers(), frame('keyframe', 0));
    media.destroy();
    await clock.settle();
    assert.deepEqual([events, reason, session.isOnAir], [['join', 'end'], undefined, true]);
    await clock.pass(3000);
    assert.deepEqual(events, ['join', 'end']);
  });

  it('ends for what comes faster than real time, and says so of the publisher', async () => {
    const frames = Array.from({ length: 2000 }, (_, n) => frame(n === 0 ? 'keyframe' : 'interframe', n * 40));
    await publish(...headers(), ...frames);
    assert.equal(events.at(-1), 'end');
    assert.match(reason?.message ?? '', /^the publisher sends faster than real time$/);
  });

  it('ends for what is no FLV, and says where it was', async () => {
    media.write(Buffer.alloc(64, 0xff));
    await clock.settle();
    assert.deepEqual([events, media.destroyed], [['end'], true]);
    assert.deepEqual([reason?.code, reason?.where], ['media.invalid', 'ingests.obs']);
    assert.doesNotMatch(reason?.sentence ?? '', /encoder|ffmpeg/);
  });

  const never: readonly [what: string, tags: () => FlvInput[], said: RegExp][] = [
    ['nothing', () => [], /has sent nothing in 15 s/],
    ['sound alone', () => [{ kind: 'audio', ms: 0, payload: AAC_HEADER }], /sends sound without video/],
    ['no keyframe', () => [frame('interframe', 0)], /has sent no keyframe in 15 s/],
  ];
  for (const [what, tags, said] of never) {
    it(`ends where it has sent ${what}, and says so`, async () => {
      await publish(...tags());
      await clock.pass(15_300);
      assert.deepEqual(events, ['end']);
      assert.match(reason?.message ?? '', said);
    });
  }
});
