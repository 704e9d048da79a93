import { onUnexpectedError } from '../../base/unexpected-error.js';
import type { EncodeSettings } from '../../config/schema.js';
import type { EncoderStub } from '../stubs/encoder-stub.js';
import type { EpochWriter } from '../timeline/timeline.js';
import type { FallbackEncoder } from './pass-through.js';

/** Starts and stops the encoder for the fallback, one after the other: a stop takes its time. */
export class StubbedFallback implements FallbackEncoder {
  private turn: Promise<unknown> = Promise.resolve();
  /** The number of what was asked for last. */
  private asked = 0;

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

  /** Resolves when nothing is under way any more; what has not begun does not. */
  async end(): Promise<void> {
    this.asked += 1;
    await this.turn;
  }

  /** Only what was asked for last is done. */
  private next(step: () => void | Promise<void>): void {
    const number = ++this.asked;
    this.turn = this.turn.then(() => (number === this.asked ? step() : undefined)).catch(onUnexpectedError);
  }
}
