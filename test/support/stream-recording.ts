import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Records a live stream as it is from now on. @returns ends the recording, and resolves when the file is complete */
export function recordStream(url: string, file: string): () => Promise<void> {
  const recorder = spawn('ffmpeg', ['-v', 'error', '-i', url, '-c', 'copy', file], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const closed = once(recorder, 'close');
  recorder.stdin.on('error', () => {});
  return async () => {
    recorder.stdin.write('q');
    await closed;
  };
}
