import type { Disposable } from 'vscode-jsonrpc';
import { Backoff } from '../../base/backoff.js';
import { withDeadline } from '../../base/with-deadline.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';

/** A process that encodes one track. Until it gets its first data, it is *held*: started, and waiting at no cost. */
export interface TrackEncoder<Sink> {
  readonly pid: number;
  /** Resolves once it has exited and all that it delivered has been passed on. Never rejects. */
  readonly ended: Promise<FfmpegExit>;
  /** Where it delivers to from now on; what it delivers without a sink is lost. */
  deliverTo(sink: Sink | undefined): void;
  /** Has it deliver what it was given, and exit. */
  end(): void;
  kill(): void;
}

export interface EncoderPairOptions<E> {
  /** Starts a process that is held. Errors of the spawn may be thrown: they count as an exit. */
  readonly start: () => E;
  /** An encoder has become the live one: it gets what has not been delivered. */
  readonly onPromote: (encoder: E) => void;
  /** An encoder has ended by itself, or could not be started. */
  readonly onLoss: (exit: FfmpegExit) => void;
}

/** Delays between the starts of encoders that end before they deliver anything. */
const RETRY = { baseMs: 250, capMs: 5000, jitter: 0.2 } as const;

/** How long an encoder may take to deliver what it was given, ms. */
const END_MS = 2000;

/** The live encoder of a track, and the held one that takes its place in the turn in which it is lost. */
export class EncoderPair<Sink, E extends TrackEncoder<Sink>> implements Disposable {
  private readonly backoff = new Backoff(RETRY);
  private liveEncoder: E | undefined;
  private heldEncoder: E | undefined;
  private timer: NodeJS.Timeout | undefined;
  private disposed = false;
  private count = 0;

  constructor(private readonly options: EncoderPairOptions<E>) {
    this.launch();
  }

  get live(): E | undefined {
    return this.liveEncoder;
  }

  get held(): E | undefined {
    return this.heldEncoder;
  }

  /** Number of encoders that have been live. */
  get promotions(): number {
    return this.count;
  }

  /**
   * Makes the held encoder the live one, and kills the one before; if there is none, the next one to be started becomes it. Does
   * nothing while there is no live one, since then that is due already.
   */
  promote(): void {
    if (this.liveEncoder !== undefined) this.advance();
  }

  /** The live encoder has delivered something: the next start is not delayed. */
  delivered(): void {
    this.backoff.reset();
  }

  /** Ends the live encoder in order, or by force if it takes too long. Resolves when it has exited. */
  async end(): Promise<void> {
    const { liveEncoder } = this;
    this.stop();
    this.heldEncoder?.kill();
    if (liveEncoder === undefined) return;
    liveEncoder.end();
    await withDeadline(liveEncoder.ended, END_MS, () => {
      liveEncoder.kill();
      return liveEncoder.ended;
    });
  }

  dispose(): void {
    this.stop();
    for (const encoder of [this.liveEncoder, this.heldEncoder]) encoder?.kill();
  }

  private stop(): void {
    this.disposed = true;
    clearTimeout(this.timer);
  }

  private advance(): void {
    const before = this.liveEncoder;
    const next = this.heldEncoder;
    this.liveEncoder = next;
    this.heldEncoder = undefined;
    before?.deliverTo(undefined);
    before?.kill();
    if (next !== undefined) {
      this.count += 1;
      this.options.onPromote(next);
    }
    this.launchLater();
  }

  private launchLater(): void {
    if (this.disposed || this.heldEncoder !== undefined) return;
    clearTimeout(this.timer);
    const delayMs = this.backoff.next();
    if (delayMs === 0) this.launch();
    else this.timer = setTimeout(() => this.launch(), delayMs);
  }

  private launch(): void {
    let encoder: E;
    try {
      encoder = this.options.start();
    } catch (error) {
      this.options.onLoss({ code: null, signal: null, log: [], spawnError: error as Error });
      this.launchLater();
      return;
    }
    this.heldEncoder = encoder;
    void encoder.ended.then((exit) => this.lost(encoder, exit));
    // The one before was lost while there was none to take its place.
    if (this.liveEncoder === undefined) this.advance();
  }

  private lost(encoder: E, exit: FfmpegExit): void {
    const wasLive = encoder === this.liveEncoder;
    if (this.disposed || !(wasLive || encoder === this.heldEncoder)) return;
    this.options.onLoss(exit);
    if (wasLive) this.advance();
    else {
      this.heldEncoder = undefined;
      this.launchLater();
    }
  }
}
