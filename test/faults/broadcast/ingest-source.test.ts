import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { descendantsOf } from '../../support/children.js';
import { freePorts } from '../../support/live-server.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { readNumbersIfAny, writeNumberedClip } from '../../support/numbered-frames.js';
import { type Publisher, publish } from '../../support/publisher.js';
import { assertNoFrameMissing, writeConfig } from '../../support/small-broadcast.js';
import { recordStream } from '../../support/stream-recording.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const FPS = 25;
const KEY = 'the-key-of-obs';

describe('an ingest as a source', function () {
  this.timeout(120_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let bulkhead: Bulkhead;
  let viewer: LiveViewer | undefined;
  let rtmpPort: number;
  const publishers: Publisher[] = [];

  before(async () => {
    folder = tempDir('ingest-source');
    nginx = await startNginxRtmp();
    writeNumberedClip(join(folder.path, 'clip.mp4'), {
      ...{ size: '320x180', fps: FPS, sampleRate: 44_100, seconds: 60 },
    });
    const image = ['-f', 'lavfi', '-i', 'color=gray:s=320x180', '-frames:v', '1'];
    spawnSync('ffmpeg', ['-v', 'error', ...image, join(folder.path, 'brb.png')]);
  });
  afterEach(async () => {
    await Promise.all(publishers.map((publisher) => publisher.kill()));
    await viewer?.stop();
    await bulkhead?.end();
  });
  after(async () => {
    await nginx?.stop();
    folder?.dispose();
  });

  function publishClip(): Publisher {
    const input = ['-re', '-i', join(folder.path, 'clip.mp4'), '-c', 'copy'];
    const publisher = publish(`rtmp://127.0.0.1:${rtmpPort}/ingest/${KEY}`, input);
    publishers.push(publisher);
    return publisher;
  }
  const stateOf = ({ sources }: Status, id: string) => sources.find((source) => source.id === id)?.state;
  const onAir = () => bulkhead.until('the publisher', (status) => stateOf(status, 'obs') === 'live');
  // It is open, and live, before it is shown, which is a second after the loss.
  const onFallback = () =>
    bulkhead.until(
      'the fallback',
      (status) =>
        stateOf(status, 'obs') === 'retrying' &&
        stateOf(status, 'brb') === 'live' &&
        (status.input?.missingMs ?? 0) > 1500,
    );

  it('is decoded, has its fallback on air while nobody publishes, and is back by itself', async () => {
    const ports = await freePorts();
    ({ rtmpPort } = ports);
    const video = { width: 320, height: 180, fps: FPS, bitrateKbps: 800, keyframeIntervalSeconds: 1 };
    const config = writeConfig(folder.path, {
      video,
      sources: [
        { id: 'obs', type: 'ingest', ingest: 'main', fallback: 'brb' },
        { id: 'brb', type: 'image', path: join(folder.path, 'brb.png') },
      ],
      ingests: [{ id: 'main', key: KEY }],
      outputs: [{ id: 'nginx', url: nginx.url('live', 'obs') }],
      liveServer: ports,
    });
    bulkhead = new Bulkhead(['live', config]);
    const waiting = await bulkhead.until(
      'the fallback, before anybody publishes',
      (status) => status.state === 'live' && stateOf(status, 'brb') === 'live',
    );
    assert.deepEqual([waiting.input?.state, waiting.ingests[0]?.state], ['waiting', 'waiting']);
    await bulkhead.until('the live server', ({ ingests }) => ingests[0]?.url !== '');
    viewer = watchLive(nginx.url('live', 'obs'));
    await viewer.next(({ keyframe }) => keyframe);
    const recording = join(folder.path, 'recording.flv');
    const endRecording = recordStream(nginx.url('live', 'obs'), recording);

    const first = publishClip();
    await onAir();
    const { ingests, sources, input } = await bulkhead.until(
      'it is measured',
      (status) => status.ingests[0]?.state === 'live',
    );
    assert.deepEqual([sources[0]?.type, input?.state], ['ingest', 'delivering']);
    assert.deepEqual([ingests[0]?.videoCodec, ingests[0]?.width, ingests[0]?.sessions], ['h264', 320, 1]);
    await delay(1000);
    await first.kill();
    const lost = await onFallback();
    assert.match(lost.sources[0]?.error?.message ?? '', /The ingest "main" delivers nothing/);
    publishClip();
    const again = await onAir();
    assert.equal(again.sources[0]?.error, undefined);
    await delay(1000);

    const liveServer = descendantsOf(lost.core.pid).find(({ command }) => command.includes('live-server'));
    assert.ok(liveServer !== undefined);
    process.kill(liveServer.pid, 'SIGKILL');
    await onFallback();
    publishClip();
    await onAir();
    await delay(1500);
    await endRecording();

    const { outputs, encoder } = await bulkhead.status();
    assert.deepEqual([outputs[0]?.sessions, encoder.restarts], [1, 0]);
    assert.equal(viewer.report().backwards, 0);
    await assertNoFrameMissing(viewer.packets, () => bulkhead.status(), { fps: FPS });
    const stretches = stretchesOf(readNumbersIfAny(recording));
    assert.equal(stretches.length, 3, 'the fallback before the publisher, and after each loss');
    for (const numbers of stretches) {
      assert.ok(numbers.length > FPS / 2, `${numbers.length} frames`);
      for (const [index, number] of numbers.slice(1).entries()) {
        const step = number - (numbers[index] ?? 0);
        // What a busy machine is late with is dropped, so that nothing stays late.
        assert.ok(step >= 0 && step < FPS, `frame ${number} follows ${numbers[index]}`);
      }
    }
    for (const text of [bulkhead.stdout, bulkhead.stderr]) assert.ok(!text.includes(KEY));
  });
});

/** The publishers' frames, between frames without a number. */
function stretchesOf(numbers: readonly (number | undefined)[]): number[][] {
  const stretches: number[][] = [];
  let previous: number | undefined;
  for (const number of numbers) {
    if (number !== undefined && previous === undefined) stretches.push([]);
    if (number !== undefined) stretches.at(-1)?.push(number);
    previous = number;
  }
  return stretches;
}
