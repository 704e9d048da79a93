import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { SilenceTimer } from './silence-timer.js';

export interface MediaWatchdogOptions {
  /** Maximum silence of an encoder that has delivered a frame, ms. */
  readonly silentAfterMs?: number;
  /** Maximum time without a frame of one that delivers sound or reports, ms. */
  readonly framelessAfterMs?: number;
  /** Maximum time from the start to the first frame, ms; lookahead and network inputs take seconds. */
  readonly startupMs?: number;
  /** Whether one that is silent only waits for the processor: then it has as long as one that reports. */
  readonly waitsForProcessor?: () => boolean;
}

/**
 * Detects an encoder that is alive but delivers nothing: stopped, hung, blocked on its input. One that delivers sound or reports is at
 * work, and has longer: it watches its own processes, and on a busy computer it may be replacing one and keeps the frames meanwhile. One
 * watchdog watches one epoch, from its creation on.
 */
export class MediaWatchdog implements Disposable {
  private readonly silenceEmitter = new Emitter<BulkheadError>();
  private readonly limits: Required<MediaWatchdogOptions>;
  private frames: SilenceTimer;
  /** Undefined until there has been a frame. */
  private anything: SilenceTimer | undefined;
  /** Fires once at most, with `encoder.silent`. */
  readonly onSilence: Event<BulkheadError> = this.silenceEmitter.event;

  constructor({
    silentAfterMs = 1500,
    framelessAfterMs = 5000,
    startupMs = 15_000,
    waitsForProcessor = () => false,
  }: MediaWatchdogOptions = {}) {
    this.limits = {
      ...{ silentAfterMs, startupMs, waitsForProcessor },
      framelessAfterMs: Math.max(framelessAfterMs, silentAfterMs),
    };
    this.frames = this.watch(startupMs, `no frame in its first ${startupMs} ms`);
  }

  /** Frames have arrived. `begun` is whether they are on the stream (`EpochWriter.joined`); until then they do not count. */
  touchFrames(begun: boolean): void {
    if (this.anything !== undefined) {
      this.frames.touch();
      this.anything.touch();
    } else if (begun) {
      const { silentAfterMs, framelessAfterMs } = this.limits;
      this.frames.dispose();
      this.frames = this.watch(framelessAfterMs, `no frame for ${framelessAfterMs} ms`);
      this.anything = new SilenceTimer(silentAfterMs, () => this.fellSilent());
    }
  }

  /** Media without a frame has arrived, or a report. */
  touchOther(): void {
    this.anything?.touch();
  }

  private fellSilent(): void {
    const { silentAfterMs, waitsForProcessor } = this.limits;
    if (waitsForProcessor()) this.anything?.touch();
    else this.fire(`nothing for ${silentAfterMs} ms`);
  }

  private watch(afterMs: number, what: string): SilenceTimer {
    return new SilenceTimer(afterMs, () => this.fire(what));
  }

  private fire(what: string): void {
    this.stop();
    this.silenceEmitter.fire(
      new BulkheadError(ErrorCodes.encoderSilent, `The encoder has delivered ${what}.`, {
        where: 'encoder',
        remedy:
          'Restarting it; if this repeats, check that the input delivers and that the computer keeps up.',
      }),
    );
  }

  private stop(): void {
    this.frames.dispose();
    this.anything?.dispose();
  }

  dispose(): void {
    this.stop();
    this.silenceEmitter.dispose();
  }
}
