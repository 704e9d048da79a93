import { printable } from '../../base/printable.js';
import { inputName } from '../../config/input-name.js';
import type { InputConfig, SourceConfig } from '../../config/schema.js';
import { isLiveInput } from '../../config/sources.js';
import type { SourceStatus } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { InputStatus } from '../../protocol/status/encoder-status.js';

/** What is reported to the streamer about the input. */
export interface InputChange {
  /** It has delivered nothing for a while, and why. */
  readonly lost?: BulkheadError;
  /** It delivers again, after this many ms without. */
  readonly recoveredAfterMs?: number;
}

/** How long it has to be missing until that is said, ms: at first, when it may take long to connect, and later. */
const FIRST_MS = 10_000;
const LOST_MS = 1500;

/** Whether a broadcast's input delivers, judged by what the encoder says of its source, and by the ends of its runs. */
export class InputWatch {
  private readonly name: string;
  private hasDelivered = false;
  private error: BulkheadError | undefined;
  private isAnnounced = false;
  /** Since when it has delivered nothing; undefined while it delivers. */
  private missingSinceMs: number | undefined = performance.now();

  constructor(private readonly input: InputConfig | SourceConfig) {
    this.name = printable(inputName(input));
  }

  /**
   * The encoder has reported the state of the source.
   *
   * @returns What has changed for the streamer, once each time.
   */
  reported({ state, error }: Pick<SourceStatus, 'state' | 'error'>): InputChange {
    if (state === 'live' || state === 'ended') return this.delivered();
    // A new run opens the source again.
    if (state === 'starting' && error === undefined && this.missingSinceMs === undefined) return {};
    this.missingSinceMs ??= performance.now();
    if (error !== undefined) this.error = BulkheadError.fromData(error);
    const missingMs = performance.now() - this.missingSinceMs;
    if (this.isAnnounced || missingMs < (this.hasDelivered ? LOST_MS : FIRST_MS)) return {};
    this.isAnnounced = true;
    this.error ??= this.deliversNothing();
    return { lost: this.error };
  }

  /** An encoder run has ended: checks whether the input was the cause. */
  runFailed(reason: BulkheadError): void {
    const silent = reason.code === ErrorCodes.encoderSilent && isLiveInput(this.input);
    if (!silent && !isOfInput(reason)) return;
    this.missingSinceMs ??= performance.now();
    this.error = reason;
    // The end of the run is reported itself.
    this.isAnnounced = true;
  }

  status(): InputStatus {
    const { name, missingSinceMs, error } = this;
    const missing = this.hasDelivered ? 'lost' : 'waiting';
    return {
      name,
      state: missingSinceMs === undefined ? 'delivering' : missing,
      missingMs: missingSinceMs === undefined ? 0 : Math.round(performance.now() - missingSinceMs),
      loops: 'loop' in this.input && this.input.loop,
      ...(error === undefined ? {} : { error: error.toData() }),
    };
  }

  private delivered(): InputChange {
    const { isAnnounced, missingSinceMs } = this;
    this.hasDelivered = true;
    this.isAnnounced = false;
    this.error = undefined;
    this.missingSinceMs = undefined;
    if (!isAnnounced || missingSinceMs === undefined) return {};
    return { recoveredAfterMs: performance.now() - missingSinceMs };
  }

  private deliversNothing(): BulkheadError {
    return new BulkheadError(ErrorCodes.inputUnreachable, 'It delivers nothing.', {
      where: this.name,
      remedy: 'Check that the source is on and sends; Bulkhead keeps trying.',
    });
  }
}

/** Whether a failure of the encoder was caused by its input. */
export function isOfInput({ code }: BulkheadError): boolean {
  return code.startsWith('input.');
}
