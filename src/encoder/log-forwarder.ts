import { PartLogNotification, type PartLogParams } from '../protocol/lifecycle.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { FfmpegLogLevel, FfmpegLogLine } from './log-line.js';

/** ffmpeg reports many recoverable problems as errors, and irrelevant ones as warnings. */
const LEVELS: Record<FfmpegLogLevel, PartLogParams['level']> = {
  panic: 'error',
  fatal: 'error',
  error: 'warn',
  warning: 'debug',
  info: 'debug',
  verbose: 'trace',
  debug: 'trace',
  trace: 'trace',
};

const WINDOW_MS = 1000;
/** For a damaged input ffmpeg prints messages about each frame. */
const MAX_LINES_PER_WINDOW = 50;

/** Sends ffmpeg's log to the core, at a bounded rate. */
export class LogForwarder {
  private windowStart = 0;
  private inWindow = 0;

  constructor(private readonly connection: RpcConnection) {}

  /** @param redact Removes secrets. */
  take({ level, source, text }: FfmpegLogLine, redact: (text: string) => string): void {
    const now = performance.now();
    if (now - this.windowStart > WINDOW_MS) {
      const leftOut = this.inWindow - MAX_LINES_PER_WINDOW;
      if (leftOut > 0) this.send('debug', `${leftOut} more lines from ffmpeg were dropped`);
      this.windowStart = now;
      this.inWindow = 0;
    }
    this.inWindow += 1;
    if (this.inWindow > MAX_LINES_PER_WINDOW) return;
    this.send(LEVELS[level], `ffmpeg: ${source === '' ? '' : `${source}: `}${redact(text)}`);
  }

  private send(level: PartLogParams['level'], message: string): void {
    this.connection.sendNotification(PartLogNotification.type, { level, message });
  }
}
