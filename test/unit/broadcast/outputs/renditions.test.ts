import assert from 'node:assert/strict';
import sinon from 'sinon';
import { OnAir } from '../../../../src/core/broadcast/on-air.js';
import { OutputSlot } from '../../../../src/core/broadcast/outputs/output-slot.js';
import { OutputSlots } from '../../../../src/core/broadcast/outputs/output-slots.js';
import { Renditions } from '../../../../src/core/broadcast/outputs/renditions.js';
import type { EpochWriter } from '../../../../src/core/timeline/timeline.js';
import { flvTagParts } from '../../../../src/media/flv-writer.js';
import { GopCache } from '../../../../src/media/gop-cache.js';
import type { StreamTag } from '../../../../src/media/stream-tag.js';
import { FakeOutput } from '../../../support/fake-output.js';
import { FakeRecordings } from '../../../support/fake-recordings.js';
import { AAC_HEADER, aacFrame, avcFrame, avcHeader, FLV_PREAMBLE, flvTag } from '../../../support/flv.js';
import { fakeClock } from '../../timeline/stage.js';

const SMALL = { bitrateKbps: 300, height: 180 };

describe('what outputs have encoded for themselves', () => {
  let clock: sinon.SinonFakeTimers;
  let onAir: OnAir;
  let slots: OutputSlots;
  let renditions: Renditions;
  let epoch: EpochWriter;

  beforeEach(() => {
    clock = fakeClock();
    slots = new OutputSlots();
    const gopCache = new GopCache();
    renditions = new Renditions(gopCache);
    onAir = new OnAir(gopCache, slots, [new FakeRecordings()], renditions);
    epoch = onAir.beginEpoch({ hasRenditions: true });
    epoch.write(FLV_PREAMBLE, performance.now());
  });
  afterEach(() => {
    onAir.dispose();
    slots.dispose();
    clock.restore();
  });

  function publish(id: string, video?: object): FakeOutput {
    const config = { id, type: 'rtmp', url: 'rtmp://live.example/app', video } as const;
    let output = new FakeOutput(id);
    const slot = new OutputSlot(config, () => {
      output = new FakeOutput(id);
      return output;
    });
    slots.add(slot);
    slot.publish(config);
    return output;
  }
  const programme = (ms: number, kind: 'keyframe' | 'interframe' = 'interframe') =>
    epoch.write(flvTag({ kind: 'video', ms, payload: avcFrame(kind, ms) }), performance.now());
  const sound = (ms: number) =>
    epoch.write(flvTag({ kind: 'audio', ms, payload: aacFrame(ms) }), performance.now());
  const own = (ms: number, payload: Buffer, id = 1) =>
    epoch.write(Buffer.concat(flvTagParts('video', ms, payload, id)), performance.now());
  const begin = () => {
    epoch.write(flvTag({ kind: 'audio', ms: 0, payload: AAC_HEADER }), performance.now());
    epoch.write(flvTag({ kind: 'video', ms: 0, payload: avcHeader(1) }), performance.now());
    programme(0, 'keyframe');
  };
  const seen = (tags: readonly StreamTag[]) => tags.map(({ kind, timestampMs }) => `${kind} ${timestampMs}`);

  it('are streams with frames of their own and the sound of the programme', () => {
    renditions.want([{ video: SMALL }]);
    const [main, small] = [publish('main'), publish('small', SMALL)];
    begin();
    sound(20);
    own(0, avcHeader(2));
    assert.deepEqual(small.tags, [], 'sound alone is no stream');
    own(40, avcFrame('keyframe', 7));
    programme(40);
    sound(41);
    assert.deepEqual(seen(main.tags).slice(-4), ['keyframe 0', 'audio 20', 'interframe 40', 'audio 41']);
    assert.deepEqual(seen(small.tags).toSorted(), [
      ...['audio 41', 'audio-header 40', 'keyframe 40', 'video-header 40'],
    ]);
    assert.equal(small.tags.at(-1), main.tags.at(-1), 'one tag for both');
    assert.deepEqual(
      seen(renditions.snapshot({ video: SMALL })).filter((tag) => !tag.includes('header')),
      ['keyframe 40', 'audio 41'],
    );
    assert.deepEqual(renditions.snapshot({ video: { height: 90 } }), []);
    assert.ok(renditions.snapshot({}).length > 0);
  });

  it('are shared by outputs that say the same, in whatever order, and keep their number', () => {
    const changes = sinon.spy();
    renditions.onDidChange(changes);
    renditions.want([{}, { video: SMALL }, { video: { height: 180, bitrateKbps: 300 } }]);
    assert.deepEqual(renditions.settings, [{ id: 1, ...SMALL }]);
    renditions.want([{ video: { height: 90 } }, { video: SMALL }]);
    assert.deepEqual(renditions.settings, [
      { id: 1, ...SMALL },
      { id: 2, height: 90 },
    ]);
    renditions.want([{ video: { height: 90 } }]);
    renditions.want([{ video: { height: 90 } }]);
    renditions.want([{ video: { height: 90 } }, { video: SMALL }]);
    assert.deepEqual(
      renditions.settings.map(({ id }) => id),
      [2, 3],
      'a number is not used again at once',
    );
    assert.equal(changes.callCount, 4);
  });

  it('end with the last output that takes them: frames on their way go nowhere', () => {
    renditions.want([{ video: SMALL }]);
    const small = publish('small', SMALL);
    begin();
    own(0, avcFrame('keyframe', 7));
    const before = small.tags.length;
    renditions.want([]);
    own(40, avcFrame('interframe', 8));
    sound(41);
    assert.equal(small.tags.length, before);
  });

  it('are also made of what is requested on air, until it is not wanted any more', () => {
    const taken: string[] = [];
    const request = renditions.request([{ height: 90 }, SMALL], (place, { kind, timestampMs }) =>
      taken.push(`${place} ${kind} ${timestampMs}`),
    );
    assert.equal(renditions.spare, 2);
    renditions.want([{ video: SMALL }]);
    assert.deepEqual(
      renditions.settings.map(({ height }) => height),
      [90, 180],
      'one that an output shares is made once',
    );
    const ids = renditions.settings.map(({ id }) => id);
    begin();
    own(0, avcHeader(2), ids[0]);
    own(0, avcFrame('keyframe', 7), ids[0]);
    own(0, avcFrame('keyframe', 8), ids[1]);
    sound(20);
    assert.deepEqual(taken.toSorted(), [
      ...['0 audio 20', '0 audio-header 0', '0 keyframe 0', '0 video-header 0'],
      ...['1 audio 20', '1 audio-header 0', '1 keyframe 0'],
    ]);
    const late: string[] = [];
    const second = renditions.request([{ height: 90 }], (_, { kind }) => late.push(kind));
    assert.deepEqual(late, ['video-header', 'audio-header'], 'one that has begun has its headers at once');
    request.dispose();
    request.dispose();
    assert.deepEqual(
      renditions.settings.map(({ height }) => height),
      [90, 180],
    );
    second.dispose();
    assert.deepEqual(
      renditions.settings.map(({ height }) => height),
      [180],
    );
    const { length } = taken;
    own(40, avcFrame('interframe', 9), ids[0]);
    assert.equal(taken.length, length);
  });

  it('are four at most, of which those of the configuration come first', () => {
    const request = renditions.request(
      [60, 70, 80, 90].map((height) => ({ height })),
      () => {},
    );
    assert.equal(renditions.spare, 0);
    renditions.want([{ video: SMALL }]);
    assert.deepEqual(renditions.settings.map(({ height }) => height).toSorted(), [180, 60, 70, 80]);
    request.dispose();
    assert.equal(renditions.spare, 3);
  });
});
