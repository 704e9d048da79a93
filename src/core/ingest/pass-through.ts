import type { EncodeSettings } from '../../config/encode-settings.js';
import type { BulkheadError } from '../../protocol/errors.js';
import type { EpochOptions, EpochWriter } from '../timeline/timeline.js';
import { matchedSettings } from './matched-settings.js';
import type { PublisherSession } from './publisher-session.js';
import type { PublisherTarget } from './used-ingest.js';

/** The encoder as used by pass-through: only for the fallback. */
export interface FallbackEncoder {
  /** Encodes until `standBy`; each run's bytes go to an epoch that `beginEpoch` opens. */
  start(settings: EncodeSettings, beginEpoch: () => EpochWriter): void;
  /** Ends the run, and prepares for another one. */
  standBy(): void;
}

export interface PassThroughOptions {
  /** The fallback's settings before any stream has been seen. */
  readonly fallback: EncodeSettings;
  readonly encoder: FallbackEncoder;
  readonly beginEpoch: (options?: EpochOptions) => EpochWriter;
}

/** How long after a publisher's end the fallback begins, ms: not needed if it reconnects immediately. */
const FALLBACK_AFTER_END_MS = 1000;

/**
 * Decides what is on air when a publisher's stream is passed through: the publisher while it delivers; else the
 * fallback, encoded to match the last stream. The timeline's slate fills the time in between.
 */
export class PassThrough implements PublisherTarget {
  readonly passesThrough = true;
  private publisher: PublisherSession | undefined;
  /** Settings of the next fallback; undefined if no encoder can match the last stream. */
  private next: EncodeSettings | undefined;
  private onFallback = false;
  private fallbackEpoch: EpochWriter | undefined;
  private ended: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(private readonly options: PassThroughOptions) {
    this.next = options.fallback;
  }

  /** Goes on air with the fallback. */
  start(): void {
    this.beginFallback();
  }

  beginEpoch(options: EpochOptions): EpochWriter {
    return this.options.beginEpoch(options);
  }

  take(publisher: PublisherSession, onEnd: (reason: BulkheadError | undefined) => void): void {
    if (this.publisher !== undefined) this.bridge();
    this.publisher?.dispose();
    this.publisher = publisher;
    publisher.onDidJoin(() => this.joined(publisher));
    publisher.onDidFallSilent(() => this.beginFallback());
    publisher.onDidEnd((reason) => {
      if (this.publisher === publisher) {
        this.publisher = undefined;
        this.bridge();
      }
      onEnd(reason);
      publisher.dispose();
    });
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.ended);
    this.publisher?.dispose();
    this.fallbackEpoch?.end();
  }

  private joined(publisher: PublisherSession): void {
    this.next = matchedSettings(this.options.fallback, publisher.seen, publisher.measures());
    clearTimeout(this.ended);
    this.onFallback = false;
    // Further media of its encoder must not replace the publisher's.
    this.fallbackEpoch?.end();
    this.fallbackEpoch = undefined;
    this.options.encoder.standBy();
  }

  /** Starts the fallback unless a publisher joins first. */
  private bridge(): void {
    clearTimeout(this.ended);
    this.ended = setTimeout(() => this.beginFallback(), FALLBACK_AFTER_END_MS);
  }

  private beginFallback(): void {
    if (this.onFallback || this.disposed || this.next === undefined) return;
    this.onFallback = true;
    this.options.encoder.start(this.next, () => {
      this.fallbackEpoch = this.options.beginEpoch();
      return this.fallbackEpoch;
    });
  }
}
