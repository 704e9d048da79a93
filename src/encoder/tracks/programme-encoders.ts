import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import type { RenditionSettings } from '../../config/encode-settings.js';
import { codecOf } from '../../config/video-codec.js';
import { parseAudioPayload } from '../../media/audio-payload.js';
import { onMetadata } from '../../media/on-metadata.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { encoderDelayFrames } from '../arguments/encoder-delay.js';
import { fasterPresets } from '../arguments/encoder-presets.js';
import type { CanvasFrames, Frame } from '../canvas/frame-pool.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';
import type { MediaWriter } from '../media-writer.js';
import { AudioEncoder, type AudioFormat } from './audio-encoder.js';
import { AudioTrack } from './audio-track.js';
import { BusTracks } from './bus-tracks.js';
import { originMs } from './decoding-times.js';
import {
  delayMs,
  type Encoding,
  encodeArguments,
  markedPayload,
  NO_REDUCTION,
  type Reduction,
  softwareOf,
  videoTrackOf,
} from './encoding.js';
import type { HandoverEnd } from './handover.js';
import { Renditions } from './renditions.js';
import { SoundDelay } from './sound-delay.js';
import { SourceRenditions } from './source-renditions.js';
import { VideoTrack } from './video-track.js';

export interface ProgrammeEncodersOptions {
  readonly format: AudioFormat;
  readonly writer: Pick<MediaWriter, 'write'>;
  readonly onLoss: (exit: FfmpegExit) => void;
  /** Says why a new encoder has exited. */
  readonly explain: (exit: FfmpegExit, ffmpegPath: string) => BulkheadError;
  /** The hardware encoder has failed, and software goes on in its place. */
  readonly onSubstitute: (error: BulkheadError) => void;
  /** A rendition cannot be encoded. */
  readonly onProblem: (error: BulkheadError) => void;
}

/** How often a change is tried when it is interrupted by the loss of an encoder. */
const MOST_TRIES = 3;
/** How long an encoder may take to the first frame of a broadcast, ms: hardware may be loaded slowly, and a busy computer be starting a lot. */
const STARTUP_MS = 3000;

/** The encoders of the programme, and the changes of their settings on air: one after the other. */
export class ProgrammeEncoders implements Disposable {
  readonly video: VideoTrack;
  readonly audio: AudioTrack;
  readonly buses: BusTracks;
  readonly renditions: Renditions;
  readonly sources: SourceRenditions;
  private readonly sound: SoundDelay;
  private reduction = NO_REDUCTION;
  /** What is encoded in hardware as soon as that works again. */
  private hardware: Encoding | undefined;
  private hardwareExit: FfmpegExit | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private encoding: Encoding,
    private readonly options: ProgrammeEncodersOptions,
  ) {
    const { format, writer, onLoss, explain, onProblem } = options;
    const { fps } = encoding.video;
    this.describe();
    this.sound = new SoundDelay(writer);
    this.sound.delayMs = delayMs(encoding, NO_REDUCTION);
    this.video = new VideoTrack({
      fps,
      ...videoTrackOf(encoding, NO_REDUCTION),
      startupMs: STARTUP_MS,
      onLoss: (exit, encoder) => {
        if (encoder?.isSubstitute === false && softwareOf(this.encoding) !== undefined)
          this.hardwareExit = exit;
        else onLoss(exit);
      },
      onReplaced: ({ isSubstitute }) => {
        if (isSubstitute) this.substitute();
      },
      onTag: (tag) => this.sound.writeFrame(tag.timestampMs, markedPayload(this.encoding, tag)),
    });
    this.audio = new AudioTrack({
      format,
      start: this.audioOf(encoding),
      onLoss,
      onTag: ({ timestampMs, payload }) => {
        const ms = Math.round(originMs(fps) + timestampMs);
        // Before it, since the stream may begin with it.
        if (parseAudioPayload(payload) === 'header') this.buses.announce(payload);
        this.sound.writeSound(ms, payload);
      },
    });
    this.buses = new BusTracks({
      format,
      start: () => this.audioOf(this.encoding)(),
      // It is replaced, and the programme goes on without it.
      onLoss: () => {},
      onTag: (timestampMs, payload) =>
        this.sound.writeSound(Math.round(originMs(fps) + timestampMs), payload),
    });
    const ofRenditions = {
      ...{ format, writer, sound: this.sound, explain, onProblem },
      keyframeSlot: (slot: number) => this.video.keyframeSlot(slot),
    };
    this.renditions = new Renditions(encoding, ofRenditions);
    this.sources = new SourceRenditions(encoding, ofRenditions);
  }

  /**
   * Takes the frame of the next slot.
   *
   * @param clean what a clean feed shows
   */
  put(slot: number, frame: Frame, clean: Frame, canvases: CanvasFrames): void {
    this.video.put(slot, frame);
    this.renditions.put(slot, frame, clean, canvases);
  }

  /** Encodes these besides the programme, and no others. Never throws. */
  setRenditions(wanted: readonly RenditionSettings[]): void {
    this.renditions.set(wanted.filter(({ source }) => source === undefined));
    this.sources.set(
      wanted.flatMap(({ source, ...rest }) => (source === undefined ? [] : { ...rest, source })),
    );
  }

  /** The preset at work. */
  get preset(): string {
    return this.reduction.preset ?? this.encoding.video.preset;
  }

  /** Presets that need less CPU than the one that is set, the fastest last. */
  get fasterPresets(): readonly string[] {
    return fasterPresets(this.encoding.video);
  }

  /** Whether an encoder that owes frames is at work: it keeps none for later. */
  get measuresLoad(): boolean {
    return encoderDelayFrames(this.encoding.video) === 0;
  }

  /**
   * Has the programme encoded otherwise from the next keyframe on, in full. Frame size and rate stay as they are.
   *
   * @throws BulkheadError that says why not; then nothing has changed
   */
  change(next: Encoding): Promise<void> {
    return this.inTurn(async () => {
      await this.apply(next, NO_REDUCTION);
      this.hardware = undefined;
    });
  }

  /**
   * Encodes in hardware again, where software has taken its place.
   *
   * @throws BulkheadError like {@link change}
   */
  tryHardware(): Promise<void> {
    const { hardware } = this;
    return hardware === undefined ? Promise.resolve() : this.change(hardware);
  }

  /** Encodes less, or more again. @throws BulkheadError like {@link change} */
  reduce(reduction: Reduction): Promise<void> {
    return this.inTurn(() => this.apply(this.encoding, reduction));
  }

  /** Resolves when all that is owed has been written. */
  async end(): Promise<void> {
    const all = [this.video, this.audio, this.buses, this.renditions, this.sources];
    await Promise.all(all.map((part) => part.end()));
    this.sound.flush();
  }

  dispose(): void {
    this.video.dispose();
    this.audio.dispose();
    this.buses.dispose();
    this.renditions.dispose();
    this.sources.dispose();
    this.sound.dispose();
  }

  private substitute(): void {
    const hardware = this.encoding;
    const software = softwareOf(hardware);
    if (software === undefined) return;
    const { hardwareExit: exit } = this;
    this.hardwareExit = undefined;
    this.hardware = hardware;
    this.encoding = software;
    this.reduction = { stride: this.reduction.stride };
    const cause = exit && this.options.explain(exit, hardware.ffmpeg.path);
    const { encoder } = hardware.video;
    this.options.onSubstitute(
      new BulkheadError(
        cause?.code ?? ErrorCodes.encoderSilent,
        `The encoder "${encoder}" has failed, and "${software.video.encoder}" has taken its place: ${lowerFirst(cause?.message ?? 'it has delivered nothing.')}`,
        { where: 'video.encoder', remedy: cause?.remedy ?? 'Check the graphics driver.' },
      ),
    );
  }

  private inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.turn.then(step);
    this.turn = done.catch(() => {});
    return done;
  }

  private async apply(next: Encoding, reduction: Reduction): Promise<void> {
    const { encoding: before, video, audio } = this;
    const isOther = next.ffmpeg.path !== before.ffmpeg.path;
    const isSoundOther = isOther || next.audio.bitrateKbps !== before.audio.bitrateKbps;
    const isVideoOther =
      isOther ||
      reduction.stride !== this.reduction.stride ||
      !isDeepStrictEqual(encodeArguments(next, reduction), encodeArguments(before, this.reduction));
    if (isSoundOther) await this.handOver(next, () => audio.handOver(this.audioOf(next)));
    if (isVideoOther) {
      try {
        await this.handOver(next, () => video.handOver(videoTrackOf(next, reduction)));
      } catch (error) {
        // It worked until now; if it fails, the sound has another bitrate than before.
        if (isSoundOther) await audio.handOver(this.audioOf(before)).catch(() => {});
        throw error;
      }
    }
    this.encoding = next;
    if (isSoundOther) await this.buses.handOver(this.audioOf(next));
    this.reduction = reduction;
    this.describe();
    this.renditions.follow(next);
    this.sources.follow(next);
    // Not before: while frames are awaited from an encoder that keeps more of them, the sound goes on.
    this.sound.delayMs = delayMs(next, reduction);
  }

  /** Has the stream say what it is now. */
  private describe(): void {
    const { encoding, reduction, options } = this;
    const { video, audio } = encoding;
    const description = {
      ...{ width: video.width, height: video.height, fps: video.fps / reduction.stride },
      ...{ codec: codecOf(video.encoder) ?? 'h264', videoKbps: video.bitrateKbps },
      ...{ audioKbps: audio.bitrateKbps, ...options.format },
    };
    options.writer.write('metadata', 0, onMetadata(description));
  }

  private async handOver({ ffmpeg }: Encoding, attempt: () => Promise<HandoverEnd>): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const end = await attempt();
      switch (end.kind) {
        case 'done':
          return;
        case 'exited': {
          const cause = this.options.explain(end.exit, ffmpeg.path);
          throw failed(cause.code, cause.message, { remedy: cause.remedy, where: cause.where });
        }
        case 'silent':
          throw failed(ErrorCodes.encoderSilent, 'the new encoder has delivered nothing in time.', {
            remedy: 'Close other programs, or choose a faster preset.',
          });
        case 'ended':
          throw failed(ErrorCodes.broadcastState, 'the broadcast is ending.', {});
      }
    }
    throw failed(ErrorCodes.encoderCrashed, `an encoder was lost meanwhile, ${MOST_TRIES} times.`, {
      remedy: 'Try again.',
    });
  }

  private audioOf({ audio: { bitrateKbps }, ffmpeg }: Encoding): () => AudioEncoder {
    return () => new AudioEncoder({ ...ffmpeg, format: this.options.format, bitrateKbps });
  }
}

function failed(
  code: BulkheadError['code'],
  reason: string,
  options: { readonly where?: string | undefined; readonly remedy?: string | undefined },
): BulkheadError {
  return new BulkheadError(
    code,
    `The settings of the encoder were not changed: ${lowerFirst(reason)}`,
    options,
  );
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
