import { numberOf, type TrackFormat } from './tracks.js';

export const CODEC_IDS = {
  h264: 'V_MPEG4/ISO/AVC',
  hevc: 'V_MPEGH/ISO/HEVC',
  av1: 'V_AV1',
  aac: 'A_AAC',
} as const;
/** Of a SimpleBlock. */
export const BLOCK_FLAGS = { keyframe: 0x80, discardable: 0x01 } as const;
/** Of an entry in the void element at a cluster's end: the track's number, and the DTS of its last frame. */
export const LAST_TIME_BYTES = 7;
export const NS_PER_MS = 1_000_000;
/** Between the entries of the index of a file without video. */
const AUDIO_CUE_MS = 2000;

/** An entry of the index. */
export interface Cue {
  readonly timestampMs: number;
  readonly track: number;
  /** Of the cluster, in the file. */
  readonly position: number;
}

/** Where things are in a file, bytes. */
export interface MatroskaLayout {
  /** Of the segment's size, of eight bytes. */
  readonly sizeAt: number;
  /** Of the segment's contents, which positions in the file refer to. */
  readonly contentAt: number;
  readonly seekHeadAt: number;
  readonly infoAt: number;
  readonly durationAt: number;
  readonly tracksAt: number;
}

/** What the index at the end of a file is made of. */
export class MatroskaIndex {
  layout: MatroskaLayout | undefined;
  hasMainVideo = false;
  /** The end of the latest frame, in the file's own time. */
  endMs = 0;
  cues: Cue[] = [];

  /** @param ptsMs of its first frame, whose track and kind the others are */
  addCluster(position: number, track: number, ptsMs: number, isKeyframe: boolean): void {
    const lastMs = this.cues.at(-1)?.timestampMs ?? Number.NEGATIVE_INFINITY;
    const isCue = this.hasMainVideo
      ? isKeyframe && track === MAIN_VIDEO_NUMBER
      : ptsMs - lastMs >= AUDIO_CUE_MS;
    if (isCue) this.cues.push({ timestampMs: ptsMs, track, position });
  }

  addFrame(ptsMs: number, { frameMs }: TrackFormat): void {
    this.endMs = Math.max(this.endMs, ptsMs + (frameMs ?? 0));
  }
}

const MAIN_VIDEO_NUMBER = numberOf({ kind: 'video', track: 0 });

export function hasMainVideo(tracks: readonly TrackFormat[]): boolean {
  return tracks.some((format) => numberOf(format) === MAIN_VIDEO_NUMBER);
}
