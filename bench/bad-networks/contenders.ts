import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFfmpeg } from '../../src/encoder/ffmpeg-resolver.js';
import { makeMedia } from '../../test/integration/encoder/test-media.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import type { Network } from '../../test/support/network/namespaces.js';
import { tempDir } from '../../test/support/temp.js';
import { obsKind } from '../support/publishers/obs-kind.js';

export const FPS = 30;
const SIZE = { width: 320, height: 180 };

/** A program that publishes the test pattern. */
export interface Publisher {
  /** What it says of itself, for the record. */
  report?(): Promise<string>;
  end(): Promise<void>;
}

export interface Contender {
  readonly name: string;
  /** What Bulkhead is compared with. */
  readonly isReference: boolean;
  /** Publishes to `rtmp://HOST:PORT/live/key`, from the streamer's namespace. */
  start(network: Network, port: number, bitrateKbps: number): Publisher | Promise<Publisher>;
}

function bulkhead(name: string, video: object): Contender {
  return {
    name,
    isReference: false,
    start: ({ streamer, serverHost }, port, bitrateKbps) => {
      const folder = tempDir('bad-networks');
      const file = join(folder.path, 'bulkhead.json');
      const output = { id: 'main', url: `rtmp://${serverHost}:${port}/live`, key: 'key' };
      // Filled up to the bitrate, so that a small frame needs as much of the network as a large one.
      const encode = { ...SIZE, fps: FPS, bitrateKbps, constantBitrate: true, preset: 'ultrafast', ...video };
      writeFileSync(file, JSON.stringify({ video: encode, outputs: [output] }));
      const run = new Bulkhead(['live', file], { within: streamer });
      return {
        report: async () => {
          const { core, outputs, encoder } = await run.status();
          const log = core.logFile === undefined ? '' : readFileSync(core.logFile, 'utf8');
          const steps = [...log.matchAll(/bitrate: \d+ → (\d+) kbit/g)].map(([, kbps]) => kbps);
          return [
            `dropped ${outputs[0]?.droppedFrames}`,
            `left out by the encoder ${encoder.skippedSlots}`,
            ...(steps.length === 0 ? [] : [`kbit/s ${[bitrateKbps, ...steps].join(' → ')}`]),
          ].join(', ');
        },
        end: async () => {
          await run.end();
          folder.dispose();
        },
      };
    },
  };
}

const ffmpeg: Contender = {
  name: 'ffmpeg',
  isReference: true,
  start: ({ streamer, serverHost }, port, bitrateKbps) => {
    const rate = `${bitrateKbps}k`;
    const [program = '', ...words] = [
      ...[...streamer, findFfmpeg(), '-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi'],
      ...['-i', `testsrc2=size=${SIZE.width}x${SIZE.height}:rate=${FPS},format=yuv420p`],
      ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', String(2 * FPS)],
      ...['-b:v', rate, '-maxrate', rate, '-minrate', rate, '-bufsize', rate],
      ...[
        '-x264-params',
        'nal-hrd=cbr:force-cfr=1',
        '-c:a',
        'aac',
        '-b:a',
        '160k',
        '-ar',
        '48000',
        '-ac',
        '2',
      ],
      ...['-f', 'flv', '-flvflags', 'no_duration_filesize', `rtmp://${serverHost}:${port}/live/key`],
    ];
    const child = spawn(program, words, { stdio: 'ignore' });
    const exited = once(child, 'exit');
    return {
      end: async () => {
        child.kill('SIGKILL');
        await exited;
      },
    };
  },
};

/** With its own settings for a connection that is lost, and without its "dynamic bitrate", as it is installed. */
const obs: Contender = {
  name: 'obs',
  isReference: true,
  start: async ({ streamer, serverHost }, port, bitrateKbps) => {
    const folder = tempDir('bad-networks-obs');
    const recording = await makeMedia(folder.path, 'recording.mp4', [
      ...['-f', 'lavfi', '-i', `testsrc2=size=${SIZE.width}x${SIZE.height}:rate=${FPS}:duration=10`],
      ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=10'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-ac', '2'],
    ]);
    const setup = await obsKind.setUp(folder.path, recording);
    const target = { server: `rtmp://${serverHost}:${port}/live`, key: 'key', size: SIZE };
    const run = await setup.start({ ...target, bitrateKbps, within: streamer });
    return {
      end: async () => {
        await run.kill();
        await setup.close();
        folder.dispose();
      },
    };
  },
};

/** Those that are installed here. */
export async function contenders(): Promise<readonly Contender[]> {
  const missing = await obsKind.missing();
  if (missing.length > 0)
    console.log(`without OBS, which needs what is not installed here: ${missing.join(', ')}`);
  return [
    bulkhead('adaptive', { adaptiveBitrate: true, keyframeIntervalSeconds: 1 }),
    bulkhead('bulkhead', {}),
    ffmpeg,
    ...(missing.length > 0 ? [] : [obs]),
  ];
}
