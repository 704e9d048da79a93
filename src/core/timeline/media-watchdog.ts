import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { SilenceTimer } from './silence-timer.js';

export interface MediaWatchdogOptions {
  /** Maximum silence of an encoder that has delivered a frame, ms. */
  readonly silentAfterMs?: number;
  /** Maximum time from the start to the first frame, ms; lookahead and network inputs take seconds. */
  readonly startupMs?: number;
}

/**
 * Detects an encoder that is alive but delivers nothing: stopped, hung, blocked on its input. One watchdog watches
 * one epoch, from its creation on.
 */
export class MediaWatchdog implements Disposable {
  private readonly silentAfterMs: number;
  private readonly silenceEmitter = new Emitter<BulkheadError>();
  private timer: SilenceTimer;
  private begun = false;
  /** Fires once at most, with `encoder.silent`. */
  readonly onSilence: Event<BulkheadError> = this.silenceEmitter.event;

  constructor({ silentAfterMs = 1500, startupMs = 15_000 }: MediaWatchdogOptions = {}) {
    this.silentAfterMs = silentAfterMs;
    this.timer = new SilenceTimer(startupMs, () => this.fire(`no frame in its first ${startupMs} ms`));
  }

  /**
   * Bytes have arrived. `begun` is whether they have included a frame so far (`EpochWriter.joined`); until then they
   * do not count, since headers may arrive long before.
   */
  touch(begun: boolean): void {
    if (this.begun) {
      this.timer.touch();
    } else if (begun) {
      this.begun = true;
      this.timer.dispose();
      this.timer = new SilenceTimer(this.silentAfterMs, () =>
        this.fire(`nothing for ${this.silentAfterMs} ms`),
      );
    }
  }

  private fire(what: string): void {
    this.timer.dispose();
    this.silenceEmitter.fire(
      new BulkheadError(ErrorCodes.encoderSilent, `The encoder has delivered ${what}.`, {
        where: 'encoder',
        remedy:
          'Restarting it; if this repeats, check that the input delivers and that the computer keeps up.',
      }),
    );
  }

  dispose(): void {
    this.timer.dispose();
    this.silenceEmitter.dispose();
  }
}
