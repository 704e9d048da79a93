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
  private samples = 0;

  constructor(private readonly options: BusTracksOptions) {}

  /** Has encoders for so many buses. They start before there is sound, so that a recording knows of all tracks when it begins. */
  set(count: number): void {
    for (const audio of this.tracks.slice(count)) audio.dispose();
    const kept = this.tracks.slice(0, count);
    const added = Array.from({ length: Math.max(0, count - kept.length) }, (_, at) =>
      this.begin(kept.length + at + 1),
    );
    this.tracks = [...kept, ...added];
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

  /** The header of another track of the same format, as those of the buses. */
  headersLike(payload: Buffer): readonly Buffer[] {
    return this.tracks.map((_, at) => extraAac(at + 1, payload));
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

  private begin(track: number): AudioTrack {
    const { format, start, onLoss, onTag } = this.options;
    const startMs = (this.samples * 1000) / format.sampleRate;
    return new AudioTrack({
      ...{ format, start, onLoss },
      onTag: ({ timestampMs, payload }) => onTag(startMs + timestampMs, extraAac(track, payload)),
    });
  }
}
