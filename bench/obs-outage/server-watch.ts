import { join } from 'node:path';
import { type LiveViewer, type ViewedPacket, watchLive } from '../../test/support/live-viewer.js';
import type { NginxRtmp } from '../../test/support/nginx.js';
import { recordStream, type StreamRecorder } from '../support/stream-recorder.js';

/** A frame that comes later than this after the one before ends a freeze, ms. */
const FREEZE_MS = 200;
/** A repeated keyframe differs from the first one by a delimiter at most, bytes. */
const DELIMITER_BYTES = 6;
/** Larger frames of AAC hold sound, bytes. */
const SILENT_BYTES = 40;

/** What one viewer of a server saw; times in ms. */
export interface WatchReport {
  /** RTMP sessions that published to the server. */
  readonly sessions: number;
  readonly watchedMs: number;
  readonly frames: number;
  /** Frames that a stream without any interruption would have had besides. */
  readonly missing: number;
  /** Longest time without a frame, and without one that shows something new. */
  readonly longestGapMs: number;
  readonly longestFreezeMs: number;
  /** All freezes together: without a frame, or with the last keyframe repeated. */
  readonly frozenMs: number;
  readonly fallbackMs: number;
  /** Longest time without audio, and without audible sound. */
  readonly longestAudioGapMs: number;
  readonly longestSilenceMs: number;
  readonly backwards: number;
  readonly decodeErrors: readonly string[];
  readonly stayed: boolean;
}

/** A viewer and a recorder of one server's stream. */
export class ServerWatch {
  private readonly viewer: LiveViewer;
  private readonly recorder: StreamRecorder;

  private constructor(
    readonly name: string,
    private readonly server: NginxRtmp,
    url: string,
    folder: string,
  ) {
    this.viewer = watchLive(url);
    this.recorder = recordStream(url, join(folder, `${name.replace(/\W+/g, '-')}.flv`));
  }

  /** Watches the stream `live/key` of the server; returns before anything has come. */
  static begin(name: string, server: NginxRtmp, folder: string): ServerWatch {
    return new ServerWatch(name, server, server.url('live', 'key'), folder);
  }

  /** Longest time without a frame that shows something new, since then, ms. */
  longestFreezeSince(sinceMs: number): number {
    return longest(newFrames(this.video(sinceMs)), sinceMs, performance.now());
  }

  /**
   * @param span what came before and after does not count; `performance.now()`
   * @param onFallback whether the fallback was on air then
   */
  async finish(
    { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
    fps: number,
    onFallback: (atMs: number) => boolean,
  ): Promise<WatchReport> {
    const stayed = this.viewer.watching && this.recorder.recording;
    await this.viewer.stop();
    const { decodeErrors } = await this.recorder.finish();
    const frames = this.video(fromMs);
    const shown = newFrames(frames);
    const audio = this.viewer.packets.filter(
      ({ stream, arrivedAtMs }) => stream === 'audio' && arrivedAtMs >= fromMs,
    );
    const freezes = gaps(shown, fromMs, toMs).filter((ms) => ms > FREEZE_MS);
    return {
      sessions: this.server.log().match(/ publish: name='key'/g)?.length ?? 0,
      watchedMs: toMs - fromMs,
      frames: frames.length,
      missing: Math.round(((toMs - fromMs) * fps) / 1000) - frames.length,
      longestGapMs: longest(frames, fromMs, toMs),
      longestFreezeMs: longest(shown, fromMs, toMs),
      frozenMs: freezes.reduce((sum, ms) => sum + ms, 0),
      fallbackMs: (shown.filter(({ arrivedAtMs }) => onFallback(arrivedAtMs)).length * 1000) / fps,
      longestAudioGapMs: longest(audio, fromMs, toMs),
      longestSilenceMs: longest(
        audio.filter(({ size }) => size > SILENT_BYTES),
        fromMs,
        toMs,
      ),
      backwards: this.viewer.report(fromMs).backwards,
      decodeErrors,
      stayed,
    };
  }

  async stop(): Promise<void> {
    await this.viewer.stop();
    await this.recorder.stop();
  }

  private video(sinceMs: number): ViewedPacket[] {
    return this.viewer.packets.filter(
      ({ stream, arrivedAtMs }) => stream === 'video' && arrivedAtMs >= sinceMs,
    );
  }
}

/** Without the keyframes that the slate repeats. */
function newFrames(frames: readonly ViewedPacket[]): ViewedPacket[] {
  let keyframeBytes = 0;
  return frames.filter(({ keyframe, size, arrivedAtMs }, n) => {
    const isRepeat =
      keyframe &&
      arrivedAtMs - (frames[n - 1]?.arrivedAtMs ?? arrivedAtMs) > FREEZE_MS &&
      Math.abs(size - keyframeBytes) <= DELIMITER_BYTES;
    if (keyframe) keyframeBytes = size;
    return !isRepeat;
  });
}

function gaps(packets: readonly ViewedPacket[], fromMs: number, toMs: number): number[] {
  const times = [fromMs, ...packets.map(({ arrivedAtMs }) => arrivedAtMs), toMs];
  return times.slice(1).map((atMs, n) => atMs - (times[n] ?? atMs));
}

function longest(packets: readonly ViewedPacket[], fromMs: number, toMs: number): number {
  return gaps(packets, fromMs, toMs).reduce((longestMs, ms) => Math.max(longestMs, ms), 0);
}
