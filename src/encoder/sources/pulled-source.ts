import type { Disposable } from 'vscode-jsonrpc';
import { Backoff } from '../../base/backoff.js';
import type { SourcePosition, SourceState } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { Playback } from './playback.js';
import { NOTHING, type Source, type SourceSlot } from './source.js';

export interface PulledSourceOptions {
  readonly fps: number;
  /** Number of media that are played one after the other. */
  readonly items: number;
  /** Whether the first one follows the last one. */
  readonly loops: boolean;
  readonly start: SourcePosition;
  /** Opens a medium at a position. Rejects if it cannot be read: then the next one is played. */
  readonly open: (item: number, startS: number) => Promise<OpenedItem>;
  /** An item cannot be read, and has been passed over; `isLast` if that is true of all of them. */
  readonly onSkip: (error: BulkheadError, isLast: boolean) => void;
}

export interface OpenedItem {
  readonly playback: Playback;
  /** Length of the whole medium, s, if it is known. */
  readonly durationS: number | undefined;
}

interface Part extends Disposable {
  readonly item: number;
  readonly startS: number;
  /** Undefined while it is being opened. */
  opened: OpenedItem | undefined;
  /** It cannot be opened, and nothing follows it. */
  isEnd: boolean;
}

/** Delays between rounds in which nothing could be opened. */
const RETRY = { baseMs: 500, capMs: 5000, jitter: 0.2 } as const;
/** How long before its end the next medium is opened, s: that takes a few tenths of a second. */
const AHEAD_S = 2;
/** How long it may deliver nothing after a slot's end until it counts as stalled, ms. */
const STALLED_MS = 500;

/** Media that wait for their reader, one after the other without a gap: each begins in the slot after the last one of the one before. */
export class PulledSource implements Source, Disposable {
  private readonly backoff = new Backoff(RETRY);
  private current: Part | undefined;
  private next: Part | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failedInARow = 0;
  private hasEnded = false;
  private lastTakenMs = 0;
  private disposed = false;

  constructor(private readonly options: PulledSourceOptions) {
    const { item, positionMs } = options.start;
    this.current = this.open(item % options.items, positionMs / 1000);
  }

  get state(): SourceState {
    if (this.hasEnded) return 'ended';
    const retries = this.current?.opened?.playback.isRetrying === true || this.timer !== undefined;
    if (this.lastTakenMs === 0) return retries ? 'retrying' : 'starting';
    const slotMs = 1000 / this.options.fps;
    if (performance.now() - this.lastTakenMs < STALLED_MS + slotMs) return 'live';
    return retries ? 'retrying' : 'stalled';
  }

  get isReady(): boolean {
    return this.current?.opened?.playback.isReady === true;
  }

  get pid(): number {
    return this.current?.opened?.playback.pid ?? 0;
  }

  /** Where another reader would have to continue. */
  get position(): SourcePosition {
    const { current, options } = this;
    const played = (current?.opened?.playback.position ?? 0) / options.fps;
    return { item: current?.item ?? 0, positionMs: Math.round(((current?.startS ?? 0) + played) * 1000) };
  }

  take(samples: number): SourceSlot {
    for (let part = this.current; part?.opened?.playback.isOver === true; part = this.current) {
      this.finish(part, part.opened);
    }
    const { current } = this;
    if (current?.opened === undefined) return NOTHING;
    const slot = current.opened.playback.take(samples);
    if (this.next === undefined && this.isNearEnd(current, current.opened)) this.openNext(current);
    if (slot === undefined) return NOTHING;
    this.lastTakenMs = performance.now();
    this.failedInARow = 0;
    this.backoff.reset();
    return slot;
  }

  private isNearEnd({ startS }: Part, { playback, durationS }: OpenedItem): boolean {
    // Whether it has anything to play is not known yet.
    if (playback.position === 0) return false;
    if (playback.isComplete) return true;
    return durationS !== undefined && startS + playback.position / this.options.fps > durationS - AHEAD_S;
  }

  private finish(current: Part, { playback }: OpenedItem): void {
    current.dispose();
    if (playback.position === 0 && current.startS === 0) {
      // Opened again at once, it would be over at once again.
      current.opened = undefined;
      this.passOver(current, nothingToPlay(current.item, this.options.items));
      return;
    }
    if (this.next === undefined) this.openNext(current);
    this.current = this.next;
    this.next = undefined;
    if (this.current === undefined || this.current.isEnd) this.hasEnded = true;
  }

  private openNext({ item }: Part): void {
    const following = item + 1;
    if (following < this.options.items) this.next = this.open(following, 0);
    else if (this.options.loops) this.next = this.open(0, 0);
  }

  private open(item: number, startS: number): Part {
    const part: Part = {
      item,
      startS,
      opened: undefined,
      isEnd: false,
      dispose: () => part.opened?.playback.dispose(),
    };
    this.options.open(item, startS).then(
      (opened) => {
        part.opened = opened;
        if (this.disposed || !this.isWanted(part)) part.dispose();
      },
      (error: BulkheadError) => {
        if (!this.disposed && this.isWanted(part)) this.passOver(part, error);
      },
    );
    return part;
  }

  private isWanted(part: Part): boolean {
    return part === this.current || part === this.next;
  }

  /** Plays the item that follows one which cannot be opened; waits after a round in which none could be. */
  private passOver(part: Part, error: BulkheadError): void {
    const { items, loops, onSkip } = this.options;
    this.failedInARow += 1;
    const isLast = this.failedInARow % items === 0;
    onSkip(error, isLast);
    // The run may end because of it.
    if (this.disposed) return;
    if (part.item + 1 === items && !loops) {
      part.isEnd = true;
      if (part === this.current) this.hasEnded = true;
      return;
    }
    const delayMs = isLast ? Math.max(RETRY.baseMs, this.backoff.next()) : 0;
    const replace = () => {
      this.timer = undefined;
      const following = this.open((part.item + 1) % items, 0);
      if (part === this.current) this.current = following;
      else if (part === this.next) this.next = following;
      else following.dispose();
    };
    this.timer = setTimeout(replace, delayMs);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.current?.dispose();
    this.next?.dispose();
  }
}

function nothingToPlay(item: number, items: number): BulkheadError {
  const what = items === 1 ? 'The input' : `Number ${item + 1} of the playlist`;
  return new BulkheadError(ErrorCodes.inputInvalid, `${what} has nothing that can be played.`, {
    where: 'the input',
    remedy: 'Check that it plays elsewhere, or replace it.',
  });
}
