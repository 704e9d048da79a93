import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { readNumbers, writeNumberedClip } from '../../support/numbered-frames.js';
import { ModesOnAir, RUN_MODES } from '../../support/run-modes.js';
import { assertNoFrameMissing, SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const SECONDS = 3;

describe('a broadcast of a media file', function () {
  this.timeout(90_000);
  const folder = tempDir('input-end');
  const file = join(folder.path, 'talk.mp4');
  let nginx: NginxRtmp;

  before(async () => {
    nginx = await startNginxRtmp({ recordingFolder: folder.path });
    const { width, height, fps } = SMALL_VIDEO;
    writeNumberedClip(file, { size: `${width}x${height}`, fps, seconds: SECONDS, sampleRate: 48_000 });
  });

  after(async () => {
    await nginx?.stop();
    folder.dispose();
  });

  it('ends with a file played once, after all of it has been sent, with the encoder in a process of its own or not', async () => {
    const config = writeConfig(folder.path);
    const frames = Array.from({ length: SECONDS * SMALL_VIDEO.fps }, (_, number) => number);
    for (const isolated of [true, false]) {
      const mode = RUN_MODES.find(({ encoderIsolated }) => encoderIsolated === isolated) ?? assert.fail();
      const name = mode.name.replaceAll(' ', '-');
      const url = nginx.url('recorded', name);
      const run = await mode.goLive([config, '--input', file, '--once', '--output', url]);
      try {
        assert.equal(await run.cli.exit(), ExitCodes.ok, `${mode.name}: ${run.cli.stderr}`);
        assert.match(run.cli.stdout, /The broadcast has ended\.\nOn air for /);
        assert.equal(run.cli.stderr, '');
      } finally {
        await run.end();
      }
      // Each one, in order, from the first to the last. Where a busy machine is late with one, the one before it is shown again.
      const seen = readNumbers(await recordingOf(name));
      assert.deepEqual(
        seen.filter((number, index) => number !== seen[index - 1]),
        frames,
        mode.name,
      );
    }
  });

  /** Of its only session, once the server has written it. */
  function recordingOf(name: string): Promise<string> {
    return eventually(`the recording of ${name}`, () => {
      const [first, second] = readdirSync(folder.path).filter((entry) => entry.startsWith(`${name}-`));
      assert.equal(second, undefined, 'a second session');
      return first && join(folder.path, first);
    });
  }

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
        await assertNoFrameMissing(viewer.packets, () => onAir.run.owner.status(), { name });
      });
    } finally {
      await modes.end();
    }
  });
});
