import type { Socket } from 'node:net';
import type { VideoCodec } from '../../config/video-codec.js';
import type { Frame } from '../canvas/frame-pool.js';
import { FfmpegChild, type FfmpegChildOptions } from '../ffmpeg-child.js';
import { codedVideo } from './coded-video.js';
import { slotAt, slotMs } from './decoding-times.js';
import type { TrackEncoder } from './encoder-pair.js';
import { type MiniGop, MiniGops } from './mini-gops.js';
import { clusterHeader, matroskaHeader, type RawVideoFormat } from './raw-matroska.js';

export interface VideoEncoderOptions
  extends Pick<FfmpegChildOptions, 'path' | 'ownProcessGroup' | 'onLog' | 'niceness'> {
  readonly format: RawVideoFormat;
  /** The encoder's arguments before the input. */
  readonly global: readonly string[];
  /** Its arguments for the output: filters, and all from `-c:v` to the muxer. */
  readonly encode: readonly string[];
  readonly codec: VideoCodec;
  /** Frames by which an encoder of HEVC reorders at most. */
  readonly reordered: number;
  /** Whether it takes the place of a hardware encoder. */
  readonly isSubstitute: boolean;
}

export interface VideoSink {
  takeHeader(payload: Buffer): void;
  takeMiniGop(gop: MiniGop): void;
}

/**
 * One ffmpeg that encodes raw frames. The frames' timestamps are their slots', so that what it delivers needs no
 * counting, and slots may be left out.
 */
export class VideoEncoder implements TrackEncoder<VideoSink> {
  private readonly ffmpeg: FfmpegChild;
  private readonly stdin: Socket;
  private readonly gops = new MiniGops();
  private sink: VideoSink | undefined;
  readonly ended: TrackEncoder<VideoSink>['ended'];

  /** @throws errors of the spawn */
  constructor(private readonly options: VideoEncoderOptions) {
    const { format, global, encode, codec, reordered, isSubstitute: _, ...ffmpeg } = options;
    const coded = codedVideo(codec, (reordered * 1000) / format.fps, {
      takeHeader: (payload) => this.sink?.takeHeader(payload),
      takeFrame: (ptsMs, payload) => this.take(ptsMs, payload),
    });
    this.ffmpeg = new FfmpegChild({
      ...ffmpeg,
      args: [
        ...global,
        ...['-copyts', '-probesize', '32', '-analyzeduration', '0', '-f', 'matroska', '-i', 'pipe:0'],
        ...[...encode, ...coded.muxer, '-flush_packets', '1', 'pipe:1'],
      ],
      stdin: 'pipe',
      stdout: 'pipe',
    });
    this.stdin = this.ffmpeg.child.stdin as Socket;
    this.stdin.write(matroskaHeader(format));
    this.ended = this.ffmpeg.read(coded.read);
  }

  get pid(): number {
    return this.ffmpeg.pid;
  }

  get isSubstitute(): boolean {
    return this.options.isSubstitute;
  }

  deliverTo(sink: VideoSink | undefined): void {
    this.sink = sink;
  }

  write(slot: number, frame: Frame): void {
    const { stdin, options } = this;
    this.gops.give(slot);
    frame.retain();
    stdin.cork();
    stdin.write(clusterHeader(slotMs(slot, options.format.fps), frame.bytes.length));
    stdin.write(frame.bytes, () => frame.release());
    stdin.uncork();
  }

  end(): void {
    this.stdin.end();
  }

  kill(): void {
    this.ffmpeg.kill();
    this.stdin.destroy();
  }

  private take(ptsMs: number, payload: Buffer): void {
    const gop = this.gops.take(slotAt(ptsMs, this.options.format.fps), payload);
    if (gop !== undefined) this.sink?.takeMiniGop(gop);
  }
}
