import type { Disposable } from 'vscode-jsonrpc';
import { SILENT_AAC_PAYLOAD } from '../media/aac.js';
import { withDelimiter } from '../media/avc.js';
import { AVC_DATA_OFFSET, isLegacyAvc } from '../media/video-payload.js';
import type { AudioTrack } from './audio-track.js';
import { SilenceTimer } from './silence-timer.js';
import type { VideoTrack } from './video-track.js';

/** What is due is sent this often, ms. */
const TICK_MS = 100;
/**
 * The keyframe is repeated this often, ms: at one second a browser that plays with B-frames runs dry, at half a second
 * none did. A large one is repeated less often, down to one a second, so that the slate costs no more than {@link MAX_KBPS}.
 */
const MIN_REPEAT_MS = 500;
const MAX_REPEAT_MS = 1000;
const MAX_KBPS = 2000;

/** What the slate needs of the timeline that it fills. */
export interface SlateStage {
  readonly video: VideoTrack;
  readonly audio: AudioTrack;
  /** The wall clock's place on the timeline, ms. */
  positionMs(): number;
  sendKeyframe(ms: number, payload: Buffer): void;
  sendSilence(ms: number, payload: Buffer): void;
  /** The slate begins: an encoder that delivers again has to join again, with a keyframe. */
  onBegin(): void;
}

interface Keyframe {
  readonly payload: Buffer;
  readonly compositionMs: number;
}

/**
 * What the stream shows while no encoder delivers: its last keyframe again and again, and silence. It needs no process,
 * and keeps the sessions and the viewers' players going.
 */
export class Slate implements Disposable {
  private readonly silence: SilenceTimer;
  private timer: NodeJS.Timeout | undefined;
  private keyframe: Keyframe | undefined;
  private nextRepeatMs = 0;

  constructor(
    private readonly stage: SlateStage,
    afterMs: number,
    now: () => number,
  ) {
    this.silence = new SilenceTimer(afterMs, () => this.begin(), now);
  }

  get active(): boolean {
    return this.timer !== undefined;
  }

  /** An encoder has delivered to the stream. */
  touch(): void {
    this.silence.touch();
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** What to show from now on. */
  show(payload: Buffer, compositionMs: number): void {
    this.keyframe = { payload, compositionMs };
  }

  private begin(): void {
    if (this.keyframe === undefined) return;
    const { payload, compositionMs } = this.keyframe;
    const delimited = isLegacyAvc(payload) ? withDelimiter(payload, AVC_DATA_OFFSET) : payload;
    this.keyframe = { payload: delimited, compositionMs };
    this.nextRepeatMs = 0;
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.stage.onBegin();
    this.tick();
  }

  private tick(): void {
    if (this.keyframe === undefined) return;
    const { stage } = this;
    const positionMs = Math.round(stage.positionMs());
    for (const ms of stage.audio.takeSilentSlots(positionMs)) stage.sendSilence(ms, SILENT_AAC_PAYLOAD);
    if (positionMs < this.nextRepeatMs) return;
    const { payload, compositionMs } = this.keyframe;
    const ms = stage.video.place(Math.max(positionMs, stage.video.nextGopMs(compositionMs)), compositionMs);
    const costMs = (payload.length * 8) / MAX_KBPS;
    this.nextRepeatMs = ms + Math.min(MAX_REPEAT_MS, Math.max(MIN_REPEAT_MS, costMs));
    stage.sendKeyframe(ms, payload);
  }

  dispose(): void {
    this.silence.dispose();
    clearInterval(this.timer);
  }
}
