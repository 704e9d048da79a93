import assert from 'node:assert/strict';
import { HlsOnDemand } from '../../../../src/live-server/hls/hls-on-demand.js';
import { LiveStream } from '../../../../src/live-server/live-stream.js';
import type { RtmpSink } from '../../../../src/rtmp/rtmp-server-session.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { avcFrame, avcHeader } from '../../../support/flv.js';

describe('HlsOnDemand', () => {
  let clock: FakeClock;
  let stream: LiveStream;
  let hls: HlsOnDemand;

  beforeEach(() => {
    clock = new FakeClock();
    stream = new LiveStream();
    hls = new HlsOnDemand(stream);
  });
  afterEach(() => {
    hls.dispose();
    stream.dispose();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  function publish(): RtmpSink {
    const sink = stream.publish();
    sink.take('video', 0, avcHeader(1));
    return sink;
  }
  const keyframe = (sink: RtmpSink, ms: number) => sink.take('video', ms, avcFrame('keyframe', ms));
  const segments = (playlist: string | undefined) => playlist?.match(/^hls\/\d+\.m4s$/gm) ?? [];

  it('makes no segments before somebody asks', async () => {
    const sink = publish();
    for (const ms of [0, 2000, 4000]) keyframe(sink, ms);
    assert.equal(hls.file('0.m4s'), undefined);
    const first = hls.playlist('');
    await clock.settle();
    keyframe(sink, 6000);
    // Only what is from the last keyframe on.
    assert.deepEqual(segments(await first), ['hls/0.m4s']);
    keyframe(sink, 8000);
    assert.deepEqual(segments(await hls.playlist('')), ['hls/0.m4s', 'hls/1.m4s']);
    assert.ok(hls.file('1.m4s'));
  });

  it('keeps nobody waiting where nothing is published, and 8 s at most where something is', async () => {
    assert.equal(await hls.playlist(''), undefined);
    const sink = publish();
    keyframe(sink, 0);
    let answered = false;
    const playlist = hls.playlist('').finally(() => {
      answered = true;
    });
    await clock.pass(7900);
    assert.equal(answered, false);
    await clock.pass(200);
    assert.equal(answered, true);
    assert.equal(await playlist, undefined);
  });

  it('stops 30 s after the last request, and begins anew with the next, its numbers going on', async () => {
    const sink = publish();
    void hls.playlist('');
    for (const ms of [0, 2000]) keyframe(sink, ms);
    await clock.pass(29_000);
    assert.ok(hls.file('0.m4s'));
    await clock.pass(29_000);
    assert.ok(hls.file('0.m4s'), 'a segment is a request, too');
    await clock.pass(30_100);
    assert.equal(hls.file('0.m4s'), undefined);
    keyframe(sink, 4000);
    const playlist = hls.playlist('');
    await clock.settle();
    keyframe(sink, 6000);
    assert.deepEqual(segments(await playlist), ['hls/1.m4s']);
  });

  it('goes on with the next broadcast', async () => {
    const sink = publish();
    keyframe(sink, 0);
    const playlist = hls.playlist('');
    sink.end(true);
    assert.match((await playlist) ?? '', /#EXT-X-ENDLIST/);
    await clock.settle();
    const next = publish();
    for (const ms of [0, 2000]) keyframe(next, ms);
    const text = await hls.playlist('');
    assert.deepEqual(segments(text), ['hls/0.m4s', 'hls/1.m4s']);
    assert.doesNotMatch(text ?? '', /#EXT-X-ENDLIST/);
  });
});
