import type { Disposable } from 'vscode-jsonrpc';
import type { ProgressReport } from './progress-parser.js';

/**
 * Detects an ffmpeg that runs but never delivers: some pairs of codec and container hang forever, and so does a source
 * that accepts the connection and sends nothing. Uses ffmpeg's progress reports, since the media bypasses this process.
 * After the first frame, the core monitors the media itself.
 */
export class StartupWatchdog implements Disposable {
  private readonly timer: NodeJS.Timeout;

  constructor(deadlineMs: number, onSilence: () => void) {
    this.timer = setTimeout(onSilence, deadlineMs);
  }

  take({ frames, totalBytes }: ProgressReport): void {
    if (frames > 0 && totalBytes > 0) this.dispose();
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
