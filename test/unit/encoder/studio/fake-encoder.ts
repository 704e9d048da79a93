import type { FfmpegExit } from '../../../../src/encoder/ffmpeg-errors.js';
import type { TrackEncoder } from '../../../../src/encoder/tracks/encoder-pair.js';

let pids = 0;

/** An encoder that delivers and exits when the test says so. */
export class FakeEncoder<Sink> implements TrackEncoder<Sink> {
  readonly pid = ++pids;
  readonly ended: Promise<FfmpegExit>;
  sink: Sink | undefined;
  ending = false;
  killed = false;
  private resolve: (exit: FfmpegExit) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  deliverTo(sink: Sink | undefined): void {
    this.sink = sink;
  }

  end(): void {
    this.ending = true;
  }

  kill(): void {
    this.killed = true;
    this.resolve({ code: null, signal: 'SIGKILL', log: [] });
  }

  exit(code: number): void {
    this.resolve({ code, signal: null, log: [] });
  }
}
