import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { monitorArguments } from '../../../src/encoder/arguments/monitor-arguments.js';
import { resolveFfmpeg } from '../../../src/encoder/ffmpeg-resolver.js';
import { MonitorPlayer } from '../../../src/encoder/mixer/monitor-player.js';
import type { BulkheadError } from '../../../src/protocol/errors.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { type PulseServer, startPulseServer } from '../../support/pulse-server.js';
import { SMALL_VIDEO } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const FFMPEG = resolveFfmpeg().candidates.find(({ origin }) => origin === 'PATH')?.path ?? '';
const FORMAT = { sampleRate: 44_100, channels: 2 };
const SLOT_MS = 40;
const HZ = 1000;

describe('what the streamer monitors', function () {
  this.timeout(90_000);
  let dir: TempDir;
  let pulse: PulseServer;

  before(async () => {
    dir = tempDir('monitor');
    pulse = await startPulseServer();
  });
  after(async () => {
    await pulse.stop();
    dir.dispose();
  });

  /** How loud the output plays around 1 kHz within half a second, dBFS. */
  async function heardDb(): Promise<number> {
    const filter = `bandpass=frequency=${HZ}:width_type=h:width=100,astats=metadata=0`;
    const recording = ['-f', 'pulse', '-i', 'nowhere.monitor', '-t', '0.5', '-af', filter, '-f', 'null', '-'];
    const { stderr } = await promisify(execFile)(FFMPEG, ['-hide_banner', ...recording], {
      env: { ...process.env, ...pulse.environment },
    });
    return Number(/Peak level dB: (\S+)/.exec(stderr)?.[1] ?? Number.NaN);
  }

  const isLoud = async () => (await heardDb()) > -30 || undefined;

  describe('by a player', () => {
    const own = process.env['PULSE_SERVER'];
    let player: MonitorPlayer;
    let problems: BulkheadError[];
    let timer: NodeJS.Timeout;

    beforeEach(() => {
      process.env['PULSE_SERVER'] = pulse.environment['PULSE_SERVER'];
    });
    afterEach(() => {
      clearInterval(timer);
      player.dispose();
      if (own === undefined) delete process.env['PULSE_SERVER'];
      else process.env['PULSE_SERVER'] = own;
    });

    function play(device: string): void {
      problems = [];
      player = new MonitorPlayer({
        ...{ device, format: FORMAT, ffmpeg: { path: FFMPEG, ownProcessGroup: false, onLog: () => {} } },
        argumentsOf: async () =>
          monitorArguments(device, FORMAT, {
            platform: 'linux',
            capabilities: undefined,
            audioSystem: 'pulse',
          }),
        onProblem: (error) => problems.push(error),
      });
      const samples = (FORMAT.sampleRate * SLOT_MS) / 1000;
      let at = 0;
      timer = setInterval(() => {
        const slot = Int16Array.from({ length: samples * 2 }, (_, index) =>
          Math.round(16_000 * Math.sin((2 * Math.PI * HZ * (at + (index >> 1))) / FORMAT.sampleRate)),
        );
        at += samples;
        player.play(Buffer.from(slot.buffer));
      }, SLOT_MS);
    }

    it('is heard, and again when its process has died', async () => {
      play('nowhere');
      await eventually('a tone', isLoud, 20_000);
      const { pid } = player;
      process.kill(pid, 'SIGKILL');
      await eventually('another process', () => (player.pid > 0 && player.pid !== pid) || undefined, 20_000);
      await eventually('the tone again', isLoud, 20_000);
      assert.deepEqual(
        problems.map(({ code }) => code),
        ['process.failed'],
      );
    });

    it('is told once that there is no such device, however often it is tried', async () => {
      play('no-such-sink');
      const seen = new Set<number>();
      await eventually('three tries', () => seen.add(player.pid).size > 3 || undefined, 40_000);
      assert.equal(problems.length, 1);
      assert.match(problems[0]?.message ?? '', /^What is monitored cannot be played: /);
      assert.match(problems[0]?.where ?? '', /no-such-sink/);
    });
  });

  it('is not heard by viewers where it is monitored alone, until that is changed on air', async () => {
    const tone = join(dir.path, 'tone.wav');
    const made = ['-f', 'lavfi', '-i', `sine=frequency=${HZ}:sample_rate=22050:duration=3`];
    execFileSync(FFMPEG, ['-v', 'error', ...made, tone]);
    const config = join(dir.path, 'show.json');
    const settings = {
      video: SMALL_VIDEO,
      sources: [{ id: 'tone', type: 'file', path: tone, loop: true }],
      scenes: [{ id: 'main' }],
      mixer: { sources: { tone: { mode: 'always', gainDb: 12, monitor: 'only' } } },
    };
    writeFileSync(config, JSON.stringify(settings));
    const bulkhead = new Bulkhead(['live', config], { env: pulse.environment });
    try {
      await bulkhead.until('on air', ({ state }) => state === 'live');
      await eventually('the tone', isLoud, 20_000);
      const { audio } = await bulkhead.status();
      assert.equal(audio?.peakDbfs, null);
      const set = new Bulkhead(['audio', 'set', 'tone', '--monitor', 'off'], { address: bulkhead.address });
      assert.equal(await set.exit(), 0, set.stderr);
      assert.equal(set.stdout, 'The sound of "tone" was changed: +12 dB, in every scene.\n');
      await bulkhead.until('viewers hear it', (status) => (status.audio?.peakDbfs ?? -100) > -30);
      await eventually('silence', async () => !((await heardDb()) > -60) || undefined, 20_000);
    } finally {
      await bulkhead.end();
    }
  });
});
