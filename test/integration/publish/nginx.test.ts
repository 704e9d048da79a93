import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RtmpOutput, type RtmpOutputOptions } from '../../../src/core/publish/rtmp/rtmp-output.js';
import { isVideoFrame } from '../../../src/media/stream-tag.js';
import type { OutputStatus } from '../../../src/protocol/status/output-status.js';
import { type FlvSource, type FlvSourceOptions, startFlvSource } from '../../support/flv-source.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

describe('RtmpOutput and nginx-rtmp', () => {
  let nginx: NginxRtmp;
  const cleanUp: (() => unknown)[] = [];

  beforeEach(async () => {
    nginx = await startNginxRtmp();
  });

  afterEach(async () => {
    for (const undo of cleanUp.splice(0).reverse()) await undo();
    await nginx.stop();
  });

  /** A live source and an output of it, as the core joins them. */
  function goLive(
    options: RtmpOutputOptions,
    media: FlvSourceOptions = {},
  ): { output: RtmpOutput; source: FlvSource } {
    const source = startFlvSource((tag) => output.push(tag), media);
    const output: RtmpOutput = new RtmpOutput(options, source.snapshot);
    output.start();
    cleanUp.push(
      () => output.dispose(),
      () => source.stop(),
    );
    return { output, source };
  }

  function watch(url: string): LiveViewer {
    const viewer = watchLive(url);
    cleanUp.push(() => viewer.stop());
    return viewer;
  }

  const reaches = (output: RtmpOutput, state: OutputStatus['state'], sessions = 0) =>
    eventually(`the output is ${state}`, () => {
      const status = output.status();
      return status.state === state && status.sessions >= sessions ? status : undefined;
    });

  it('shows a viewer every frame, once and in order, and ends in order', async () => {
    const url = nginx.url('live', 'key');
    const { output, source } = goLive({ id: 'main', url });
    await reaches(output, 'live', 1);
    const viewer = watch(url);
    await viewer.next(({ stream }) => stream === 'video');
    await eventually('two seconds', () => (viewer.report().videoPackets > 60 ? true : undefined));
    await output.stop(5000);

    const seen = viewer.packets.filter(({ stream }) => stream === 'video');
    const [first, last] = [seen.at(0)?.dtsMs ?? 0, seen.at(-1)?.dtsMs ?? 0];
    const made = source.tags.filter(
      (tag) => isVideoFrame(tag) && tag.timestampMs >= first && tag.timestampMs <= last,
    );
    assert.deepEqual(
      seen.map(({ dtsMs }) => dtsMs),
      made.map(({ timestampMs }) => timestampMs),
    );
    const { backwards, audioPackets } = viewer.report();
    assert.equal(backwards, 0);
    assert.ok(audioPackets > 60);
    const status = output.status();
    assert.deepEqual([status.state, status.sessions, status.droppedFrames], ['stopped', 1, 0]);
    await eventually('the end of the stream', () =>
      nginx.log().includes('deleteStream') ? true : undefined,
    );
  });

  it('sends B-frames and large timestamps so that a viewer decodes them without errors', async () => {
    const url = nginx.url('live', 'key');
    const { output } = goLive({ id: 'main', url }, { bFrames: 2, offsetMs: 0xffffff - 1500 });
    await reaches(output, 'live', 1);
    const dir = tempDir('viewer');
    cleanUp.push(() => dir.dispose());
    const copy = join(dir.path, 'copy.mp4');
    const ffmpeg = (...args: string[]) =>
      promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', ...args], {
        timeout: 25_000,
        killSignal: 'SIGKILL',
      });
    await ffmpeg('-i', url, '-t', '3', '-c', 'copy', copy);
    const { stderr } = await ffmpeg('-i', copy, '-f', 'null', '-');
    // nginx starts a viewer anywhere in a GOP; what comes before the first keyframe has no reference.
    const complaints = stderr.split('\n').filter((line) => line !== '' && !/ref|mmco|no frame/i.test(line));
    assert.deepEqual(complaints, []);
    assert.equal(output.status().sessions, 1);
  });

  for (const [when, endMs] of [
    ['four and a half hours, where timestamps get a longer field', 2 ** 24],
    ['12 hours', 12 * 3_600_000],
    ['24.9 days, where a signed number would become negative', 2 ** 31],
    ['49.7 days, where timestamps begin again', 2 ** 32],
  ] as const) {
    it(`shows a viewer every frame and all sound around ${when}`, async () => {
      const url = nginx.url('live', 'key');
      const { output, source } = goLive({ id: 'main', url }, { offsetMs: endMs - 3000 });
      await reaches(output, 'live', 1);
      const viewer = watch(url);
      await viewer.next(({ stream }) => stream === 'video');
      const isPast = ({ dtsMs }: { dtsMs: number }) => dtsMs >= endMs || dtsMs < endMs - 10_000;
      await viewer.next(isPast);
      await eventually('a second after it', () =>
        viewer.packets.filter(isPast).length > 75 ? true : undefined,
      );
      await output.stop(5000);
      for (const stream of ['video', 'audio'] as const) {
        const seen = viewer.packets.filter((packet) => packet.stream === stream);
        const sent = source.tags.filter((tag) =>
          stream === 'video' ? isVideoFrame(tag) : tag.kind === 'audio',
        );
        // 32 bits are sent; viewers count on behind them, or from below 0.
        const seenMs = seen.map(({ dtsMs }) => ((dtsMs % 2 ** 32) + 2 ** 32) % 2 ** 32);
        const sentMs = sent.map(({ timestampMs }) => timestampMs % 2 ** 32);
        const first = sentMs.indexOf(seenMs[0] ?? Number.NaN);
        assert.ok(first >= 0, `it begins at ${seen[0]?.dtsMs}`);
        assert.deepEqual(seenMs, sentMs.slice(first, first + seenMs.length));
      }
      assert.deepEqual([output.status().sessions, output.status().droppedFrames], [1, 0]);
    });
  }

  it('recovers after nginx was killed, immediately and after a while', async () => {
    const url = nginx.url('live', 'key');
    const { output } = goLive({ id: 'main', url });
    await reaches(output, 'live', 1);
    for (const [goneMs, sessions] of [
      [0, 2],
      [1500, 3],
    ] as const) {
      await nginx.kill9();
      await reaches(output, 'reconnecting');
      await new Promise((resolve) => setTimeout(resolve, goneMs));
      await nginx.restart();
      await reaches(output, 'live', sessions);
    }
    const viewer = watch(url);
    await viewer.next(({ stream }) => stream === 'video');
    assert.equal(output.status().droppedFrames, 0);
  });

  it('sends a viewer that stayed while only the session was lost no more again than was not acknowledged', async () => {
    const proxy = await startProxy(nginx.port);
    cleanUp.push(() => proxy.stop());
    const { output, source } = goLive({ id: 'main', url: `rtmp://127.0.0.1:${proxy.port}/live/key` });
    await reaches(output, 'live', 1);
    const viewer = watch(nginx.url('live', 'key'));
    await viewer.next(({ stream }) => stream === 'video');
    proxy.cut();
    await reaches(output, 'live', 2);
    await viewer.next(({ stream, keyframe }) => stream === 'video' && keyframe);
    await viewer.next(({ stream }) => stream === 'audio');
    assert.ok(viewer.watching);
    assert.ok(viewer.report().longestStepMs < 3000);
    let bytesAgain = 0;
    for (const stream of ['video', 'audio'] as const) {
      const seen = viewer.packets.filter((packet) => packet.stream === stream);
      const back = seen.findIndex(({ dtsMs }, index) => dtsMs <= (seen[index - 1]?.dtsMs ?? -1));
      if (back < 0) continue;
      const [before, after] = [seen.slice(0, back), seen.slice(back)];
      assert.ok(
        after.every(({ dtsMs }, index) => index === 0 || dtsMs > (after[index - 1]?.dtsMs ?? 0)),
        'once only',
      );
      const fromMs = after[0]?.dtsMs ?? 0;
      for (const { dtsMs, size } of before) if (dtsMs >= fromMs) bytesAgain += size;
    }
    assert.ok(bytesAgain <= 36_000, `${bytesAgain} bytes, more than was not acknowledged`);
    const times = new Set(
      viewer.packets.filter(({ stream }) => stream === 'video').map(({ dtsMs }) => dtsMs),
    );
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const missing = source.tags.filter(
      (tag) =>
        isVideoFrame(tag) && tag.timestampMs > first && tag.timestampMs < last && !times.has(tag.timestampMs),
    );
    assert.deepEqual(
      missing.map(({ timestampMs }) => timestampMs),
      [],
      'no frame is missing',
    );
  });

  it('waits for a key that is in use, and then publishes with it', async () => {
    const url = nginx.url('live', 'key');
    const { output: first } = goLive({ id: 'first', url });
    await reaches(first, 'live', 1);
    const { output: second } = goLive({ id: 'second', url });
    const error = await eventually('refusal', () => second.status().error);
    assert.equal(error.code, 'output.keyInUse');
    assert.equal(first.status().state, 'live');
    await first.stop(5000);
    const status = await reaches(second, 'live', 1);
    assert.equal(status.error, undefined);
  });

  it('reports an application that nginx does not have', async () => {
    const { output } = goLive({ id: 'main', url: nginx.url('nope', 'key') });
    const error = await eventually('refusal', () => output.status().error);
    assert.match(`${error.message} ${error.remedy}`, /application|path/);
  });

  it('survives a server that stops for a moment', async () => {
    const { output } = goLive({ id: 'main', url: nginx.url('live', 'key') });
    await reaches(output, 'live', 1);
    for (const pid of nginx.pids()) process.kill(pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    for (const pid of nginx.pids()) process.kill(pid, 'SIGCONT');
    const viewer = watch(nginx.url('live', 'key'));
    await viewer.next(({ stream }) => stream === 'video');
    const { state, sessions, droppedFrames } = output.status();
    assert.deepEqual([state, sessions, droppedFrames], ['live', 1, 0]);
  });
});

/** A way to nginx that can be cut without nginx or its viewers being touched. */
async function startProxy(port: number): Promise<{ port: number; cut(): void; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((socket) => {
    const onward = keep(connect(port, '127.0.0.1'));
    keep(socket).pipe(onward).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    cut,
    stop: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
