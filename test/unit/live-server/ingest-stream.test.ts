import assert from 'node:assert/strict';
import { IngestStream } from '../../../src/live-server/ingest-stream.js';
import { FakeClock } from '../../support/fake-clock.js';
import { avcFrame } from '../../support/flv.js';
import { RUN_UP, runUp, SeenViewer } from '../../support/seen-viewer.js';

describe('IngestStream', () => {
  let stream: IngestStream;
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
    stream = new IngestStream();
  });
  afterEach(() => {
    stream.dispose();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  const publish = () => runUp(stream.publish());
  function watch(): SeenViewer {
    const viewer = new SeenViewer();
    stream.watch(viewer);
    return viewer;
  }

  it('keeps a viewer waiting until something is published, which it gets from the first keyframe on', () => {
    const viewer = watch();
    clock.tick(3_600_000);
    assert.deepEqual(viewer.seen, []);
    const sink = publish();
    sink.take('video', 33, avcFrame('interframe', 2));
    assert.deepEqual(viewer.seen, [...RUN_UP, 'interframe 33']);
  });

  it('begins with the last GOP if the publisher delivers', () => {
    const sink = publish();
    sink.take('video', 33, avcFrame('interframe', 2));
    clock.tick(900);
    assert.deepEqual(watch().seen, [...RUN_UP, 'interframe 33']);
  });

  it('begins with the next keyframe if the publisher is silent: its last GOP is old', () => {
    const sink = publish();
    clock.tick(1100);
    const viewer = watch();
    sink.take('video', 1133, avcFrame('interframe', 2));
    assert.deepEqual(viewer.seen, []);
    sink.take('video', 1166, avcFrame('keyframe', 3));
    assert.deepEqual(viewer.seen, [
      'metadata 1166',
      'video-header 1166',
      'audio-header 1166',
      'keyframe 1166',
    ]);
  });

  it('ends its viewers with the publisher, in whatever way that has ended', () => {
    for (const orderly of [true, false]) {
      const sink = publish();
      const viewer = watch();
      sink.end(orderly);
      assert.deepEqual(viewer.seen, [...RUN_UP, 'end']);
      assert.deepEqual(watch().seen, []);
    }
  });

  it('ends its viewers when another publisher takes the place, whose media alone is used from then on', () => {
    const first = publish();
    const viewer = watch();
    publish();
    first.take('video', 33, avcFrame('keyframe', 2));
    first.end(false);
    assert.deepEqual(viewer.seen, [...RUN_UP, 'end']);
    assert.deepEqual(watch().seen, RUN_UP);
  });

  it('sends nothing more to a viewer that has left', () => {
    const waiting = new SeenViewer();
    stream.watch(waiting)();
    const sink = publish();
    const viewer = new SeenViewer();
    stream.watch(viewer)();
    sink.take('video', 33, avcFrame('keyframe', 2));
    assert.deepEqual([waiting.seen, viewer.seen], [[], RUN_UP]);
  });

  it('passes on the first track of multitrack packets, H.264 under its own header', () => {
    const sink = publish();
    const viewer = watch();
    // Enhanced RTMP: a keyframe of "avc1" without composition time.
    sink.take('video', 33, Buffer.from('936176633101020304', 'hex'));
    // A further track alone.
    sink.take('video', 40, Buffer.from('9601617663310101', 'hex'));
    assert.deepEqual(viewer.seen, [...RUN_UP, 'keyframe 33']);
    assert.equal(viewer.payloads.at(-1)?.toString('hex'), '170100000001020304');
  });
});
