import { printable } from '../../base/printable.js';
import { inputName } from '../../config/input-name.js';
import type { InputConfig, SourceConfig } from '../../config/schema.js';
import { isLiveInput } from '../../config/sources.js';
import type { InputStatus } from '../../protocol/control.js';
import type { SourceStatus } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/**
 * Whether a broadcast's input delivers, judged by the ends of its encoder runs and their frames; in the studio, which is on air without
 * its input as well, by what that says of it.
 */
export class InputWatch {
  private readonly name: string;
  private hasDelivered = false;
  private error: BulkheadError | undefined;
  /** Since when it has delivered nothing; undefined while it delivers. */
  private missingSinceMs: number | undefined = performance.now();

  constructor(private readonly input: InputConfig | SourceConfig) {
    this.name = printable(inputName(input));
  }

  /**
   * A frame has arrived.
   *
   * @returns How long the input was lost, ms, if it was and has just recovered.
   */
  delivered(): number | undefined {
    if (this.missingSinceMs === undefined) return undefined;
    const lostMs =
      this.hasDelivered || this.error !== undefined ? performance.now() - this.missingSinceMs : undefined;
    this.hasDelivered = true;
    this.error = undefined;
    this.missingSinceMs = undefined;
    return lostMs;
  }

  /**
   * The studio has reported the state of its source.
   *
   * @returns like {@link delivered}
   */
  reported({ state, error }: Pick<SourceStatus, 'state' | 'error'>): number | undefined {
    if (state === 'live' || state === 'ended') return this.delivered();
    if (state === 'starting' && error === undefined) return undefined;
    this.missingSinceMs ??= performance.now();
    if (error !== undefined) this.error = BulkheadError.fromData(error);
    return undefined;
  }

  /** An encoder run has ended: checks whether the input was the cause. */
  runFailed(reason: BulkheadError): void {
    const silent = reason.code === ErrorCodes.encoderSilent && isLiveInput(this.input);
    if (!silent && !isOfInput(reason)) return;
    this.missingSinceMs ??= performance.now();
    this.error = reason;
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
}

/** Whether a failure of the encoder was caused by its input. */
export function isOfInput({ code }: BulkheadError): boolean {
  return code.startsWith('input.');
}
