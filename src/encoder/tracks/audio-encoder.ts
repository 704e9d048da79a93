import type { Writable } from 'node:stream';
import { parseAudioPayload } from '../../media/audio-payload.js';
import { FlvDemuxer, type FlvTag } from '../../media/flv-demuxer.js';
import { FfmpegChild, type FfmpegChildOptions } from '../ffmpeg-child.js';
import type { TrackEncoder } from './encoder-pair.js';

/** AAC-LC codes this many samples per channel in a frame. */
export const FRAME_SAMPLES = 1024;

/** PCM has 16 bits. */
export const BYTES_PER_SAMPLE = 2;

export interface AudioFormat {
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
}

export interface AudioEncoderOptions extends Pick<FfmpegChildOptions, 'path' | 'ownProcessGroup' | 'onLog'> {
  readonly format: AudioFormat;
  readonly bitrateKbps: number;
}

export interface AudioSink {
  takeHeader(payload: Buffer): void;
  /** @param number counted from the encoder's first frame, which is −1: the priming before its first sample */
  takeFrame(number: number, payload: Buffer): void;
}

/** One ffmpeg that encodes PCM (16 bits, interleaved) to AAC. */
export class AudioEncoder implements TrackEncoder<AudioSink> {
  private readonly ffmpeg: FfmpegChild;
  private readonly stdin: Writable;
  private sink: AudioSink | undefined;
  private next = -1;
  readonly ended: TrackEncoder<AudioSink>['ended'];

  /** @throws errors of the spawn */
  constructor({ format: { sampleRate, channels }, bitrateKbps, ...ffmpeg }: AudioEncoderOptions) {
    this.ffmpeg = new FfmpegChild({
      ...ffmpeg,
      args: [
        ...['-probesize', '32', '-analyzeduration', '0', '-f', 's16le'],
        ...['-ar', String(sampleRate), '-ac', String(channels), '-i', 'pipe:0'],
        ...['-c:a', 'aac', '-b:a', `${bitrateKbps}k`, '-f', 'flv', '-flvflags', 'no_duration_filesize'],
        ...['-flush_packets', '1', 'pipe:1'],
      ],
      stdin: 'pipe',
      stdout: 'pipe',
    });
    this.stdin = this.ffmpeg.child.stdin as Writable;
    const demuxer = new FlvDemuxer((tag) => this.read(tag));
    this.ended = this.ffmpeg.read((chunk) => demuxer.push(chunk));
  }

  get pid(): number {
    return this.ffmpeg.pid;
  }

  deliverTo(sink: AudioSink | undefined): void {
    this.sink = sink;
  }

  write(pcm: Buffer): void {
    this.stdin.write(pcm);
  }

  end(): void {
    this.stdin.end();
  }

  kill(): void {
    this.ffmpeg.kill();
    this.stdin.destroy();
  }

  private read({ kind, payload }: FlvTag): void {
    if (kind !== 'audio') return;
    const what = parseAudioPayload(payload);
    if (what === 'header') this.sink?.takeHeader(payload);
    else if (what === 'frame') this.sink?.takeFrame(this.next++, payload);
  }
}
