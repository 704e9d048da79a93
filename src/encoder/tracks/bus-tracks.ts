import type { Disposable } from 'vscode-jsonrpc';
import { extraAac } from '../../media/enhanced-packets.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';
import type { AudioFormat } from './audio-encoder.js';
import { AudioTrack, type PcmEncoder } from './audio-track.js';

export interface BusTracksOptions {
  readonly format: AudioFormat;
  readonly start: () => PcmEncoder;
  readonly onLoss: (exit: FfmpegExit) => void;
  /** A tag's body, with the time since the first sample of the programme. */
  readonly onTag: (timestampMs: number, payload: Buffer) => void;
}

/**
 * The sound of each bus, encoded on the programme's grid of samples: further audio tracks, numbered from 1. Each has encoders of its own, live
 * and held; what fails here touches neither the programme nor the others.
 */
export class BusTracks implements Disposable {
  private tracks: readonly AudioTrack[] = [];
  private header: Buffer | undefined;
  private samples = 0;

  constructor(private readonly options: BusTracksOptions) {}

  /** Has encoders for so many buses. They start before there is sound, so that a recording knows of all tracks when it begins. */
  set(count: number): void {
    for (const audio of this.tracks.slice(count)) audio.dispose();
    this.tracks = this.tracks.slice(0, count);
    while (this.tracks.length < count) this.tracks = [...this.tracks, this.begin(this.tracks.length + 1)];
  }

  /**
   * @param mixed of each bus, 16 bits, interleaved
   * @param samples of the slot, for each channel
   */
  put(mixed: readonly Buffer[], samples: number): void {
    if (mixed.length !== this.tracks.length) this.set(mixed.length);
    mixed.forEach((pcm, at) => {
      this.tracks[at]?.put(pcm);
    });
    this.samples += samples;
  }

  /** Continues with encoders of other settings. A bus whose new encoder fails keeps the one before. */
  async handOver(start: () => PcmEncoder): Promise<void> {
    await Promise.allSettled(this.tracks.map((audio) => audio.handOver(start)));
  }

  /** @param header of the programme's sound: those of the buses are the same, and their encoders may be slower */
  announce(header: Buffer): void {
    this.header = header;
    for (const at of this.tracks.keys()) this.announceTrack(at + 1, header);
  }

  get pids(): readonly number[] {
    return this.tracks.map((audio) => audio.livePid);
  }

  async end(): Promise<void> {
    await Promise.all(this.tracks.map((audio) => audio.end()));
  }

  dispose(): void {
    this.set(0);
  }

  private announceTrack(track: number, header: Buffer): void {
    this.options.onTag(0, extraAac(track, header));
  }

  private begin(track: number): AudioTrack {
    const { format, start, onLoss, onTag } = this.options;
    if (this.header !== undefined) this.announceTrack(track, this.header);
    const startMs = (this.samples * 1000) / format.sampleRate;
    return new AudioTrack({
      ...{ format, start, onLoss },
      onTag: ({ timestampMs, payload }) => onTag(startMs + timestampMs, extraAac(track, payload)),
    });
  }
}
