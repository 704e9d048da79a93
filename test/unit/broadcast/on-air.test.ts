import assert from 'node:assert/strict';
import sinon from 'sinon';
import { setUnexpectedErrorHandler } from '../../../src/base/unexpected-error.js';
import { OnAir } from '../../../src/core/broadcast/on-air.js';
import { FakeOutput } from '../../support/fake-output.js';
import { AAC_HEADER, avcFrame, avcHeader, FLV_PREAMBLE, type FlvInput, flvTag } from '../../support/flv.js';
import { fakeClock } from '../timeline/stage.js';

describe('what is on air', () => {
  let clock: sinon.SinonFakeTimers;
  let onAir: OnAir;
  let one: FakeOutput;
  let two: FakeOutput;

  beforeEach(() => {
    clock = fakeClock();
    onAir = new OnAir();
    one = new FakeOutput('one');
    two = new FakeOutput('two');
    onAir.add(one);
    onAir.add(two);
  });

  afterEach(() => {
    onAir.dispose();
    clock.restore();
  });

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
      onAir.startingPoint().map(({ kind }) => kind),
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

  it('takes off the output that is named, and no other', () => {
    onAir.remove(new FakeOutput('never added'));
    assert.deepEqual(
      onAir.outputStatuses().map(({ id }) => id),
      ['one', 'two'],
    );
    onAir.remove(one);
    onAir.remove(one);
    sinon.assert.calledOnce(one.dispose);
    encode(...keyframe());
    assert.equal(one.tags.length, 0);
    assert.ok(two.tags.length > 0);
  });

  it('is live with one output that is, and has failed once none will be tried again', () => {
    const changed: string[] = [];
    onAir.onDidChangeOutput(({ id }) => changed.push(id));
    assert.ok(!onAir.isLive);
    one.become('live');
    assert.ok(onAir.isLive);
    two.become('failed', 'refused');
    assert.equal(onAir.failure, undefined);
    one.become('failed', 'refused too');
    assert.match(String(onAir.failure), /refused too/);
    assert.deepEqual(changed, ['one', 'two', 'one']);
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

  it('collects transit times every second, and ends every output though one fails to', async () => {
    clock.tick(3000);
    assert.equal(one.takeTransitTimes.callCount, 3);
    one.stop.rejects(new Error('not ended'));
    await onAir.sayGoodbye(100);
    sinon.assert.calledOnceWithExactly(two.stop, 100);
  });

  it('disposes of its outputs, and collects no more', () => {
    onAir.dispose();
    clock.tick(5000);
    sinon.assert.calledOnce(one.dispose);
    sinon.assert.notCalled(one.takeTransitTimes);
  });
});
