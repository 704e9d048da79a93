import type { FfmpegExit } from '../../../../src/encoder/ffmpeg-errors.js';

/** How a process ends that has read everything. */
export const CLEAN: FfmpegExit = { code: 0, signal: null, log: [] };
export const KILLED: FfmpegExit = { code: null, signal: 'SIGKILL', log: [] };
export const FAILED: FfmpegExit = { code: 1, signal: null, log: [] };
/** The same as {@link CLEAN} of a file that is damaged. */
export const COMPLAINING: FfmpegExit = {
  code: 0,
  signal: null,
  log: [{ level: 'error', source: 'mov', text: 'partial file' }],
};

/** How a process of an ffmpeg ends that lacks a filter. */
export const LACKING: FfmpegExit = {
  code: 1,
  signal: null,
  log: [{ level: 'error', source: 'AVFilterGraph', text: "No such filter: 'bwdif'" }],
};

let pids = 1000;

/** A process that ends when a test says so. */
export class FakeProcess {
  readonly pid = pids++;
  readonly exited: Promise<FfmpegExit>;
  killed = false;
  private resolve: (exit: FfmpegExit) => void = () => {};

  /** @param onKill its readers are closed */
  constructor(private readonly onKill: () => void = () => {}) {
    this.exited = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  exit(exit: FfmpegExit): void {
    this.resolve(exit);
  }

  /** It exits like a real one. */
  kill(): void {
    this.killed = true;
    this.onKill();
    this.resolve(KILLED);
  }
}
