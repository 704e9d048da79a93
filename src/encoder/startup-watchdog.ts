import type { Disposable } from 'vscode-jsonrpc';
import type { ProgressReport } from './progress-parser.js';

/**
 * Finds an ffmpeg that runs and never delivers: some pairs of codec and container hang for ever, and so does a source
 * that accepts and says nothing. It watches what ffmpeg reports, since the media goes past this process. Once the first
 * frame is out, the core watches the media itself.
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
