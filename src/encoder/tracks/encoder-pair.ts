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
  /** A held encoder has become the live one: it gets what has not been delivered. */
  readonly onPromote: (encoder: E) => void;
  /** An encoder has ended by itself, or could not be started: then it is undefined. */
  readonly onLoss: (exit: FfmpegExit, encoder: E | undefined) => void;
  /** A held encoder or a rival has taken the place of the live one. */
  readonly onReplaced?: ((encoder: E) => void) | undefined;
  /** The successor has ended by itself. */
  readonly onSuccessorLost: (exit: FfmpegExit) => void;
}

/** Delays between the starts of encoders that end before they deliver anything. */
const RETRY = { baseMs: 250, capMs: 5000, jitter: 0.2 } as const;

/** How long after the first encoder the held one is started, ms, if that one has delivered nothing until then. */
const LOADING_MS = 1000;

/** How long an encoder that has been replaced may take to exit in order, ms: it may be at work on frames that nobody needs. */
const RETIRE_MS = 500;
/** How long an encoder may take to deliver what it was given, ms. */
const END_MS = 2000;
/** Encoders that may be tried at the end, after the live one. */
const MOST_HEIRS = 2;

/**
 * The encoders of a track: the *live* one; the *held* one that takes its place in the turn in which it is lost; while the live one is
 * silent a *rival*, which gets the same; and while settings are changed a *successor*.
 */
export class EncoderPair<Sink, E extends TrackEncoder<Sink>> implements Disposable {
  private readonly backoff = new Backoff(RETRY);
  /** Encoders that have been replaced, and exit by themselves. */
  private readonly retired = new Set<E>();
  private start: () => E;
  private liveEncoder: E | undefined;
  private heldEncoder: E | undefined;
  private rivalEncoder: E | undefined;
  private successorEncoder: E | undefined;
  private timer: NodeJS.Timeout | undefined;
  private disposed = false;
  private count = 0;
  /** The first encoder is being loaded: another one beside it would make the first frame later. */
  private loading = true;

  constructor(private readonly options: EncoderPairOptions<E>) {
    this.start = options.start;
    this.launch();
  }

  get live(): E | undefined {
    return this.liveEncoder;
  }

  get held(): E | undefined {
    return this.heldEncoder;
  }

  get rival(): E | undefined {
    return this.rivalEncoder;
  }

  get successor(): E | undefined {
    return this.successorEncoder;
  }

  /** Number of encoders that have been live. */
  get promotions(): number {
    return this.count;
  }

  /**
   * Makes the held encoder the rival of the live one, which may only be slow: see {@link elect} and {@link dismissRival}.
   *
   * @returns undefined if there is no held encoder at present, no live one, or a rival already
   */
  challenge(): E | undefined {
    if (this.liveEncoder === undefined || this.rivalEncoder !== undefined) return undefined;
    this.rivalEncoder = this.heldEncoder;
    this.heldEncoder = undefined;
    return this.rivalEncoder;
  }

  /** The rival has delivered first: it becomes the live one, and the one before is killed. */
  elect(): void {
    const { rivalEncoder } = this;
    if (rivalEncoder === undefined) return;
    this.rivalEncoder = undefined;
    this.drop(this.liveEncoder);
    this.liveEncoder = rivalEncoder;
    this.count += 1;
    this.options.onReplaced?.(rivalEncoder);
    this.launchLater();
  }

  /** The live encoder has delivered after all, or the rival delivers nothing either. */
  dismissRival(): void {
    const { rivalEncoder } = this;
    if (rivalEncoder === undefined) return;
    this.rivalEncoder = undefined;
    this.drop(rivalEncoder);
    this.launchLater();
  }

  /**
   * Starts an encoder of other settings.
   *
   * @throws errors of the spawn
   */
  startSuccessor(start: () => E): E {
    this.dismissSuccessor();
    const encoder = start();
    this.successorEncoder = encoder;
    this.watch(encoder);
    return encoder;
  }

  /** The successor is not needed, or does not work. */
  dismissSuccessor(): void {
    const { successorEncoder } = this;
    this.successorEncoder = undefined;
    this.drop(successorEncoder);
  }

  /** The successor becomes the live one, and the one before ends in order. From now on encoders are started by `start`. */
  succeed(start: () => E): void {
    const { liveEncoder, heldEncoder, successorEncoder } = this;
    if (successorEncoder === undefined) return;
    this.start = start;
    this.loading = false;
    this.successorEncoder = undefined;
    this.heldEncoder = undefined;
    this.drop(heldEncoder);
    this.liveEncoder = successorEncoder;
    this.count += 1;
    if (liveEncoder !== undefined) this.retire(liveEncoder);
    this.backoff.reset();
    this.launchLater();
  }

  /** The live encoder has delivered something: the next start is not delayed. */
  delivered(): void {
    if (this.loading) {
      this.loading = false;
      this.launchLater();
    }
    this.backoff.reset();
  }

  /**
   * Ends the live encoder in order, or by force if it takes too long. Resolves when it has exited.
   *
   * @param owes Whether something has not been delivered: then another encoder gets it, and ends in order.
   */
  async end(owes: () => boolean = () => false): Promise<void> {
    this.stop();
    for (const encoder of [this.rivalEncoder, this.successorEncoder]) encoder?.kill();
    for (let heirs = 0; ; heirs++) {
      const { liveEncoder } = this;
      if (liveEncoder !== undefined) {
        liveEncoder.end();
        await inTime(liveEncoder);
      }
      if (heirs === MOST_HEIRS || !owes()) break;
      this.liveEncoder = this.heldEncoder ?? this.tryStart();
      this.heldEncoder = undefined;
      if (this.liveEncoder !== undefined) this.options.onPromote(this.liveEncoder);
    }
    this.heldEncoder?.kill();
  }

  dispose(): void {
    this.stop();
    const { liveEncoder, heldEncoder, rivalEncoder, successorEncoder, retired } = this;
    for (const encoder of [liveEncoder, heldEncoder, rivalEncoder, successorEncoder, ...retired])
      encoder?.kill();
  }

  private stop(): void {
    this.disposed = true;
    clearTimeout(this.timer);
  }

  private advance(): void {
    const before = this.liveEncoder;
    const { rivalEncoder, heldEncoder } = this;
    this.liveEncoder = rivalEncoder ?? heldEncoder;
    if (rivalEncoder === undefined) this.heldEncoder = undefined;
    this.rivalEncoder = undefined;
    this.drop(before);
    if (this.liveEncoder !== undefined) {
      this.count += 1;
      this.options.onReplaced?.(this.liveEncoder);
    }
    // A rival has got it all already.
    if (rivalEncoder === undefined && heldEncoder !== undefined) this.options.onPromote(heldEncoder);
    this.launchLater();
  }

  private drop(encoder: E | undefined): void {
    encoder?.deliverTo(undefined);
    encoder?.kill();
  }

  private retire(encoder: E): void {
    encoder.deliverTo(undefined);
    encoder.end();
    this.retired.add(encoder);
    void inTime(encoder, RETIRE_MS).then(() => this.retired.delete(encoder));
  }

  private launchLater(): void {
    if (this.disposed || this.heldEncoder !== undefined) return;
    clearTimeout(this.timer);
    const delayMs = this.loading && this.liveEncoder !== undefined ? LOADING_MS : this.backoff.next();
    if (delayMs === 0) this.launch();
    else this.timer = setTimeout(() => this.launch(), delayMs);
  }

  private tryStart(): E | undefined {
    try {
      return this.start();
    } catch (error) {
      this.options.onLoss({ code: null, signal: null, log: [], spawnError: error as Error }, undefined);
      return undefined;
    }
  }

  private launch(): void {
    const encoder = this.tryStart();
    if (encoder === undefined) {
      this.launchLater();
      return;
    }
    this.heldEncoder = encoder;
    this.watch(encoder);
    // The one before was lost while there was none to take its place.
    if (this.liveEncoder === undefined) this.advance();
    else this.loading = false;
  }

  private watch(encoder: E): void {
    void encoder.ended.then((exit) => this.lost(encoder, exit));
  }

  private lost(encoder: E, exit: FfmpegExit): void {
    if (this.disposed) return;
    this.loading = false;
    const { onLoss, onSuccessorLost } = this.options;
    switch (encoder) {
      case this.successorEncoder:
        this.successorEncoder = undefined;
        onSuccessorLost(exit);
        break;
      case this.liveEncoder:
        onLoss(exit, encoder);
        this.advance();
        break;
      case this.heldEncoder:
        this.heldEncoder = undefined;
        onLoss(exit, encoder);
        this.launchLater();
        break;
      case this.rivalEncoder:
        this.rivalEncoder = undefined;
        onLoss(exit, encoder);
        this.launchLater();
        break;
    }
  }
}

/** Resolves when an encoder that was told to end has exited, by force if it takes too long. */
async function inTime<Sink>(encoder: TrackEncoder<Sink>, deadlineMs = END_MS): Promise<void> {
  await withDeadline(encoder.ended, deadlineMs, () => {
    encoder.kill();
    return encoder.ended;
  });
}
