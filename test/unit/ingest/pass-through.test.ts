import assert from 'node:assert/strict';
import { PassThrough as Pipe } from 'node:stream';
import type { EncodeSettings } from '../../../src/config/encode-settings.js';
import { encodeSettingsOf } from '../../../src/config/ingests.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { type FallbackEncoder, PassThrough } from '../../../src/core/ingest/pass-through.js';
import { PublisherSession } from '../../../src/core/ingest/publisher-session.js';
import { type EpochWriter, Timeline } from '../../../src/core/timeline/timeline.js';
import type { StreamTag } from '../../../src/media/stream-tag.js';
import { FakeClock } from '../../support/fake-clock.js';
import { AAC_HEADER, avcFrame, FLV_PREAMBLE, type FlvInput, flvTag } from '../../support/flv.js';
import { avcHeaderOf, SPS_1080P60 } from '../../support/sps.js';
import { mediaOf } from './media-of.js';

const HEVC_HEADER = Buffer.from([0x90, ...Buffer.from('hvc1'), 1, 2, 3]);

/** An encoder that delivers a keyframe when it is told to. */
class ScriptedEncoder implements FallbackEncoder {
  readonly started: EncodeSettings[] = [];
  stoodBy = 0;
  private epoch: EpochWriter | undefined;

  start(settings: EncodeSettings, beginEpoch: () => EpochWriter): void {
    this.started.push(settings);
    this.epoch = beginEpoch();
    this.epoch.write(FLV_PREAMBLE, performance.now());
  }

  standBy(): void {
    this.stoodBy += 1;
  }

  deliver(id: number): void {
    this.epoch?.write(flvTag({ kind: 'video', ms: 0, payload: avcFrame('keyframe', id) }), performance.now());
  }
}

describe('PassThrough', () => {
  const fallback = encodeSettingsOf(BroadcastConfigSchema.parse({ input: { type: 'ingest' } }));
  let clock: FakeClock;
  let timeline: Timeline;
  let encoder: ScriptedEncoder;
  let passThrough: PassThrough;
  let frames: number[];
  let ends: number;

  beforeEach(() => {
    clock = new FakeClock();
    timeline = new Timeline();
    frames = [];
    ends = 0;
    timeline.onTag(({ kind, payload }: StreamTag) => {
      if (kind === 'keyframe' || kind === 'interframe') frames.push(payload.readUInt32BE(payload.length - 4));
    });
    encoder = new ScriptedEncoder();
    passThrough = new PassThrough({
      fallback,
      encoder,
      beginEpoch: (options) => timeline.beginEpoch(options),
    });
    passThrough.start();
  });

  afterEach(() => {
    passThrough.dispose();
    timeline.dispose();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  async function publisher(
    header = avcHeaderOf(SPS_1080P60),
  ): Promise<{ send(...tags: FlvInput[]): Promise<void>; end(): Promise<void> }> {
    const media = new Pipe();
    passThrough.take(
      new PublisherSession(mediaOf(media), (options) => timeline.beginEpoch(options), 'ingests.obs'),
      () => {
        ends++;
      },
    );
    media.write(FLV_PREAMBLE);
    const send = async (...tags: FlvInput[]) => {
      for (const tag of tags) media.write(flvTag(tag));
      await clock.settle();
    };
    await send({ kind: 'video', ms: 0, payload: header }, { kind: 'audio', ms: 0, payload: AAC_HEADER });
    return {
      send,
      end: async () => {
        media.destroy();
        await clock.settle();
      },
    };
  }

  const keyframe = (id: number, ms = 0): FlvInput => ({
    kind: 'video',
    ms,
    payload: avcFrame('keyframe', id),
  });

  it('is on air with the configured fallback until there is a publisher', async () => {
    encoder.deliver(1);
    assert.deepEqual(encoder.started, [fallback]);
    const obs = await publisher();
    encoder.deliver(2);
    await obs.send(keyframe(100));
    assert.deepEqual([encoder.stoodBy, frames], [1, [1, 2, 100]]);
  });

  it('switches at the first keyframe, and drops further media of the fallback', async () => {
    const obs = await publisher();
    await obs.send(keyframe(100));
    encoder.deliver(3);
    assert.deepEqual(frames, [100]);
    assert.equal(encoder.stoodBy, 1);
  });

  it('goes back to a fallback that matches the stream, one second after the end of the publisher', async () => {
    const obs = await publisher();
    await obs.send(keyframe(100));
    await obs.end();
    assert.equal(ends, 1);
    await clock.pass(900);
    assert.equal(encoder.started.length, 1);
    await clock.pass(200);
    const { width, height, fps, profile } = encoder.started[1]?.video ?? {};
    assert.deepEqual([width, height, fps, profile], [1920, 1080, 60, 'high']);
    encoder.deliver(4);
    assert.equal(frames.at(-1), 4);
  });

  it('needs no fallback if a publisher reconnects immediately', async () => {
    const obs = await publisher();
    await obs.send(keyframe(100));
    await obs.end();
    await clock.pass(500);
    await (await publisher()).send(keyframe(101));
    await clock.pass(1000);
    assert.equal(encoder.started.length, 1);
  });

  it('replaces a silent publisher by the fallback, and returns to it with its next keyframe', async () => {
    const obs = await publisher();
    await obs.send(keyframe(100));
    await clock.pass(1600);
    assert.equal(encoder.started.length, 2);
    encoder.deliver(5);
    await obs.send({ kind: 'video', ms: 1700, payload: avcFrame('interframe', 101) });
    assert.equal(frames.at(-1), 5);
    await obs.send(keyframe(102, 1800));
    assert.deepEqual([frames.at(-1), encoder.stoodBy], [102, 2]);
    encoder.deliver(6);
    assert.equal(frames.at(-1), 102);
  });

  it('lets the newest publisher take the place of the one before', async () => {
    const first = await publisher();
    await first.send(keyframe(100));
    const second = await publisher();
    await first.send(keyframe(101, 40));
    assert.deepEqual(frames, [100]);
    await second.send(keyframe(200));
    assert.deepEqual(frames, [100, 200]);
    assert.equal(ends, 0);
  });

  it('repeats the last keyframe of a codec that it cannot encode, instead of a fallback', async () => {
    const obs = await publisher(HEVC_HEADER);
    await obs.send({
      kind: 'video',
      ms: 0,
      payload: Buffer.from([0x91, ...Buffer.from('hvc1'), 0, 0, 0, 1, 2, 3, 4, 5, 6]),
    });
    await obs.end();
    await clock.pass(3000);
    assert.equal(encoder.started.length, 1);
    assert.equal(timeline.onSlate, true);
  });
});
