import type { Disposable } from 'vscode-jsonrpc';
import { repeatable } from '../../media/repeatable-frame.js';
import type { AudioTrack } from './audio-track.js';
import { SilenceTimer } from './silence-timer.js';
import type { VideoTrack } from './video-track.js';

/** Interval at which due media is sent, ms. */
const TICK_MS = 100;
/**
 * Interval at which the keyframe is repeated, ms: at one second a browser that plays with B-frames runs out of data, at half
 * a second none did. A large keyframe is repeated less often, down to one a second, so that the slate uses at most {@link
 * MAX_KBPS}.
 */
const MIN_REPEAT_MS = 500;
const MAX_REPEAT_MS = 1000;
const MAX_KBPS = 2000;
/** An encoder that is alive may only be pausing: for this long only silence is sent, ms. */
const HOLD_MS = 1300;
/** Number of late frames that count as silence, at low frame rates. */
const LATE_FRAMES = 3;

/** The parts of the timeline that the slate uses. */
export interface SlateStage {
  readonly video: VideoTrack;
  readonly audio: AudioTrack;
  /** The wall clock's position on the timeline, ms. */
  positionMs(): number;
  /** Whether the encoder that delivered last still runs, and could continue without a keyframe. */
  canGoOn(): boolean;
  sendKeyframe(ms: number, payload: Buffer): void;
  sendSilence(ms: number, payload: Buffer): void;
  /** Silence has replaced sound that the encoder may still deliver: its sound has to join again. */
  onHold(): void;
  /** The slate begins: an encoder that delivers again has to join again, with a keyframe. */
  onBegin(): void;
}

interface Keyframe {
  readonly payload: Buffer;
  readonly compositionMs: number;
}

/**
 * The stream's content while no encoder delivers: its last keyframe, repeated, and silence. It needs no process, and keeps
 * the sessions and the viewers' players running: some servers end a session after a second of silence.
 *
 * After a repeated keyframe the encoder can only join at its next keyframe, which may take as long as a GOP. So while it is
 * alive, silence alone is sent first.
 */
export class Slate implements Disposable {
  private readonly silence: SilenceTimer;
  private timer: NodeJS.Timeout | undefined;
  private keyframe: Keyframe | undefined;
  private nextRepeatMs = 0;
  private showing = false;
  /** How long only silence has been sent, ms; counted in ticks, so that a stall of the core does not count. */
  private heldMs = 0;
  /** Position of the sound when the silence began, ms. */
  private heldFromMs = 0;

  constructor(
    private readonly stage: SlateStage,
    private readonly afterMs: number,
    now: () => number,
  ) {
    this.silence = new SilenceTimer(afterMs, () => this.begin(), now);
  }

  /** Whether keyframes are repeated. */
  get active(): boolean {
    return this.showing;
  }

  /** An encoder has delivered to the stream. */
  touch(): void {
    this.silence.touch();
    clearInterval(this.timer);
    this.timer = undefined;
    this.showing = false;
  }

  /** Sets the keyframe to repeat. */
  show(payload: Buffer, compositionMs: number): void {
    this.keyframe = { payload, compositionMs };
  }

  private begin(): void {
    if (this.keyframe === undefined) return;
    this.heldMs = 0;
    this.heldFromMs = this.stage.audio.lastMs ?? 0;
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.tick();
  }

  private tick(): void {
    const { stage } = this;
    if (!this.showing && stage.canGoOn()) {
      const lateMs = Math.max(0, LATE_FRAMES * stage.video.frameMs - this.afterMs);
      if (this.heldMs < lateMs + (stage.audio.takesSilence ? HOLD_MS : 0)) {
        this.heldMs += TICK_MS;
        // A stream that is ahead of the clock would otherwise get no silence until the clock has caught up.
        if (this.heldMs > lateMs)
          this.sendSilence(Math.max(stage.positionMs(), this.heldFromMs + this.heldMs - lateMs));
        return;
      }
    }
    this.repeatKeyframe();
  }

  private sendSilence(untilMs: number): void {
    const { stage } = this;
    for (const [ms, payload] of stage.audio.takeSilentSlots(Math.round(untilMs)))
      stage.sendSilence(ms, payload);
    stage.onHold();
  }

  private repeatKeyframe(): void {
    const { stage, keyframe } = this;
    if (keyframe === undefined) return;
    if (!this.showing) {
      this.showing = true;
      this.nextRepeatMs = 0;
      this.keyframe = { ...keyframe, payload: repeatable(keyframe.payload) };
      stage.onBegin();
    }
    const positionMs = Math.round(stage.positionMs());
    this.sendSilence(positionMs);
    if (positionMs < this.nextRepeatMs) return;
    const { payload, compositionMs } = this.keyframe ?? keyframe;
    const ms = stage.video.place(Math.max(positionMs, stage.video.nextGopMs(compositionMs)), compositionMs);
    const costMs = (payload.length * 8) / MAX_KBPS;
    this.nextRepeatMs = positionMs + Math.min(MAX_REPEAT_MS, Math.max(MIN_REPEAT_MS, costMs));
    stage.sendKeyframe(ms, payload);
  }

  dispose(): void {
    this.silence.dispose();
    clearInterval(this.timer);
  }
}
