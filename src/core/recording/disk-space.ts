import type { RecordedFiles } from './recorded-files.js';

export type TellStreamer = (severity: 'info' | 'warning' | 'error', message: string, code?: string) => void;

/** A notice warns when less than this fits on the disk, minutes. */
const WARN_AT_MINUTES = [10, 2];
/** What has to be recorded before it can be said how much fits, ms. */
const MEASURED_MS = 3000;
/** It has to become this much more before the next notice. */
const HYSTERESIS = 1.5;

/** Watches how much more can be recorded. */
export class DiskSpace {
  private lastFree: number | undefined;
  /** How many of the warnings apply. */
  private level = 0;

  constructor(
    private readonly folder: string,
    private readonly keepFreeBytes: number,
    private readonly tell: TellStreamer,
  ) {}

  get freeBytes(): number | undefined {
    return this.lastFree;
  }

  note(freeBytes: number, { bytes, recordedMs }: Pick<RecordedFiles, 'bytes' | 'recordedMs'>): void {
    this.lastFree = freeBytes;
    if (recordedMs < MEASURED_MS || bytes === 0) return;
    const minutes = Math.max(0, freeBytes - this.keepFreeBytes) / (bytes / recordedMs) / 60_000;
    const level = WARN_AT_MINUTES.filter(
      (at, index) => minutes < (index < this.level ? at * HYSTERESIS : at),
    ).length;
    if (level > this.level) {
      const time = minutes < 1 ? 'Less than a minute' : `About ${Math.floor(minutes)} min`;
      this.tell(
        'warning',
        `${time} of recording fit on the disk of ${this.folder}. Then the recording ends; the broadcast goes on.`,
      );
    }
    this.level = level;
  }
}
