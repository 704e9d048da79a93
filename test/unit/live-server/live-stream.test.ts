import assert from 'node:assert/strict';
import { FlvViewer } from '../../../src/live-server/flv-viewer.js';
import { LiveStream } from '../../../src/live-server/live-stream.js';
import { FlvDemuxer } from '../../../src/media/flv-demuxer.js';
import { FakeClock } from '../../support/fake-clock.js';
import { avcFrame } from '../../support/flv.js';
import { RUN_UP, runUp, SeenViewer } from '../../support/seen-viewer.js';

describe('LiveStream', () => {
  let stream: LiveStream;
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
    stream = new LiveStream();
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

  it('starts a viewer with the headers and the last GOP', () => {
    const sink = publish();
    const viewer = watch();
    sink.take('video', 33, avcFrame('interframe', 2));
    assert.deepEqual(viewer.seen, [...RUN_UP, 'interframe 33']);
  });

  it('keeps a viewer that has come before the publisher', () => {
    const viewer = watch();
    publish();
    assert.deepEqual(viewer.seen, RUN_UP);
  });

  it('tells its viewers when the publisher has ended the stream', () => {
    const sink = publish();
    const viewer = watch();
    sink.end(true);
    assert.equal(viewer.seen.at(-1), 'end');
    assert.deepEqual(watch().seen, []);
  });

  it('keeps its viewers for a while when the publisher has vanished', () => {
    publish().end(false);
    const viewer = watch();
    clock.tick(29_999);
    assert.deepEqual(viewer.seen, []);
    clock.tick(1);
    assert.deepEqual(viewer.seen, ['end']);
  });

  it('continues timestamps for viewers when the publisher reconnects, or another replaces it', () => {
    const first = publish();
    const viewer = watch();
    first.end(false);
    clock.tick(2000);
    const second = publish();
    const SECOND = ['metadata 0', 'video-header 2005', 'audio-header 2005', 'keyframe 2005', 'audio 2010'];
    assert.deepEqual(viewer.seen, [...RUN_UP, ...SECOND]);
    clock.tick(100);
    const third = stream.publish();
    second.take('video', 66, avcFrame('keyframe', 3));
    second.end(true);
    third.take('video', 2200, avcFrame('keyframe', 3));
    assert.deepEqual(viewer.seen.slice(10), ['keyframe 2200'], 'it goes on by itself');
    clock.tick(60_000);
    assert.equal(viewer.seen.at(-1), 'keyframe 2200');
    third.end(true);
  });

  it('keeps timestamps if there were no viewers', () => {
    publish().end(false);
    const again = publish();
    again.take('video', 40, avcFrame('interframe', 2));
    assert.deepEqual(watch().seen, [...RUN_UP, 'interframe 40']);
  });

  it('sends nothing to disconnected viewers, and no unnecessary tags', () => {
    const sink = publish();
    const viewer = new SeenViewer();
    const leave = stream.watch(viewer);
    sink.take('video', 40, Buffer.from([0x57, 0, 0, 0, 0, 0]));
    leave();
    sink.take('video', 66, avcFrame('keyframe', 2));
    assert.deepEqual(viewer.seen, RUN_UP);
  });

  it('is FLV for a viewer by HTTP, with the same bytes for all', async () => {
    const sink = publish();
    const viewers = [1, 2].map(() => new FlvViewer(stream, new AbortController().signal));
    sink.take('video', 0x1_0000_0005, avcFrame('keyframe', 9));
    sink.end(true);
    const kinds: string[] = [];
    const demuxer = new FlvDemuxer(({ kind, timestampMs }) => kinds.push(`${kind} ${timestampMs}`));
    const [one = Buffer.alloc(0), other] = await Promise.all(
      viewers.map(async (viewer) => Buffer.concat(await viewer.toArray())),
    );
    assert.deepEqual(one, other);
    demuxer.push(one);
    assert.deepEqual(kinds, ['script 0', 'video 0', 'audio 0', 'video 0', 'audio 5', 'video 5']);
  });
});
