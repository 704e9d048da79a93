import { randomInt } from 'node:crypto';
import type { Disposable } from 'vscode-jsonrpc';
import { Backoff } from '../../base/backoff.js';
import type { SourcePosition, SourceState } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { LISTED_ORDER, type PlayOrder } from './play-order.js';
import type { Playback } from './playback.js';
import { NOTHING, type Source, type SourceSlot } from './source.js';

export interface PulledSourceOptions {
  readonly fps: number;
  /** Number of media that are played one after the other. */
  readonly items: number;
  /** Whether the first one follows the last one. */
  readonly loops: boolean;
  /** The order of each round; as they are listed without it. */
  readonly order?: PlayOrder | undefined;
  /** With an `order`, a position without a round is the beginning, in an order that nobody knows before. */
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

/** Where an item is played. */
interface Place {
  readonly round: number;
  /** Within the round. */
  readonly place: number;
}

interface Part extends Disposable, Place {
  readonly item: number;
  readonly startS: number;
  /** Undefined while it is being opened. */
  opened: OpenedItem | undefined;
  /** It cannot be opened, and nothing follows it. */
  isEnd: boolean;
}

/** Delays between rounds in which nothing could be opened. */
const RETRY = { baseMs: 500, capMs: 5000, jitter: 0.2 } as const;
/** As many rounds, of which any one may be the first. */
const FIRST_ROUNDS = 2 ** 31;
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
  /** Whether it had nothing when it was asked last. */
  private lacks = false;
  private disposed = false;

  constructor(private readonly options: PulledSourceOptions) {
    const { item, positionMs, round } = options.start;
    const { order } = this;
    if (round === undefined && order !== LISTED_ORDER)
      this.current = this.open({ round: randomInt(FIRST_ROUNDS), place: 0 }, 0);
    else
      this.current = this.open(
        { round: round ?? 0, place: order.placeOf(round ?? 0, item % options.items) },
        positionMs / 1000,
      );
  }

  private get order(): PlayOrder {
    return this.options.order ?? LISTED_ORDER;
  }

  get state(): SourceState {
    if (this.hasEnded) return 'ended';
    const hasDelivered = this.lastTakenMs > 0;
    const sinceMs = performance.now() - this.lastTakenMs;
    if (hasDelivered && sinceMs < STALLED_MS + 1000 / this.options.fps) return 'live';
    // Nobody takes from a fallback that is not on air.
    if (!this.lacks && this.isReady) return 'live';
    if (this.isRetrying) return 'retrying';
    return hasDelivered ? 'stalled' : 'starting';
  }

  /** Also between two attempts, and during each. */
  private get isRetrying(): boolean {
    const { current, timer, failedInARow, options } = this;
    if (timer !== undefined || failedInARow >= options.items) return true;
    return current?.opened?.playback.isRetrying === true;
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
    return {
      item: current?.item ?? 0,
      positionMs: Math.round(((current?.startS ?? 0) + played) * 1000),
      ...(options.order === undefined ? {} : { round: current?.round ?? 0 }),
    };
  }

  take(samples: number): SourceSlot {
    const slot = this.takeNext(samples);
    this.lacks = slot === undefined;
    if (slot === undefined) return NOTHING;
    this.lastTakenMs = performance.now();
    this.failedInARow = 0;
    this.backoff.reset();
    return slot;
  }

  private takeNext(samples: number): SourceSlot | undefined {
    for (let part = this.current; part?.opened?.playback.isOver === true; part = this.current) {
      this.finish(part, part.opened);
    }
    const { current } = this;
    if (current?.opened === undefined) return undefined;
    const slot = current.opened.playback.take(samples);
    if (this.next === undefined && this.isNearEnd(current, current.opened)) this.openNext(current);
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

  private openNext(current: Part): void {
    if (this.options.loops || !this.isLastOfRound(current))
      this.next = this.open(this.placeAfter(current), 0);
  }

  private isLastOfRound({ place }: Place): boolean {
    return place + 1 === this.options.items;
  }

  private placeAfter(place: Place): Place {
    return this.isLastOfRound(place)
      ? { round: place.round + 1, place: 0 }
      : { round: place.round, place: place.place + 1 };
  }

  private open({ round, place }: Place, startS: number): Part {
    const item = this.order.itemAt(round, place);
    const part: Part = {
      ...{ round, place, item, startS },
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
    if (this.isLastOfRound(part) && !loops) {
      part.isEnd = true;
      if (part === this.current) this.hasEnded = true;
      return;
    }
    const delayMs = isLast ? Math.max(RETRY.baseMs, this.backoff.next()) : 0;
    const replace = () => {
      this.timer = undefined;
      const following = this.open(this.placeAfter(part), 0);
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
