import type { EncoderProgress } from '../protocol/encoder.js';

export interface ProgressReport extends EncoderProgress {
  /** FLV bytes written by ffmpeg. */
  readonly totalBytes: number;
}

/** Parses ffmpeg's `-progress` output: lines of `key=value`, each report ended by `progress=`. */
export class ProgressParser {
  private values = new Map<string, string>();

  constructor(private readonly onReport: (report: ProgressReport) => void) {}

  /** Parses the next line, without its line break. */
  push(line: string): void {
    const separator = line.indexOf('=');
    if (separator < 0) return;
    const key = line.slice(0, separator).trim();
    this.values.set(key, line.slice(separator + 1).trim());
    if (key !== 'progress') return;
    const values = this.values;
    this.values = new Map();
    // Before the first frame most values are "N/A".
    const number = (name: string): number => {
      const value = Number.parseFloat(values.get(name) ?? '');
      return Number.isFinite(value) ? value : 0;
    };
    this.onReport({
      frames: number('frame'),
      fps: number('fps'),
      bitrateKbps: number('bitrate'),
      duplicatedFrames: number('dup_frames'),
      droppedFrames: number('drop_frames'),
      speed: number('speed'),
      totalBytes: number('total_size'),
    });
  }
}
