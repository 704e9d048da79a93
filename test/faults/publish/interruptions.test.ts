import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../support/bulkhead.js';
import { type LiveViewer, type ViewedPacket, watchLive } from '../../support/live-viewer.js';
import { type UnsteadyProxy, unsteadyProxy } from '../../support/network/unsteady-proxy.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const FPS = SMALL_VIDEO.fps;
const OUTAGE_MS = 6000;

describe('a network that is interrupted', function () {
  this.timeout(180_000);
  const folder = tempDir('interruptions');
  let nginx: NginxRtmp;
  let proxy: UnsteadyProxy;
  let bulkhead: Bulkhead;
  let viewer: LiveViewer;

  beforeEach(async () => {
    nginx = await startNginxRtmp({ dropIdle: 10 });
    proxy = await unsteadyProxy(nginx.port);
  });

  async function goOnAir(video: object = {}): Promise<void> {
    const config = writeConfig(folder.path, {
      // As much as its servers acknowledge several times a second.
      video: { ...SMALL_VIDEO, bitrateKbps: 2000, constantBitrate: true, ...video },
    });
    bulkhead = new Bulkhead(['live', config, '--output', `rtmp://127.0.0.1:${proxy.port}/live/key`]);
    await bulkhead.until('on air', ({ state }) => state === 'live');
    viewer = watchLive(nginx.url('live', 'key'));
    // Long enough that the server's acknowledgements are known.
    await eventually('the viewer has some seconds', () => viewer.report().frameMs > 6000 || undefined);
  }

  afterEach(async () => {
    await viewer?.stop();
    await bulkhead?.end();
    await proxy?.close();
    await nginx?.stop();
  });
  after(() => folder.dispose());

  /** Everything of the stream has come to the viewer, whatever it got twice; but for frames that a busy computer did not encode. */
  async function assertComplete(): Promise<void> {
    const { timeline } = await bulkhead.status();
    await viewer.next(({ stream, dtsMs }) => stream === 'video' && dtsMs >= timeline.lastTimestampMs);
    const frames = missing('video', 1000 / FPS);
    // These are in the status a moment after they were due.
    await eventually(
      `${frames} missing frames that were left out by the encoder`,
      async () => (await bulkhead.status()).encoder.skippedSlots >= frames || undefined,
      1000,
    );
    assert.equal(missing('audio', 1024 / 48), 0, 'sound is missing');
  }

  function missing(stream: ViewedPacket['stream'], stepMs: number): number {
    const packets = viewer.packets.filter((packet) => packet.stream === stream);
    const places = new Set(
      packets.map(({ dtsMs }) => Math.round((dtsMs - (packets[0]?.dtsMs ?? 0)) / stepMs)),
    );
    return Math.max(...places) - Math.min(...places) + 1 - places.size;
  }

  it('costs no frame where TCP goes on, and no session', async () => {
    await goOnAir();
    proxy.pause();
    await delay(OUTAGE_MS);
    proxy.resume();
    await assertComplete();
    const { outputs, encoder } = await bulkhead.status();
    assert.deepEqual([outputs[0]?.sessions, outputs[0]?.droppedFrames, encoder.epoch], [1, 0, 1]);
  });

  it('costs no frame where the connection is lost with what was under way, with B-frames too', async () => {
    await goOnAir({ tune: 'none', bFrames: 2 });
    proxy.pause();
    await delay(OUTAGE_MS);
    proxy.reset();
    proxy.resume();
    await bulkhead.until('on air again', ({ outputs }) => outputs[0]?.sessions === 2);
    await assertComplete();
    const { outputs, encoder } = await bulkhead.status();
    assert.deepEqual([outputs[0]?.droppedFrames, encoder.epoch], [0, 1]);
  });

  it('costs no frame where a router has forgotten the connection, once the server has let go of it', async () => {
    await goOnAir();
    proxy.forget();
    await bulkhead.until('on air again', ({ outputs }) => outputs[0]?.sessions === 2, 60_000);
    await assertComplete();
    const { outputs, encoder } = await bulkhead.status();
    assert.deepEqual([outputs[0]?.droppedFrames, encoder.epoch], [0, 1]);
  });
});
