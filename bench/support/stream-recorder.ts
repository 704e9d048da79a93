import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const SECOND_SIGNAL_MS = 3000;

/** What a decoder makes of a recording. */
export interface RecordingReport {
  readonly decodeErrors: readonly string[];
  /** Frames that came out. */
  readonly frames: number;
}

/** A viewer that records a stream without looking into it: `ffmpeg -c copy`. */
export interface StreamRecorder {
  /** Whether it still records; it ends when the server ends the stream. */
  readonly recording: boolean;
  /** Ends the recording. */
  stop(): Promise<void>;
  /** Ends it and decodes it. */
  finish(): Promise<RecordingReport>;
}

/** @param file where the recording goes; FLV */
export function recordStream(url: string, file: string): StreamRecorder {
  const child = spawn(
    'ffmpeg',
    ['-nostdin', '-v', 'fatal', '-y', '-i', url, '-c', 'copy', '-f', 'flv', file],
    {
      stdio: 'ignore',
    },
  );
  const closed = once(child, 'close');
  let recording = true;
  child.once('close', () => {
    recording = false;
  });
  const stop = async () => {
    child.kill('SIGINT');
    // While it waits for the server it heeds the second one only.
    const second = setTimeout(() => child.kill('SIGINT'), SECOND_SIGNAL_MS);
    await closed;
    clearTimeout(second);
  };
  return {
    get recording() {
      return recording;
    },
    stop,
    finish: async () => {
      await stop();
      return decodeRecording(file);
    },
  };
}

async function decodeRecording(file: string): Promise<RecordingReport> {
  const { stdout, stderr } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'repeat+error', '-i', file, '-fps_mode', 'passthrough'],
      ...['-progress', '-', '-f', 'null', '-'],
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  // Its own muxer complains where frame rates differ; its messages are ignored.
  const decodeErrors = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('[null @'));
  const counts = [...stdout.matchAll(/^frame=\s*(\d+)$/gm)];
  return { decodeErrors, frames: Number(counts.at(-1)?.[1] ?? 0) };
}
