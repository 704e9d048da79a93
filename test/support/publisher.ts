import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { QUICK_FFMPEG } from './ffmpeg.js';
import { PATIENCE } from './wait.js';

/** A program that publishes to an RTMP server. */
export interface Publisher {
  readonly pid: number;
  /** Its error output. */
  readonly stderr: string;
  /** Kills it, as in a crash; resolves when it has exited. Does nothing if it already has. */
  kill(): Promise<void>;
}

/** @param gop frames from one keyframe to the next, at 30 a second */
export const testPattern = (gop = 30): string[] => [
  ...['-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30'],
  ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
  ...[
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-pix_fmt',
    'yuv420p',
    '-g',
    String(gop),
  ],
  ...['-b:v', '1000k', '-c:a', 'aac', '-ac', '2'],
];

/** @param input ffmpeg's arguments up to the output; a moving test pattern with a tone if undefined. */
export function publish(url: string, input?: readonly string[]): Publisher {
  const [ffmpeg, args] = input === undefined ? [QUICK_FFMPEG, testPattern()] : ['ffmpeg', input];
  return runPublisher(ffmpeg, ['-nostdin', '-loglevel', 'error', ...args, '-f', 'flv', url]);
}

/** Runs any program that publishes. */
export function runPublisher(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Publisher {
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  const closed = once(child, 'close');
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  if (child.pid === undefined) throw new Error(`${program} did not start`);
  return {
    pid: child.pid,
    get stderr() {
      return stderr;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

export interface ProbedStream {
  readonly codec_type: 'video' | 'audio';
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
}

/** The video and audio streams found by an independent viewer. Rejects if nothing can be played within `deadlineMs`, {@link PATIENCE} times over. */
export async function probeStreams(url: string, deadlineMs = 20_000): Promise<ProbedStream[]> {
  const args = ['-loglevel', 'error', '-of', 'json', '-show_streams', url];
  const { stdout } = await promisify(execFile)('ffprobe', args, {
    timeout: PATIENCE * deadlineMs,
    killSignal: 'SIGKILL',
  });
  const { streams } = JSON.parse(stdout) as { readonly streams: readonly ProbedStream[] };
  // ffprobe counts repeated metadata as a separate stream.
  return streams.filter(({ codec_type }) => codec_type === 'video' || codec_type === 'audio');
}
