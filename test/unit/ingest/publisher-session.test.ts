import assert from 'node:assert/strict';
import { PassThrough as Pipe } from 'node:stream';
import { publisherAdvice } from '../../../src/core/ingest/publisher-advice.js';
import { PublisherSession } from '../../../src/core/ingest/publisher-session.js';
import { Timeline } from '../../../src/core/timeline/timeline.js';
import type { StreamTag } from '../../../src/media/stream-tag.js';
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

  it('is silent when frames stop even if its sound continues, and joins again when they arrive', async () => {
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

  const unsupported: readonly [what: string, payload: Buffer, said: RegExp][] = [
    ['H.263', Buffer.from([0x12, 0, 0, 0, 0, 0]), /of a codec that no live server takes \(h263\)$/],
    ['an unknown codec', Buffer.from([0x13, 0, 0, 0, 0, 0]), /of a codec that no live server takes$/],
    [
      'AV1 as H.264, as OBS 29 does',
      Buffer.from([0x17, 0, 0, 0, 0, 0x0a, 0x0b, 0]),
      /announces H\.264 and sends another/,
    ],
  ];
  for (const [what, payload, said] of unsupported) {
    it(`takes no ${what}, and puts nothing of it on air`, async () => {
      const sent: StreamTag[] = [];
      timeline.onTag((tag) => sent.push(tag));
      await publish({ kind: 'video', ms: 0, payload }, frame('keyframe', 33));
      assert.deepEqual([events, sent], [['end'], []]);
      assert.deepEqual([reason?.code, reason?.where], ['media.invalid', 'ingests.obs']);
      assert.match(reason?.message ?? '', said);
      assert.match(reason?.remedy ?? '', /H\.264/);
    });
  }

  for (const [fourCc, audioHeader, codec] of [
    ['hvc1', Buffer.from('af002b920800', 'hex'), 'hevc'],
    ['av01', Buffer.from('af00eb8a0800', 'hex'), 'av1'],
  ] as const) {
    it(`passes ${fourCc} and HE-AAC on, and repeats the keyframe while nothing comes`, async () => {
      const video = (type: number, ms: number): FlvInput => {
        const payload = Buffer.concat([
          Buffer.from([0x90 | type]),
          Buffer.from(fourCc),
          Buffer.from([0, 0, 0, 1, 2]),
        ]);
        return { kind: 'video', ms, payload };
      };
      const sent: StreamTag[] = [];
      timeline.onTag((tag) => sent.push(tag));
      await publish(video(0, 0), { kind: 'audio', ms: 0, payload: audioHeader }, video(1, 0));
      await publish({ kind: 'audio', ms: 40, payload: aacFrame(1) });
      assert.deepEqual(
        sent.map(({ kind }) => kind),
        ['video-header', 'audio-header', 'keyframe', 'audio'],
      );
      const advice = publisherAdvice(session.measures(), { passesThrough: true, takesMultitrack: true });
      assert.deepEqual(advice, [
        `The video is ${codec}; the fallback cannot match it, and some platforms do not take it.`,
      ]);
      const decoded = publisherAdvice(session.measures(), { passesThrough: false, takesMultitrack: true });
      assert.deepEqual(decoded, [
        `The video is ${codec}; only an ffmpeg from 6.1 on decodes that from an ingest. H.264 works with all.`,
      ]);
      media.destroy();
      await clock.pass(2000);
      const slate = sent.slice(4);
      assert.ok(slate.length >= 2, `${slate.length} tags`);
      // No silent frame is known of HE-AAC.
      assert.ok(
        slate.every(({ kind, payload }) => kind === 'keyframe' && payload.equals(video(1, 0).payload)),
      );
    });
  }

  it('passes on the first track of many', async () => {
    const sent: StreamTag[] = [];
    timeline.onTag((tag) => sent.push(tag));
    const [header, keyframe] = [avcHeader(1).subarray(5), avcFrame('keyframe', 0).subarray(5)];
    const track = (type: number, number: number, body: Buffer): FlvInput => ({
      kind: 'video',
      ms: 0,
      payload: Buffer.concat([Buffer.from([0x96, type]), Buffer.from('avc1'), Buffer.from([number]), body]),
    });
    await publish(track(0, 0, header), track(0, 1, header), track(3, 1, keyframe), track(3, 0, keyframe));
    assert.deepEqual(
      sent.map(({ kind }) => kind),
      ['video-header', 'keyframe'],
    );
    assert.deepEqual(sent[0]?.payload, avcHeader(1));
    assert.deepEqual(session.measures().tracks, { video: 2, audio: 1 });
    assert.deepEqual(
      [
        session.measures().videoCodec,
        publisherAdvice(session.measures(), { passesThrough: true, takesMultitrack: true }).length,
      ],
      ['h264', 1],
    );
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
