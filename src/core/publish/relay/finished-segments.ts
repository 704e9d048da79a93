import { smallFiles } from '../../disk/small-files.js';

/** A keyframe that was sent. */
interface Keyframe {
  readonly ms: number;
  /** The session's bytes before it. */
  readonly bytes: number;
}

interface Segment {
  readonly name: string;
  readonly ms: number;
}

/** Keyframes that are known at most: those of longer than a segment. */
const MOST_KEYFRAMES = 4096;

/**
 * How much of a stream is in the segments that a playlist names. What ffmpeg has got beyond that is in the segment that it writes, and is lost
 * if it dies. Segments end at keyframes, so their lengths, which ffmpeg adds up from rounded ones, say at which.
 */
export class FinishedSegments {
  private keyframes: Keyframe[] = [];
  /** The newest one of the playlist. */
  private last: string | undefined;
  private end: Keyframe | undefined;
  private looking: Promise<void> | undefined;

  /** @param playlist its path */
  constructor(
    private readonly playlist: string,
    private readonly read: (path: string) => Promise<string> = (path) => smallFiles.read(path),
  ) {}

  /** The session's bytes that are in finished segments. */
  get bytes(): number {
    return this.end?.bytes ?? 0;
  }

  /** The time of the keyframe behind them, ms; undefined while there are none. */
  get endMs(): number | undefined {
    return this.end?.ms;
  }

  /** Segments that are there now belong to what was before. */
  async begin(): Promise<void> {
    this.last = (await this.segments()).at(-1)?.name;
  }

  /** A keyframe is about to be sent, after so many bytes. */
  keyframe(ms: number, bytes: number): void {
    this.keyframes.push({ ms, bytes });
    if (this.keyframes.length > MOST_KEYFRAMES) this.keyframes.shift();
  }

  /** Looks at the playlist. Never rejects. */
  look(): Promise<void> {
    this.looking ??= this.takeNew().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async takeNew(): Promise<void> {
    const segments = await this.segments();
    const known = segments.findIndex(({ name }) => name === this.last);
    for (const { name, ms } of segments.slice(known + 1)) {
      this.last = name;
      const [start] = this.keyframes;
      if (start === undefined) continue;
      this.keyframes = this.keyframes.slice(nearest(this.keyframes, start.ms + ms));
      this.end = this.keyframes[0] ?? this.end;
    }
  }

  private async segments(): Promise<Segment[]> {
    const text = await this.read(this.playlist).catch(() => '');
    return Array.from(
      text.matchAll(/^#EXTINF:([\d.]+),[^\n]*\n(?:#[^\n]*\n)*([^#\s]\S*)/gm),
      ([, s, name = '']) => ({
        name,
        ms: Number(s) * 1000,
      }),
    );
  }
}

/** @returns the place of the keyframe that is the nearest to this time; a segment has one at least */
function nearest(keyframes: readonly Keyframe[], ms: number): number {
  let found = Math.min(1, keyframes.length - 1);
  for (const [index, keyframe] of keyframes.entries()) {
    if (index > 0 && Math.abs(keyframe.ms - ms) < Math.abs((keyframes[found]?.ms ?? 0) - ms)) found = index;
  }
  return found;
}
