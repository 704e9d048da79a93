import assert from 'node:assert/strict';
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import type { BroadcastConfigInput } from '../../../src/config/schema.js';
import { resolveFfmpeg } from '../../../src/encoder/ffmpeg-resolver.js';
import { type EncoderExited, EncoderStopRequest } from '../../../src/protocol/encoder.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { EncoderSession, encodeSettings } from './encoder-session.js';
import {
  analyse,
  decode,
  type FlvReport,
  inspectFlv,
  keyframeNalTypes,
  meanVolume,
  missingSlots,
  steps,
} from './flv-report.js';
import { PatientTime } from './patient-time.js';
import { changingSound, clip, flashAndBeep, muteClip, song, still } from './test-media.js';

/** The oldest supported ffmpeg, of 2018; included in the npm package. */
const OLD_FFMPEG = resolveFfmpeg().candidates.find(
  ({ origin }) => origin === '@ffmpeg-installer/ffmpeg',
)?.path;
const NEW_FFMPEG = resolveFfmpeg().candidates.find(({ origin }) => origin === 'PATH')?.path;
const BINARIES = { 'ffmpeg of 2018': OLD_FFMPEG, 'ffmpeg on the PATH': NEW_FFMPEG };

/** Digital silence, dB. */
const SILENT = -90;
/** Recordings take real time and little CPU: this many run in parallel. */
const AT_ONCE = 3;
/** A file of this many seconds, looped this often, shows whether its tracks stay in sync. */
const LOOP = { seconds: 0.7, seams: 5 };

/** What a busy computer made of it. */
interface Counts {
  /** Frames that were shown again, since the input had none in time. */
  readonly repeatedFrames: number;
  readonly skippedSlots: number;
}

interface Case {
  readonly name: string;
  /** Creates the input in the folder. */
  readonly input: (folder: string) => Promise<BroadcastConfigInput['input']>;
  /** Media time to record; to the input's end if undefined. */
  readonly seconds?: number;
  readonly ffmpeg?: string | undefined;
  /** Records until so much of the input has been played, however often it was late. */
  readonly hasRepeats?: boolean;
  readonly judge: (file: string, report: FlvReport, counts: Counts) => Promise<void> | void;
}

const CASES: readonly Case[] = [
  ...Object.entries(BINARIES).flatMap(([name, ffmpeg]): Case[] => [
    {
      name: `test pattern by the ${name}, with SPS and PPS in every keyframe and one keyframe a second`,
      input: async () => ({ type: 'test-pattern' }),
      seconds: 2.3,
      ffmpeg,
      judge: async (file, { video, audio }, { skippedSlots }) => {
        const keyframes = keyframeNalTypes(file);
        assert.ok(keyframes.length >= 3, `${keyframes.length} keyframes`);
        for (const types of keyframes) {
          assert.deepEqual(types.slice(0, 2), [7, 8], 'SPS and PPS come first');
          assert.ok(types.includes(5), 'and an IDR slice follows');
        }
        assert.equal(missingSlots(video.times), skippedSlots, 'slots without a frame');
        assert.ok(steps(audio.times).longest <= 22, 'sound without a hole');
        assert.ok((await meanVolume(file)) > -40, 'a tone is audible');
      },
    },
    ...[0, 0.1].map(
      (lateS): Case => ({
        name: `a looping file by the ${name}, its sound ${lateS} s late at each start`,
        input: async (folder) => ({
          type: 'file',
          path: await flashAndBeep(folder, `flash-${lateS}-${name}.mkv`, lateS),
        }),
        seconds: 3.6,
        hasRepeats: true,
        ffmpeg,
        judge: async (file, _report, { repeatedFrames }) => {
          const found = await analyse(file, [
            ...['-vf', 'blackdetect=d=0.2:pix_th=0.2', '-af', 'silencedetect=noise=-40dB:d=0.2'],
          ]);
          const flashes = [...found.matchAll(/black_end:([\d.]+)/g)].map(([, time]) => Number(time));
          const beeps = [...found.matchAll(/silence_end: ([\d.]+)/g)].map(([, time]) => Number(time));
          // 0.2 s of silence make two beeps of one; at the recording's end a flash may lack its beep.
          const split = 1 + repeatedFrames / 30 / 0.2;
          assert.ok(beeps.length - flashes.length <= split, `flashes at ${flashes}, beeps at ${beeps}`);
          for (const round of [0, 1, 2]) {
            const { [round]: flash = Number.NaN } = flashes;
            // A beep in which the input is late is heard in two parts: the first one counts.
            const beep =
              (repeatedFrames === 0 ? beeps[round] : beeps.find((time) => time > flash - 0.08)) ?? Number.NaN;
            // An AAC encoder's priming is 21 ms, a video frame lasts 33 ms.
            const heard = `flashes at ${flashes}, beeps at ${beeps}`;
            // Where the input is late, both tracks wait, also between a flash and its beep.
            const waitedS = repeatedFrames / 30;
            const apartS = beep - flash - lateS;
            assert.ok(apartS > -0.08 && apartS < 0.08 + waitedS, heard);
            const behindS = flash - 1 - round;
            assert.ok(behindS > -0.1 && behindS < 0.1 + waitedS, heard);
          }
        },
      }),
    ),
    ...Object.entries({
      'of 48 kHz': {},
      'of 44.1 kHz': { sampleRate: 44_100 },
      'that is shorter by 15 ms': { longerByMs: -15 },
      'that is longer by 12 ms': { longerByMs: 12 },
    }).map(
      ([sound, made]): Case => ({
        name: `a looping file by the ${name} with sound ${sound}: as much sound as video over ${LOOP.seams} seams`,
        input: async (folder) => ({
          type: 'file',
          path: await clip(folder, `${sound}-${name}.mp4`, LOOP.seconds, made),
        }),
        seconds: LOOP.seconds * (LOOP.seams + 0.5),
        ffmpeg,
        judge: (_file, report) => assertAsMuchSoundAsFrame(report),
      }),
    ),
    {
      name: `an image by the ${name}, repeated at the full frame rate, with silence`,
      input: async (folder) => ({ type: 'image', path: await still(folder, `still-${name}.png`) }),
      seconds: 1.5,
      ffmpeg,
      judge: async (file, { video }, { skippedSlots }) => {
        assert.equal(missingSlots(video.times), skippedSlots, 'slots without a frame');
        assert.ok((await meanVolume(file)) < SILENT);
      },
    },
  ]),
  {
    name: 'a file with a difficult name',
    input: async (folder) => ({ type: 'file', path: await clip(folder, "it's: a,b; [c] 100%\\n.mp4", 1) }),
    seconds: 1.5,
    judge: () => {},
  },
  {
    name: 'a file of odd size without sound, looping: fitted, at the configured rate, with silence',
    input: async (folder) => ({ type: 'file', path: await muteClip(folder, 'mute.mkv', 0.8) }),
    seconds: 2,
    judge: async (file, { video }, { skippedSlots }) => {
      assert.equal(missingSlots(video.times), skippedSlots, 'slots without a frame');
      assert.ok((await meanVolume(file)) < SILENT);
    },
  },
  {
    name: 'a file without video, looping: with a plain one',
    input: async (folder) => ({ type: 'file', path: await song(folder, 'song.mp3', 0.8) }),
    seconds: 2,
    judge: async (file) => assert.ok((await meanVolume(file)) > -40),
  },
  ...Object.entries({ 'clip.mp4': clip, 'mute-once.mkv': muteClip, 'song.wav': song }).map(
    ([name, make]): Case => ({
      name: `${name} played once: the encoder finishes with it`,
      input: async (folder) => ({ type: 'file', path: await make(folder, name, 1), loop: false }),
      judge: (_file, { video, audio }, { repeatedFrames }) => {
        // Music shows one frame again and again: it is never late.
        const waitedMs = name.endsWith('.wav') ? 0 : (repeatedFrames * 1000) / 30;
        for (const { times } of [video, audio]) {
          const last = times.at(-1) ?? 0;
          assert.ok(last > 850 && last < 1200 + waitedMs, `ends at ${last} ms`);
        }
      },
    }),
  ),
];

/** Compares the number of packets, and the time of the last one. */
function assertAsMuchSoundAsFrame({ video, audio }: FlvReport, longestStepMs = 24): void {
  const soundMs = (audio.times.length * 1024) / 48;
  const frameMs = (video.times.length * 1000) / 30;
  // The two end within the time that the encoder needs to stop.
  assert.ok(Math.abs(soundMs - frameMs) < 200, `${soundMs} ms of sound, ${frameMs} ms of video`);
  const [lastSound = 0, lastFrame = 0] = [audio.times.at(-1), video.times.at(-1)];
  assert.ok(Math.abs(lastSound - lastFrame) < 200, `ends at ${lastSound} and ${lastFrame} ms`);
  assert.ok(steps(audio.times).longest <= longestStepMs, 'sound without a gap');
}

describe('encoder inputs', function () {
  this.timeout(90_000);
  let dir: TempDir;
  const recordings = new Map<string, EncoderExited | Error>();
  const counted = new Map<string, Counts>();
  const fileOf = ({ name }: Case) => join(dir.path, `${CASES.findIndex((other) => other.name === name)}.flv`);

  async function record(
    input: BroadcastConfigInput['input'],
    file: string,
    { seconds = 600, ffmpeg = NEW_FFMPEG, hasRepeats }: Pick<Case, 'seconds' | 'ffmpeg' | 'hasRepeats'>,
    isPatient = false,
  ): Promise<EncoderExited> {
    const time = new PatientTime(() => session.playedMs);
    const options = { cacheFolder: join(dir.path, 'cache'), ...(isPatient ? { time } : {}) };
    const session: EncoderSession = EncoderSession.inProcess(options, file);
    try {
      await session.start(encodeSettings({ input }), ffmpeg);
      await session.hasPlayed(seconds);
      if (hasRepeats) {
        const played = () => {
          const { frames = 0, repeatedFrames = 0 } = session.progress.at(-1) ?? {};
          return frames - repeatedFrames >= seconds * 30 || undefined;
        };
        await eventually('so much of the input', played);
      }
      await session.connection.sendRequest(EncoderStopRequest.type, {});
      await session.recorded;
      const exited = await session.exited;
      const repeatedFrames = session.progress.at(-1)?.repeatedFrames ?? 0;
      counted.set(file, { repeatedFrames, skippedSlots: session.skippedSlots });
      return exited;
    } finally {
      session.dispose();
    }
  }

  /** Requirements for every stream, whatever the input. */
  async function check(file: string): Promise<FlvReport> {
    const report = await inspectFlv(file);
    const { video, audio } = report;
    assert.equal(await decode(file), '', 'a viewer decodes it');
    assert.deepEqual(
      [video.codec, video.width, video.height, video.pixelFormat, video.frameRate],
      ['h264', 320, 180, 'yuv420p', '30/1'],
    );
    assert.deepEqual([audio.codec, audio.sampleRate, audio.channels], ['aac', 48_000, 2]);
    for (const { times } of [video, audio]) {
      assert.ok(times.length > 20, `${times.length} packets`);
      assert.ok((times[0] ?? 0) <= 100, `begins at ${times[0]} ms`);
      assert.equal(steps(times).forward, true);
    }
    return report;
  }

  before(async () => {
    dir = tempDir('inputs');
    const queue = [...CASES];
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        // All of these wait for their reader.
        const result = await record(await next.input(dir.path), fileOf(next), next, true).catch(
          (error: Error) => error,
        );
        recordings.set(next.name, result);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  });
  after(() => dir.dispose());

  for (const given of CASES) {
    it(given.name, async () => {
      const result = recordings.get(given.name);
      assert.deepEqual(result, { exitCode: 0, signal: null, finished: true });
      const file = fileOf(given);
      await given.judge(file, await check(file), counted.get(file) ?? { repeatedFrames: 0, skippedSlots: 0 });
    });
  }

  /** Records from a web server that serves the file. */
  async function recordFromWeb(path: string, recording: string, seconds: number, ffmpeg?: string) {
    const server = createServer((request, response) => {
      const start = Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const { size } = statSync(path);
      response.writeHead(start === 0 ? 200 : 206, {
        'Content-Length': size - start,
        'Content-Range': `bytes ${start}-${size - 1}/${size}`,
        'Accept-Ranges': 'bytes',
      });
      const file = createReadStream(path, { start });
      response.on('close', () => file.destroy());
      file.pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const input = { type: 'url', url: `http://127.0.0.1:${port}/${basename(path)}` } as const;
      await record(input, recording, { seconds, ffmpeg });
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  it("an http address, read in real time rather than at the network's speed", async () => {
    const path = await clip(dir.path, 'web.mp4', 6);
    const recording = join(dir.path, 'web.flv');
    await recordFromWeb(path, recording, 1.5);
    const { video } = await check(recording);
    assert.ok((video.times.at(-1) ?? 0) < 5500);
  });

  for (const [name, ffmpeg] of Object.entries(BINARIES)) {
    it(`an address whose sound changes and shifts, by the ${name}`, async () => {
      const path = await changingSound(dir.path, 'change.ts');
      const recording = join(dir.path, `change-${name}.flv`);
      await recordFromWeb(path, recording, 3.6, ffmpeg);
      // Where the format changes, a frame may come early or late by a part of its length. The core moves it.
      assertAsMuchSoundAsFrame(await inspectFlv(recording), 50);
    });
  }
});
