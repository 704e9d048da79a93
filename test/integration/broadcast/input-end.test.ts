import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { type LiveRun, ModesOnAir, RUN_MODES } from '../../support/run-modes.js';
import { missingFrames, SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';

const SECONDS = 3;

describe('a broadcast of a media file', function () {
  this.timeout(90_000);
  const folder = tempDir('input-end');
  const file = join(folder.path, 'talk.mp4');
  const { width, height, fps } = SMALL_VIDEO;
  let nginx: NginxRtmp;

  before(async () => {
    nginx = await startNginxRtmp();
    await promisify(execFile)('ffmpeg', [
      ...[
        '-nostdin',
        '-loglevel',
        'error',
        '-f',
        'lavfi',
        '-i',
        `testsrc2=size=${width}x${height}:rate=${fps}`,
      ],
      ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-t', String(SECONDS)],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', file],
    ]);
  });

  after(async () => {
    await nginx?.stop();
    folder.dispose();
  });

  it('ends with a file played once, after its viewers have seen all of it, in every mode', async () => {
    const config = writeConfig(folder.path);
    const ends = RUN_MODES.map(async (mode) => {
      const url = nginx.url('live', `once-${mode.name.replaceAll(' ', '-')}`);
      const viewer = watchLive(url);
      let run: LiveRun | undefined;
      try {
        run = await mode.goLive([config, '--input', file, '--once', '--output', url]);
        assert.equal(await run.cli.exit(), ExitCodes.ok, `${mode.name}: ${run.cli.stderr}`);
        assert.match(run.cli.stdout, /The broadcast has ended\.\n$/);
        assert.equal(run.cli.stderr, '');
        await viewer.stop();
        const frames = viewer.packets.filter(({ stream }) => stream === 'video').length;
        assert.equal(frames, SECONDS * fps, `${mode.name}: frames at the viewer`);
        assert.equal(missingFrames(viewer.packets), 0, mode.name);
      } finally {
        await viewer.stop();
        await run?.end();
      }
    });
    for (const end of await Promise.allSettled(ends)) if (end.status === 'rejected') throw end.reason;
  });

  it('continues past the end of a looped file, in one session and without a gap, in every mode', async () => {
    const config = writeConfig(folder.path, { input: { type: 'file', path: file } });
    const modes = new ModesOnAir();
    try {
      await modes.goLive(nginx, RUN_MODES, [config]);
      await modes.all(async (onAir) => {
        const { name } = onAir.mode;
        const viewer = modes.watch(onAir);
        await viewer.next(({ dtsMs, stream }) => stream === 'video' && dtsMs > 2.5 * SECONDS * 1000);
        const { state, encoder, outputs, timeline } = await onAir.run.owner.status();
        assert.deepEqual(
          [state, encoder.epoch, timeline.splices, outputs[0]?.sessions],
          ['live', 1, 0, 1],
          name,
        );
        assert.equal(viewer.report().backwards, 0, `${name}: timestamps going back`);
        assert.equal(missingFrames(viewer.packets), 0, `${name}: frames missing at the viewer`);
      });
    } finally {
      await modes.end();
    }
  });
});
