import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VideoSchema } from '../../../src/config/encoding-schema.js';
import { OutputSchema } from '../../../src/config/output-schema.js';
import type { Output } from '../../../src/core/publish/output.js';
import { RtmpProtocol } from '../../../src/core/publish/rtmp/rtmp-protocol.js';
import { isVideoFrame } from '../../../src/media/stream-tag.js';
import { AVC_DATA_OFFSET } from '../../../src/media/video-payload.js';
import { type FlvSource, startFlvSource } from '../../support/flv-source.js';
import { watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const run = promisify(execFile);

describe('an output with a backup address, and two nginx-rtmp', () => {
  let primary: NginxRtmp;
  let backup: NginxRtmp;
  let folder: string;
  const cleanUp: (() => unknown)[] = [];

  beforeEach(async () => {
    const dir = tempDir('recorded');
    folder = dir.path;
    primary = await startNginxRtmp();
    backup = await startNginxRtmp({ recordingFolder: folder });
    cleanUp.push(
      () => dir.dispose(),
      () => primary.stop(),
      () => backup.stop(),
    );
  });

  afterEach(async () => {
    for (const undo of cleanUp.splice(0).reverse()) await undo();
  });

  const CONTEXT = {
    video: VideoSchema.parse({}),
    encodes: { spare: 0, request: () => ({ dispose: () => {} }) },
    notify: () => {},
  };

  function goLive(mode: 'at-once' | 'on-failure'): { output: Output; source: FlvSource } {
    const source = startFlvSource((tag) => output.push(tag));
    const settings = {
      ...{ id: 'main', url: primary.url('live', '').replace(/\/$/, ''), key: 'first' },
      ...{ backup: mode, backupUrl: backup.url('recorded', '').replace(/\/$/, ''), backupKey: 'second' },
    };
    const output = new RtmpProtocol().create(OutputSchema.parse(settings), source.snapshot, CONTEXT);
    output.start();
    cleanUp.push(
      () => output.dispose(),
      () => source.stop(),
    );
    return { output, source };
  }

  const reaches = (output: Output, states: readonly string[]) =>
    eventually(`the connections are ${states}`, () => {
      const { backup: status, state } = output.status();
      const now = [state, ...(status?.connections ?? []).map((connection) => connection.state)];
      return now.join() === states.join() ? true : undefined;
    });

  /** The frames that the backup's server has recorded. */
  async function recordedFrames(): Promise<{ readonly ms: number; readonly size: number }[]> {
    const [file = ''] = readdirSync(folder);
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=dts_time,size', '-of', 'csv=p=0'],
      join(folder, file),
    ]);
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.split(',').map(Number))
      .map(([seconds = 0, size = 0]) => ({ ms: Math.round(seconds * 1000), size }));
  }

  const framesBetween = ({ tags }: FlvSource, first: number, last: number) =>
    tags
      .filter((tag) => isVideoFrame(tag) && tag.timestampMs >= first && tag.timestampMs <= last)
      .map(({ timestampMs }) => timestampMs);

  it('on failure: the backup has every frame from where the primary was lost', async () => {
    const { output, source } = goLive('on-failure');
    await reaches(output, ['live', 'live', 'standby']);
    const viewer = watchLive(primary.url('live', 'first'));
    cleanUp.push(() => viewer.stop());
    await eventually('some seconds', () => (viewer.report().videoPackets > 90 ? true : undefined));
    assert.deepEqual(readdirSync(folder), [], 'nothing goes to the backup yet');
    await primary.kill9();
    await reaches(output, ['live', 'standby', 'live']);
    const seen = viewer.packets.filter(({ stream }) => stream === 'video').at(-1)?.dtsMs ?? 0;
    const before = source.tags.length;
    await eventually('some seconds there', () => (source.tags.length > before + 250 ? true : undefined));
    await output.stop(5000);

    const frames = await recordedFrames();
    const made = source.tags.filter(isVideoFrame);
    const sizes = made.map(({ payload }) => payload.length - AVC_DATA_OFFSET);
    const begins = made.findIndex(
      ({ kind }, at) => kind === 'keyframe' && frames.every(({ size }, index) => sizes[at + index] === size),
    );
    assert.ok(begins >= 0, 'each frame once and in order, from a keyframe on');
    assert.ok((made[begins]?.timestampMs ?? 0) <= seen + 34, 'nothing is missing between the two');
    assert.ok(
      frames.every(({ ms }, index) => index === 0 || ms > (frames[index - 1]?.ms ?? 0)),
      'the timeline does not go back',
    );
    // What a viewer may have seen already passes in a moment; all else keeps its time. The recording's own times begin at 0.
    const shifts = frames
      .slice(60)
      .map(({ ms }, index) => (made[begins + 60 + index]?.timestampMs ?? 0) - ms);
    assert.ok(shifts.length > 30, `${frames.length} frames`);
    assert.deepEqual(new Set(shifts), new Set(shifts.slice(0, 1)));
  });

  it('at once: a viewer of each gets the same, and one is lost without the other noticing', async () => {
    const { output, source } = goLive('at-once');
    await reaches(output, ['live', 'live', 'live']);
    const viewers = [
      watchLive(primary.url('live', 'first')),
      watchLive(backup.url('recorded', 'second')),
    ] as const;
    for (const viewer of viewers) cleanUp.push(() => viewer.stop());
    for (const viewer of viewers) {
      await eventually('two seconds', () => (viewer.report().videoPackets > 60 ? true : undefined));
    }
    await primary.kill9();
    await reaches(output, ['live', 'reconnecting', 'live']);
    const lost = viewers[1].report().videoPackets;
    await eventually('two seconds more', () =>
      viewers[1].report().videoPackets > lost + 60 ? true : undefined,
    );
    await primary.restart();
    await reaches(output, ['live', 'live', 'live']);
    assert.equal(output.status().sessions, 1);

    const [first, second] = viewers.map(({ packets }) =>
      packets.map(({ dtsMs, size }) => `${dtsMs} ${size}`),
    );
    const common = first?.filter((packet) => second?.includes(packet)) ?? [];
    const from = first?.indexOf(common[0] ?? '') ?? 0;
    assert.deepEqual(first?.slice(from), common, 'what both have seen is the same');
    const times = viewers[1].packets.filter(({ stream }) => stream === 'video').map(({ dtsMs }) => dtsMs);
    assert.deepEqual(times, framesBetween(source, times[0] ?? 0, times.at(-1) ?? 0));
  });
});
