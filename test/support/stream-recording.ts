import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { QUICK_FFMPEG } from './ffmpeg.js';
import { eventually } from './wait.js';

/** Records a live stream as it is from now on. @returns ends the recording, and resolves when the file is complete */
export function recordStream(url: string, file: string): () => Promise<void> {
  // Flushed, since a still image takes long to fill a buffer.
  const flushed = ['-flush_packets', '1', file];
  const recorder = spawn(QUICK_FFMPEG, ['-v', 'error', '-i', url, '-c', 'copy', ...flushed], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const closed = once(recorder, 'close');
  recorder.stdin.on('error', () => {});
  return async () => {
    recorder.stdin.write('q');
    await closed;
  };
}

/** Resolves when there is something in a recording. */
export async function hasBegun(file: string): Promise<void> {
  await eventually('a recording', () => statSync(file, { throwIfNoEntry: false })?.size || undefined);
}

/** Records so many seconds of a live stream, from when it could be opened: that takes seconds on a busy machine. */
export async function recordSeconds(url: string, file: string, seconds: number): Promise<void> {
  const recorder = spawn(
    QUICK_FFMPEG,
    ['-v', 'error', '-i', url, '-c', 'copy', '-t', String(seconds), file],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let errors = '';
  recorder.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code] = await once(recorder, 'close');
  if (code !== 0) throw new Error(`${url} could not be recorded (${code}): ${errors}`);
}
