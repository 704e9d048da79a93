import type { Socket } from 'node:net';
import type { FlvTag } from '../../media/flv-demuxer.js';
import { parseVideoPayload } from '../../media/video-payload.js';
import type { Frame } from '../canvas/frame-pool.js';
import { FfmpegChild, type FfmpegChildOptions } from '../ffmpeg-child.js';
import type { TrackEncoder } from './encoder-pair.js';
import { clusterHeader, matroskaHeader, type RawVideoFormat } from './raw-matroska.js';

export interface VideoEncoderOptions extends Pick<FfmpegChildOptions, 'path' | 'ownProcessGroup' | 'onLog'> {
  readonly format: RawVideoFormat;
  /** The encoder's own arguments, from `-c:v` on. Frames must leave it in the order of their slots. */
  readonly encode: readonly string[];
}

export interface VideoSink {
  takeHeader(payload: Buffer): void;
  /** @param slot the frame's slot, from its PTS */
  takeFrame(slot: number, tag: FlvTag): void;
}

/** Timestamp of slot 0: with B-frames, a DTS lies before its PTS, and FLV has no negative ones. */
export const ORIGIN_MS = 1000;

/**
 * One ffmpeg that encodes raw frames to H.264. The frames' timestamps are their slots', so that what it delivers needs no
 * counting, and slots may be left out.
 */
export class VideoEncoder implements TrackEncoder<VideoSink> {
  private readonly ffmpeg: FfmpegChild;
  private readonly stdin: Socket;
  private sink: VideoSink | undefined;
  readonly ended: TrackEncoder<VideoSink>['ended'];

  /** @throws errors of the spawn */
  constructor(private readonly options: VideoEncoderOptions) {
    const { format, encode, ...ffmpeg } = options;
    this.ffmpeg = new FfmpegChild({
      ...ffmpeg,
      args: [
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

  deliverTo(sink: VideoSink | undefined): void {
    this.sink = sink;
  }

  write(slot: number, frame: Frame): void {
    const { stdin, options } = this;
    const ms = ORIGIN_MS + Math.round((slot * 1000) / options.format.fps);
    frame.retain();
    stdin.cork();
    stdin.write(clusterHeader(ms, frame.bytes.length));
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
    const ptsMs = tag.timestampMs + compositionMs - ORIGIN_MS;
    this.sink?.takeFrame(Math.round((ptsMs * this.options.format.fps) / 1000), tag);
  }
}
