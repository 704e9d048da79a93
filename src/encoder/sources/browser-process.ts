import type { Writable } from 'node:stream';
import { BrowserPage, type BrowserPageOptions } from '../browser/browser-page.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';
import { clusterHeader, pngMatroskaHeader } from '../tracks/raw-matroska.js';
import { SourceProcess, type SourceProcessOptions } from './source-process.js';

export interface BrowserProcessOptions {
  readonly page: Omit<BrowserPageOptions, 'onFrame'>;
  /** What decodes and scales the frames. */
  readonly decoder: SourceProcessOptions;
}

/** A page that does not change sends no frames: the last one is repeated after so long, ms, for the source to remain live. */
const REPEAT_MS = 250;
/** What waits for ffmpeg at most, bytes; frames above that are left out. */
const MOST_WAITING = 8 * 1024 * 1024;

/** A browser with its page, and an ffmpeg that decodes its frames; one ends with the other. */
export class BrowserProcess {
  readonly exited: Promise<FfmpegExit>;
  private readonly page: BrowserPage;
  private readonly decoder: SourceProcess;
  private readonly beganMs = performance.now();
  private lastMs = -1;
  private latest: Buffer | undefined;
  private hasBegun = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: BrowserProcessOptions) {
    this.decoder = new SourceProcess(options.decoder);
    this.page = new BrowserPage({
      ...options.page,
      onFrame: (png) => {
        this.latest = png;
        this.write(png);
      },
    });
    this.exited = this.waitForBoth();
  }

  /** The browser's. */
  get pid(): number {
    return this.page.pid;
  }

  get cpuPercent(): number {
    return this.page.cpuPercent;
  }

  kill(): void {
    clearTimeout(this.timer);
    this.latest = undefined;
    this.page.kill();
    this.decoder.kill();
  }

  private async waitForBoth(): Promise<FfmpegExit> {
    const ofPage = this.page.ended.then(
      (reason): FfmpegExit => ({ code: null, signal: null, log: [], reason }),
    );
    const first = await Promise.race([this.decoder.exited, ofPage]);
    this.kill();
    await Promise.all([this.decoder.exited, ofPage]);
    return first;
  }

  private write(png: Buffer): void {
    const { stdin } = this.decoder;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.latest !== undefined) this.write(this.latest);
    }, REPEAT_MS);
    if (stdin === undefined || stdin.writableLength > MOST_WAITING) return;
    if (!this.hasBegun) this.begin(stdin);
    this.lastMs = Math.max(this.lastMs + 1, Math.round(performance.now() - this.beganMs));
    stdin.write(clusterHeader(this.lastMs, png.length));
    stdin.write(png);
  }

  private begin(stdin: Writable): void {
    this.hasBegun = true;
    stdin.write(pngMatroskaHeader(this.options.page.input));
  }
}
