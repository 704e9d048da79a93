import type { BulkheadError } from '../../protocol/errors.js';
import { PaceLadder, type PaceStep } from './pace-ladder.js';
import type { ProgrammeEncoders } from './programme-encoders.js';

/** What is reported. */
export interface PaceKeeperEvents {
  readonly onStep: (step: PaceStep) => void;
  /** It encodes as little as it can, and that is still too much for this computer. */
  readonly onExhausted: () => void;
  readonly onFailure: (error: BulkheadError) => void;
}

/** What it asks of the encoders. */
export type PacedEncoders = Pick<ProgrammeEncoders, 'fasterPresets' | 'measuresLoad' | 'reduce'> & {
  readonly video: Pick<ProgrammeEncoders['video'], 'dueSlots' | 'skippedSlots' | 'busyMs'>;
};

/** Has the encoders encode as much as this computer can. */
export class PaceKeeper {
  private ladder: PaceLadder;
  private last = { atMs: 0, slots: 0, skipped: 0, busyMs: 0 };
  private isStepping = false;
  private wasExhausted = false;
  private paused = false;

  constructor(
    private readonly encoders: PacedEncoders,
    private readonly events: PaceKeeperEvents,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.ladder = this.begin();
  }

  /** Measures, and makes a step where that is due. To be called about once a second. */
  check(): void {
    const { video, measuresLoad } = this.encoders;
    const { last } = this;
    const seen = {
      ...{ atMs: this.now(), slots: video.dueSlots, skipped: video.skippedSlots, busyMs: video.busyMs },
    };
    this.last = seen;
    if (this.paused || this.isStepping) return;
    const load = measuresLoad ? (seen.busyMs - last.busyMs) / (seen.atMs - last.atMs) : undefined;
    const { ladder } = this;
    const step = ladder.take({ slots: seen.slots - last.slots, skipped: seen.skipped - last.skipped, load });
    if (ladder.isExhausted && !this.wasExhausted) this.events.onExhausted();
    this.wasExhausted = ladder.isExhausted;
    if (step !== undefined) void this.make(step);
  }

  /** While `change` changes the settings there are no steps; afterwards all of the new settings is encoded. */
  async during(change: () => Promise<void>): Promise<void> {
    this.paused = true;
    try {
      await change();
      this.ladder = this.begin();
    } finally {
      this.paused = false;
    }
  }

  private begin(): PaceLadder {
    this.wasExhausted = false;
    return new PaceLadder(this.encoders.fasterPresets, this.now);
  }

  private async make(step: PaceStep): Promise<void> {
    const { ladder } = this;
    this.isStepping = true;
    try {
      await this.encoders.reduce(step.reduction);
      this.events.onStep(step);
    } catch (error) {
      ladder.undo();
      this.events.onFailure(error as BulkheadError);
    } finally {
      this.isStepping = false;
    }
  }
}
