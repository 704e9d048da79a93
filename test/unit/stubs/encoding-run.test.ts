import assert from 'node:assert/strict';
import type { Writable } from 'node:stream';
import { EncodingRun, NO_PROCESSES } from '../../../src/core/stubs/encoding-run.js';
import { Timeline } from '../../../src/core/timeline/timeline.js';
import type { EncoderExited, SourceStatus } from '../../../src/protocol/encoder.js';
import { PROTOCOL_VERSION } from '../../../src/protocol/lifecycle.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { FakeClock } from '../../support/fake-clock.js';
import { avcFrame, avcHeader, FLV_PREAMBLE, flvTag } from '../../support/flv.js';
import { MemoryMediaSockets } from '../../support/memory-media-sockets.js';

const EXITED: EncoderExited = { exitCode: 0, signal: null, finished: true };

describe('EncodingRun', () => {
  let clock: FakeClock;
  let timeline: Timeline;
  let connection: RpcConnection;
  let run: EncodingRun;
  let media: Writable;
  let events: string[];

  beforeEach(() => {
    clock = new FakeClock();
    timeline = new Timeline({ slateAfterMs: 1e9 });
    connection = new RpcConnection(createInMemoryPair()[0], { peer: 'encoder' });
    events = [];
  });
  afterEach(async () => {
    run.dispose();
    media.end();
    connection.dispose();
    timeline.dispose();
    await clock.settle();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  async function begin(options: { playsOnce?: boolean; fps?: number } = {}): Promise<void> {
    const { playsOnce = false, fps = 25 } = options;
    const sockets = new MemoryMediaSockets();
    const socket = sockets.open();
    run = new EncodingRun({
      part: {
        connection,
        pid: 1,
        generation: 1,
        initializeResult: { protocolVersion: PROTOCOL_VERSION, pid: 1, capabilities: {} },
      },
      epoch: timeline.beginEpoch(),
      ...{ fps, playsOnce },
      onDelivery: () => events.push('delivers'),
      onFault: ({ code }) => events.push(code),
      onEnd: (exited) => events.push(exited === undefined ? 'ended' : 'ended and exited'),
    });
    run.read(socket);
    media = sockets.connect(await socket.address);
  }
  async function frames(count: number): Promise<void> {
    media.write(FLV_PREAMBLE);
    media.write(flvTag({ kind: 'video', ms: 0, payload: avcHeader(1) }));
    for (let frame = 0; frame < count; frame++) {
      const payload = avcFrame(frame === 0 ? 'keyframe' : 'interframe', frame);
      media.write(flvTag({ kind: 'video', ms: frame * 40, payload }));
    }
    await clock.settle();
  }

  it('has ended at once when its media has and its encoder has reported its exit, in either order', async () => {
    for (const mediaFirst of [true, false]) {
      events = [];
      await begin();
      if (!mediaFirst) run.noteExit(EXITED);
      media.end();
      await clock.settle();
      if (mediaFirst) run.noteExit(EXITED);
      assert.deepEqual([events, run.hasExited], [['ended and exited'], true]);
      run.dispose();
    }
  });

  it('waits for the second of the two for a moment, and for the exit after a file longer', async () => {
    await begin();
    media.end();
    await clock.pass(40, 10);
    assert.deepEqual(events, []);
    await clock.pass(20, 10);
    assert.deepEqual(events, ['ended']);
    run.dispose();
    for (const first of ['media', 'exit']) {
      events = [];
      await begin({ playsOnce: true });
      if (first === 'media') media.end();
      else run.noteExit(EXITED);
      await clock.pass(60, 10);
      assert.deepEqual(events, first === 'media' ? [] : ['ended and exited']);
      await clock.pass(2000);
      assert.equal(events.length, 1);
      run.dispose();
      media.end();
    }
  });

  it('is at fault where its frames stop, later at a low rate, and where it sends no FLV', async () => {
    for (const [fps, afterMs] of [
      [25, 1500],
      [1, 4000],
    ] as const) {
      events = [];
      await begin({ fps });
      await frames(1);
      events = [];
      await clock.pass(afterMs - 400);
      assert.deepEqual(events, []);
      await clock.pass(1000);
      assert.deepEqual(events, ['encoder.silent']);
      run.dispose();
      media.end();
      await clock.settle();
    }
    events = [];
    await begin();
    media.write(Buffer.alloc(64, 0xff));
    await clock.settle();
    assert.deepEqual(events, ['media.invalid']);
  });

  it('has longer without frames while it reports', async () => {
    await begin({ fps: 25 });
    await frames(1);
    events = [];
    for (let second = 0; second < 4; second++) {
      await clock.pass(1000);
      if (second % 2 === 0) run.noteSources({ sources: [], frames: 1 });
      else
        run.noteProgress({
          frames: 1,
          fps: 25,
          bitrateKbps: 300,
          queuedFrames: 0,
          skippedSlots: 0,
          repeatedFrames: 0,
          preset: 'x',
          processes: NO_PROCESSES,
        });
    }
    assert.deepEqual(events, [], 'it may be replacing its video encoder');
    await clock.pass(2000);
    assert.deepEqual(events, ['encoder.silent']);
  });

  it('stands still where nothing has been heard of it for longer than a report takes', async () => {
    await begin({ fps: 25 });
    await frames(1);
    assert.deepEqual(run.pace, { fps: 0, bitrateKbps: 0 });
    const progress = {
      frames: 1,
      queuedFrames: 0,
      skippedSlots: 0,
      repeatedFrames: 0,
      preset: 'x',
      processes: NO_PROCESSES,
    };
    run.noteProgress({ ...progress, fps: 25, bitrateKbps: 300 });
    await clock.pass(1200);
    assert.deepEqual(run.pace, { fps: 25, bitrateKbps: 300 });
    await clock.pass(1400);
    assert.deepEqual(run.pace, { fps: 0, bitrateKbps: 0 });
  });

  it('calls back no more once it is disposed of, but for the rest of its media', async () => {
    await begin();
    await frames(1);
    run.dispose();
    events = [];
    media.write(flvTag({ kind: 'video', ms: 40, payload: avcFrame('interframe', 2) }));
    await clock.settle();
    assert.deepEqual([events, timeline.status().videoFrames], [['delivers'], 2]);
    media.write(Buffer.alloc(64, 0xff));
    media.end();
    run.noteExit(EXITED);
    await clock.pass(3000);
    assert.deepEqual(events, ['delivers']);
  });

  it('knows what its source has delivered since it was reported, while it does', async () => {
    await begin();
    await frames(2);
    const source = { id: 'a', type: 'file', pid: 1, item: 0, positionMs: 0 } as const;
    const report = (state: SourceStatus['state'], frames: number) =>
      run.noteSources({ sources: [{ ...source, state }], frames });
    report('live', 5);
    assert.equal(run.framesSinceReport, -3, 'they have not arrived');
    report('live', 2);
    assert.equal(run.framesSinceReport, 0);
    media.write(flvTag({ kind: 'video', ms: 80, payload: avcFrame('interframe', 3) }));
    await clock.settle();
    assert.deepEqual([run.framesSinceReport, run.sources[0]?.state], [1, 'live']);
    report('stalled', 2);
    media.write(flvTag({ kind: 'video', ms: 120, payload: avcFrame('interframe', 4) }));
    await clock.settle();
    assert.equal(run.framesSinceReport, 0);
  });
});
