import { repeatable } from '../../media/repeatable-frame.js';
import { StreamHeaders } from '../../media/stream-headers.js';
import type { StreamTag } from '../../media/stream-tag.js';
import type { EpochTag } from './epoch.js';

/** How far what is encoded beside the programme may be from it, ms: an encoder that was lost catches up from 1.5 s behind, of sound from 4 s. */
export const MAX_DISTANCE_MS = 5000;
/** Frames of sound that wait for a keyframe: of 10 s. */
const MOST_EARLY = 500;

/** One rendition on the timeline. */
interface RenditionTrack {
  /** Those sent, in the whole broadcast. */
  readonly headers: StreamHeaders;
  /** DTS of its last frame; −1 before the first. */
  lastMs: number;
  /** Its last keyframe, for the slate. */
  keyframe: Buffer | undefined;
  /** Of its own sound; −1 before the first. */
  lastSoundMs: number;
  /** Sound that has come while its next frame could not be decoded. */
  readonly early: { readonly ms: number; readonly payload: Buffer }[];
  /** Whether its next frame can be decoded: from a keyframe on, until another epoch or the slate is on the stream. */
  isRunning: boolean;
}

/** Where the programme is when a tag of a rendition comes. */
export interface ProgrammePlace {
  /** Broadcast time minus encoder's time of the programme's video, ms. */
  readonly offsetMs: number;
  /** Position of the epoch's first keyframe, ms. */
  readonly startMs: number;
  /** DTS of the programme's last frame, ms. */
  readonly lastMs: number;
}

/**
 * The renditions on the timeline: frames that were encoded another time, from the same slots as the programme's. Each frame has the
 * timestamp that the programme's frame of its slot has. The programme leads: a rendition is on the stream with the programme's epoch,
 * from its own first keyframe on, keeps no epoch on the stream, and shows the slate when the programme does.
 */
export class RenditionTracks {
  private tracks: ReadonlyMap<number, RenditionTrack> = new Map();

  /** @param send takes what goes on the stream */
  constructor(private readonly send: (rendition: number, tag: StreamTag) => void) {}

  /** Only these are on the stream from now on; those that were before go on. */
  set(renditions: Iterable<number>): void {
    this.tracks = new Map(
      Array.from(renditions, (rendition) => [
        rendition,
        this.tracks.get(rendition) ?? {
          ...{ headers: new StreamHeaders(), lastMs: -1, keyframe: undefined, isRunning: false },
          ...{ lastSoundMs: -1, early: [] },
        },
      ]),
    );
  }

  has(rendition: number): boolean {
    return this.tracks.has(rendition);
  }

  /** Another epoch is on the stream, or the same one again. */
  restart(): void {
    for (const track of this.tracks.values()) track.isRunning = false;
  }

  /**
   * Takes a frame, or sound. Headers that have changed come before it.
   *
   * @param headers of its epoch
   */
  take(
    rendition: number,
    { kind, rawMs, payload, readAtMs }: EpochTag,
    headers: StreamHeaders | undefined,
    { offsetMs, startMs, lastMs }: ProgrammePlace,
  ): void {
    const track = this.tracks.get(rendition);
    if (track === undefined) return;
    const ms = rawMs + offsetMs;
    const isPlaced = ms >= startMs && Math.abs(ms - lastMs) <= MAX_DISTANCE_MS;
    if (kind === 'audio') {
      if (isPlaced) this.takeSound(rendition, track, ms, payload, readAtMs);
      return;
    }
    if (!isPlaced) track.isRunning = false;
    else if (kind === 'keyframe') track.isRunning = true;
    if (!track.isRunning) return;
    const timestampMs = Math.max(ms, track.lastMs + 1);
    for (const [header, body] of headers?.entries() ?? []) {
      if (track.headers.set(header, body))
        this.send(rendition, { kind: header, timestampMs, payload: body, readAtMs });
    }
    if (kind === 'keyframe') track.keyframe = payload;
    track.lastMs = timestampMs;
    this.send(rendition, { kind, timestampMs, payload, readAtMs });
    for (const early of track.early.splice(0))
      if (early.ms >= ms) this.takeSound(rendition, track, early.ms, early.payload, readAtMs);
  }

  /** Sound is encoded faster than frames, and waits for the keyframe that it belongs to. */
  private takeSound(
    rendition: number,
    track: RenditionTrack,
    ms: number,
    payload: Buffer,
    readAtMs: number,
  ): void {
    if (!track.isRunning) {
      track.early.push({ ms, payload });
      if (track.early.length > MOST_EARLY) track.early.shift();
      return;
    }
    track.lastSoundMs = Math.max(ms, track.lastSoundMs + 1);
    this.send(rendition, { kind: 'audio', timestampMs: track.lastSoundMs, payload, readAtMs });
  }

  /** The slate shows the programme's last keyframe at `ms`: each rendition shows its own. */
  repeatKeyframes(ms: number, readAtMs: number): void {
    for (const [rendition, track] of this.tracks) {
      track.isRunning = false;
      if (track.keyframe === undefined) continue;
      const payload = repeatable(track.keyframe);
      track.keyframe = payload;
      track.lastMs = Math.max(ms, track.lastMs + 1);
      this.send(rendition, { kind: 'keyframe', timestampMs: track.lastMs, payload, readAtMs });
    }
  }
}
