import type { Socket } from 'node:net';
import type { FlvTag } from '../../media/flv-demuxer.js';
import { parseVideoPayload } from '../../media/video-payload.js';
import type { Frame } from '../canvas/frame-pool.js';
import { FfmpegChild, type FfmpegChildOptions } from '../ffmpeg-child.js';
import { slotAt, slotMs } from './decoding-times.js';
import type { TrackEncoder } from './encoder-pair.js';
import { type MiniGop, MiniGops } from './mini-gops.js';
import { clusterHeader, matroskaHeader, type RawVideoFormat } from './raw-matroska.js';

export interface VideoEncoderOptions extends Pick<FfmpegChildOptions, 'path' | 'ownProcessGroup' | 'onLog'> {
  readonly format: RawVideoFormat;
  /** The encoder's arguments before the input. */
  readonly global: readonly string[];
  /** Its arguments for the output: filters, and all from `-c:v` on. */
  readonly encode: readonly string[];
  /** Whether it takes the place of a hardware encoder. */
  readonly isSubstitute: boolean;
}

export interface VideoSink {
  takeHeader(payload: Buffer): void;
  takeMiniGop(gop: MiniGop): void;
}

/**
 * One ffmpeg that encodes raw frames to H.264. The frames' timestamps are their slots', so that what it delivers needs no
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
    const { format, global, encode, isSubstitute: _, ...ffmpeg } = options;
    this.ffmpeg = new FfmpegChild({
      ...ffmpeg,
      args: [
        ...global,
        ...['-copyts', '-probesize', '32', '-analyzeduration', '0', '-f', 'matroska', '-i', 'pipe:0'],
        ...encode,
        ...['-f', 'flv', '-flvflags', 'no_duration_filesize+no_sequence_end'],
        ...['-flush_packets', '1', 'pipe:1'],
      ],
      stdin: 'pipe',
      stdout: 'pipe',
    });
    this.stdin = this.ffmpeg.child.stdin as Socket;
    this.stdin.write(matroskaHeader(format));
    this.ended = this.ffmpeg.readFlv((tag) => this.read(tag));
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

  private read(tag: FlvTag): void {
    if (tag.kind !== 'video') return;
    const { kind, compositionMs } = parseVideoPayload(tag.payload);
    if (kind === 'other') return;
    if (kind === 'header') {
      this.sink?.takeHeader(tag.payload);
      return;
    }
    const slot = slotAt(tag.timestampMs + compositionMs, this.options.format.fps);
    const gop = this.gops.take(slot, tag.payload);
    if (gop !== undefined) this.sink?.takeMiniGop(gop);
  }
}
