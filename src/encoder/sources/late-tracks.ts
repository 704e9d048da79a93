import type { FfmpegLogLine } from '../log-line.js';

/** ffmpeg says this of a track that was not announced, and leaves it out. Number 2 is the address. */
const LATE_TRACK = /^New (audio|video) stream 2:\d+ /;
/** Packets that ffmpeg writes in place of a track that an address lacks, at most. */
const SUBSTITUTES = 2;
/** An address whose tracks come and go is opened again this often, ms. */
const PAUSE_MS = 60_000;

/** Packets that have arrived. */
export interface Arrivals {
  readonly frames: number;
  readonly sound: number;
}

/** Notices when an address begins to send sound, or frames, that it lacked when it was opened: only another process can read them. */
export class LateTracks {
  private calledMs = Number.NEGATIVE_INFINITY;

  /** Whether the address should be opened again. */
  calls({ text }: FfmpegLogLine, { frames, sound }: Arrivals): boolean {
    const kind = LATE_TRACK.exec(text)?.[1];
    if (kind === undefined || (kind === 'audio' ? sound : frames) > SUBSTITUTES) return false;
    const now = performance.now();
    if (now - this.calledMs < PAUSE_MS) return false;
    this.calledMs = now;
    return true;
  }
}
