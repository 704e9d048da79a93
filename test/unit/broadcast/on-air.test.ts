import assert from 'node:assert/strict';
import sinon from 'sinon';
import { setUnexpectedErrorHandler } from '../../../src/base/unexpected-error.js';
import { OnAir } from '../../../src/core/broadcast/on-air.js';
import { OutputSlot } from '../../../src/core/broadcast/outputs/output-slot.js';
import { OutputSlots } from '../../../src/core/broadcast/outputs/output-slots.js';
import { GopCache } from '../../../src/media/gop-cache.js';
import { FakeOutput } from '../../support/fake-output.js';
import { FakeRecordings } from '../../support/fake-recordings.js';
import { AAC_HEADER, avcFrame, avcHeader, FLV_PREAMBLE, type FlvInput, flvTag } from '../../support/flv.js';
import { fakeClock } from '../timeline/stage.js';

describe('what is on air', () => {
  let clock: sinon.SinonFakeTimers;
  let onAir: OnAir;
  let outputs: OutputSlots;
  let gopCache: GopCache;
  let recordings: FakeRecordings;
  let one: FakeOutput;
  let two: FakeOutput;

  beforeEach(() => {
    clock = fakeClock();
    outputs = new OutputSlots();
    gopCache = new GopCache();
    recordings = new FakeRecordings();
    onAir = new OnAir(gopCache, outputs, [recordings]);
    one = added('one');
    two = added('two');
  });

  afterEach(() => {
    onAir.dispose();
    outputs.dispose();
    clock.restore();
  });

  function added(id: string): FakeOutput {
    let output = new FakeOutput(id);
    const config = { id, type: 'rtmp', url: 'rtmp://live.example/app' } as const;
    const slot = new OutputSlot(config, () => {
      output = new FakeOutput(id);
      return output;
    });
    outputs.add(slot);
    slot.publish(config);
    return output;
  }

  function encode(...tags: FlvInput[]): void {
    const epoch = onAir.beginEpoch();
    epoch.write(FLV_PREAMBLE, performance.now());
    for (const tag of tags) epoch.write(flvTag(tag), performance.now());
  }

  const keyframe = (): FlvInput[] => [
    { kind: 'video', ms: 0, payload: avcHeader(1) },
    { kind: 'audio', ms: 0, payload: AAC_HEADER },
    { kind: 'video', ms: 0, payload: avcFrame('keyframe', 1) },
  ];

  it('gives every tag to every output, and keeps where a later one begins', () => {
    sinon.assert.calledOnce(one.start);
    encode(...keyframe());
    assert.ok(one.tags.some(({ kind }) => kind === 'keyframe'));
    assert.deepEqual(two.tags, one.tags);
    assert.deepEqual(
      gopCache.snapshot().map(({ kind }) => kind),
      one.tags.map(({ kind }) => kind),
    );
  });

  it('gives the tags to the other outputs when one throws', () => {
    const unexpected: unknown[] = [];
    const handler = setUnexpectedErrorHandler((error) => unexpected.push(error));
    try {
      one.push = () => {
        throw new Error('a defect of one output');
      };
      encode(...keyframe());
    } finally {
      handler.dispose();
    }
    assert.ok(two.tags.some(({ kind }) => kind === 'keyframe'));
    assert.equal(unexpected.length, two.tags.length);
  });

  it('reports each splice once, and its own time', () => {
    const splices: number[] = [];
    onAir.onDidSplice(({ timestampMs }) => splices.push(timestampMs));
    encode(...keyframe());
    assert.equal(splices.length, 0);
    clock.tick(500);
    encode(...keyframe());
    assert.equal(splices.length, 1);
    assert.equal(onAir.uptimeMs, 500);
    assert.ok(onAir.positionMs > 0);
    assert.equal(onAir.timelineStatus().splices, 1);
  });

  it('collects transit times every second until it is disposed of', () => {
    clock.tick(3000);
    assert.equal(one.takeTransitTimes.callCount, 3);
    onAir.dispose();
    clock.tick(5000);
    assert.equal(one.takeTransitTimes.callCount, 3);
  });
});
