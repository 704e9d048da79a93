import { onUnexpectedError } from '../../base/unexpected-error.js';
import type { EncodeSettings } from '../../config/encode-settings.js';
import type { EncoderStub } from '../stubs/encoder-stub.js';
import type { EpochWriter } from '../timeline/timeline.js';
import type { FallbackEncoder } from './pass-through.js';

/** Starts and stops the encoder for the fallback in sequence, since a stop takes time. */
export class StubbedFallback implements FallbackEncoder {
  private turn: Promise<unknown> = Promise.resolve();
  /** Number of the last request. */
  private lastRequest = 0;

  constructor(
    private readonly encoder: Pick<EncoderStub, 'start' | 'stop' | 'warmUp'>,
    private readonly ffmpegPath: string | undefined,
  ) {}

  start(settings: EncodeSettings, beginEpoch: () => EpochWriter): void {
    this.next(() => this.encoder.start({ settings, ffmpegPath: this.ffmpegPath }, beginEpoch));
  }

  standBy(): void {
    this.next(async () => {
      await this.encoder.stop();
      this.encoder.warmUp();
    });
  }

  /** Resolves when nothing is in progress; requests that have not begun are dropped. */
  async end(): Promise<void> {
    this.lastRequest += 1;
    await this.turn;
  }

  /** Only the last request is executed. */
  private next(step: () => void | Promise<void>): void {
    const number = ++this.lastRequest;
    this.turn = this.turn
      .then(() => (number === this.lastRequest ? step() : undefined))
      .catch(onUnexpectedError);
  }
}
