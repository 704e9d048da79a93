import assert from 'node:assert/strict';
import { FlvViewer } from '../../../src/live-server/flv-viewer.js';
import { LiveStream } from '../../../src/live-server/live-stream.js';
import { FlvDemuxer } from '../../../src/media/flv-demuxer.js';
import { AAC_HEADER, aacFrame, avcHeader, avcPicture, metadata } from '../../support/flv.js';

class SeenViewer {
  readonly seen: string[] = [];
  readonly onTag = ({ kind, timestampMs }: { kind: string; timestampMs: number }) =>
    this.seen.push(`${kind} ${timestampMs}`);
  readonly onEnd = () => this.seen.push('end');
}

describe('LiveStream', () => {
  let stream: LiveStream;
  beforeEach(() => {
    stream = new LiveStream();
  });

  function publish() {
    const sink = stream.publish();
    sink.take('metadata', 0, metadata(1));
    sink.take('video', 0, avcHeader(1));
    sink.take('audio', 0, AAC_HEADER);
    sink.take('video', 0, avcPicture('keyframe', 1));
    sink.take('audio', 5, aacFrame(1));
    return sink;
  }
  function watch(): SeenViewer {
    const viewer = new SeenViewer();
    stream.watch(viewer);
    return viewer;
  }
  const RUN_UP = ['metadata 0', 'video-header 0', 'audio-header 0', 'keyframe 0', 'audio 5'];

  it('starts a viewer with the headers and the last GOP', () => {
    const sink = publish();
    const viewer = watch();
    sink.take('video', 33, avcPicture('interframe', 2));
    assert.deepEqual(viewer.seen, [...RUN_UP, 'interframe 33']);
  });

  it('keeps a viewer that has come before the publisher', () => {
    const viewer = watch();
    publish();
    assert.deepEqual(viewer.seen, RUN_UP);
  });

  it('tells its viewers when the publisher has gone, or another has taken its place', () => {
    const first = publish();
    const early = watch();
    const second = publish();
    assert.equal(early.seen.at(-1), 'end');
    const late = watch();
    first.take('video', 66, avcPicture('keyframe', 3));
    first.end(true);
    assert.deepEqual(late.seen, RUN_UP);
    second.end(false);
    assert.equal(late.seen.at(-1), 'end');
    assert.deepEqual(watch().seen, []);
  });

  it('sends nobody who has gone anything, and no viewer what none needs', () => {
    const sink = publish();
    const viewer = new SeenViewer();
    const leave = stream.watch(viewer);
    sink.take('video', 40, Buffer.from([0x57, 0, 0, 0, 0, 0]));
    leave();
    sink.take('video', 66, avcPicture('keyframe', 2));
    assert.deepEqual(viewer.seen, RUN_UP);
  });

  it('is FLV for a viewer by HTTP, with the same bytes for all', async () => {
    const sink = publish();
    const viewers = [1, 2].map(() => new FlvViewer(stream, new AbortController().signal));
    sink.take('video', 0x1_0000_0005, avcPicture('keyframe', 9));
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
