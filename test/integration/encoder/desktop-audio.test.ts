import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { checkDevices } from '../../../src/cli/doctor/device-checks.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { resolveFfmpeg } from '../../../src/encoder/ffmpeg-resolver.js';
import { EncoderStopRequest } from '../../../src/protocol/encoder.js';
import { type PulseServer, startPulseServer } from '../../support/pulse-server.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { EncoderSession, encodeSettings } from './encoder-session.js';
import { analyse, inspectFlv } from './flv-report.js';

const { candidates } = resolveFfmpeg();
const OLD_FFMPEG = candidates.find(({ origin }) => origin === '@ffmpeg-installer/ffmpeg')?.path ?? '';
const NEW_FFMPEG = candidates.find(({ origin }) => origin === 'PATH')?.path ?? '';
const INPUT = { type: 'desktop-audio' } as const;

describe('what this computer plays', function () {
  this.timeout(60_000);
  let dir: TempDir;
  let pulse: PulseServer;
  let session: EncoderSession;
  let file: string;
  let player: ChildProcess | undefined;
  const own = process.env['PULSE_SERVER'];

  before(async () => {
    dir = tempDir('desktop-audio');
    pulse = await startPulseServer();
  });
  beforeEach(() => {
    process.env['PULSE_SERVER'] = pulse.environment['PULSE_SERVER'];
    file = join(dir.path, 'sound.flv');
    session = EncoderSession.inProcess({ cacheFolder: join(dir.path, 'cache') }, file);
  });
  afterEach(async () => {
    session.dispose();
    if (own === undefined) delete process.env['PULSE_SERVER'];
    else process.env['PULSE_SERVER'] = own;
    if (player === undefined) return;
    const gone = once(player, 'exit');
    player.kill('SIGKILL');
    await gone;
    player = undefined;
  });
  after(async () => {
    await pulse.stop();
    dir.dispose();
  });

  function play(): void {
    const tone = ['-f', 'lavfi', '-i', 'sine=frequency=1000', '-f', 'pulse', 'tone'];
    const env = { ...process.env, ...pulse.environment };
    player = spawn(NEW_FFMPEG, ['-v', 'quiet', '-re', ...tone], { env, stdio: 'ignore' });
  }

  /** How loud what was recorded is at its loudest around 1 kHz, dBFS. */
  async function peakDb(): Promise<number> {
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    await session.recorded;
    const filter = 'bandpass=frequency=1000:width_type=h:width=100,astats=metadata=0';
    return Number(/Peak level dB: (\S+)/.exec(await analyse(file, ['-af', filter]))?.[1]);
  }

  for (const device of [undefined, 'nowhere.monitor']) {
    it(`is heard, with a still frame (${device ?? 'the default output'})`, async () => {
      play();
      await session.start(encodeSettings({ input: { ...INPUT, device } }), NEW_FFMPEG);
      await session.hasPlayed(2);
      assert.equal(session.source?.state, 'live');
      assert.deepEqual(session.problems, []);
      const peak = await peakDb();
      assert.ok(peak > -30, `${peak} dBFS`);
      const { video } = await inspectFlv(file);
      assert.ok(video.times.length > 30, `${video.times.length} frames`);
    });
  }

  it('says which output there is not', async () => {
    await session.start(encodeSettings({ input: { ...INPUT, device: 'nosuch.monitor' } }), NEW_FFMPEG);
    const { error } = await session.exited;
    assert.equal(error?.code, 'input.notFound');
    assert.match(error.message, /^The sound of this computer \(nosuch\.monitor\)/);
  });

  it('needs an ffmpeg with PulseAudio', async () => {
    await assert.rejects(session.start(encodeSettings({ input: INPUT }), OLD_FFMPEG), {
      code: 'ffmpeg.unsupported',
      message: 'This ffmpeg cannot capture what this computer plays: it has no "pulse".',
    });
  });

  it('is tried by the doctor', async () => {
    const { config } = loadConfig(undefined, {}, dir.path);
    const findings = await checkDevices(NEW_FFMPEG, { ...config, input: INPUT });
    assert.deepEqual(
      findings.filter(({ subject }) => subject === 'input').map(({ verdict, message }) => [verdict, message]),
      [['ok', 'the sound of this computer can be captured']],
    );
  });
});
