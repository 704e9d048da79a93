import { isDeepStrictEqual } from 'node:util';
import type { DisposableStore } from '../base/disposable-store.js';
import type { EncodeSettings } from '../config/encode-settings.js';
import { inputRedactor } from '../config/input-secrets.js';
import type { SourceConfig, VideoConfig } from '../config/schema.js';
import { connectMedia } from '../process-host/media-connection.js';
import type { EncoderAdapted, EncoderReconfigureParams, EncoderStartParams } from '../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { checkEncoder } from './arguments/check-encoder.js';
import { BT709_TAGS, SAMPLE_RATE } from './arguments/filters.js';
import type { DiskCache } from './disk-cache.js';
import type { EncodeContext } from './encode-context.js';
import type { FfmpegChildOptions } from './ffmpeg-child.js';
import { explainFfmpegExit, type FfmpegExit } from './ffmpeg-errors.js';
import { findFfmpeg } from './ffmpeg-resolver.js';
import type { FfmpegLogLine } from './log-line.js';
import { MediaInspector } from './media-inspector.js';
import { MediaWriter } from './media-writer.js';
import { type Preparation, prepareContext } from './prepare-context.js';
import { ReceivedFrames } from './sources/received-frames.js';
import type { AudioFormat } from './tracks/audio-encoder.js';
import { type Encoding, encodeArguments, NO_REDUCTION } from './tracks/encoding.js';
import { HardwareReturn } from './tracks/hardware-return.js';
import { PaceKeeper } from './tracks/pace-keeper.js';
import { ProgrammeEncoders } from './tracks/programme-encoders.js';

/** libavformat's major version in ffmpeg 5.0, on which encoders' arguments depend. */
const FFMPEG_5 = 59;
/** libavformat's major version in ffmpeg 6.0, which has "-fps_mode" in place of "-vsync". */
const FFMPEG_6 = 60;

/** What every ffmpeg is started with. */
type FfmpegOptions = Pick<FfmpegChildOptions, 'path' | 'ownProcessGroup' | 'onLog'>;

/** The encoders, which wait until the source delivers. */
export interface Encoders {
  readonly params: EncoderStartParams;
  /** The settings before any change on air. */
  readonly started: VideoConfig;
  readonly ffmpeg: FfmpegOptions;
  /** What ffmpeg says of itself; undefined if it has not been asked yet. */
  readonly version: string | undefined;
  /** What the arguments of a source depend on. */
  readonly contextOf: (input: SourceConfig) => Promise<EncodeContext>;
  readonly format: AudioFormat;
  readonly tracks: ProgrammeEncoders;
  readonly pace: PaceKeeper;
  readonly writer: MediaWriter;
  readonly frames: ReceivedFrames;
}

export interface EncoderEvents {
  readonly onLog: (line: FfmpegLogLine, redact: (text: string) => string) => void;
  /** An encoder has been lost. */
  readonly onLoss: (exit: FfmpegExit) => void;
  /** The core has closed the connection for the media. */
  readonly onClose: () => void;
  /** The hardware encoder has failed, and software goes on in its place. */
  readonly onSubstitute: (error: BulkheadError) => void;
  /** It is time to try the hardware of these encoders again. Rejects if it does not work yet. */
  readonly tryHardware: (tracks: ProgrammeEncoders) => Promise<void>;
  /** A rendition cannot be encoded. */
  readonly onProblem: (error: BulkheadError) => void;
  readonly onAdapt: (adapted: EncoderAdapted) => void;
  readonly onWarning: (message: string) => void;
}

export interface EncoderSetupOptions {
  readonly cache: DiskCache;
  readonly signal: AbortSignal;
  /** Owns everything that is made. */
  readonly owned: DisposableStore;
  readonly ownProcessGroup: boolean;
  readonly events: EncoderEvents;
}

/** Starts the encoders of a run, by its settings. */
export class EncoderSetup {
  constructor(private readonly options: EncoderSetupOptions) {}

  /** @throws BulkheadError if ffmpeg, the input or the settings cannot work; then nothing is running */
  async build(params: EncoderStartParams): Promise<Encoders> {
    const { settings } = params;
    const { input, video, audio } = settings;
    const { cache, signal, owned, ownProcessGroup, events } = this.options;
    const path = findFfmpeg(params.ffmpegPath);
    const inspector = new MediaInspector(cache);
    const preparation = { ffmpegPath: path, cache, inspector, signal, opensOnce: true };
    const context = await this.findOut(settings, preparation);
    checkEncoder(video.encoder, context);
    const format = { sampleRate: audio.sampleRate ?? SAMPLE_RATE, channels: audio.channels ?? 2 };
    const contextOf = (of: SourceConfig) =>
      of === input ? Promise.resolve(context) : prepareContext({ ...settings, input: of }, preparation);
    const redactors = [input, settings.fallback?.input].filter((of) => of !== undefined).map(inputRedactor);
    const redact = (text: string) => redactors.reduce((shown, hide) => hide(shown), text);
    const ffmpeg = { path, ownProcessGroup, onLog: (line: FfmpegLogLine) => events.onLog(line, redact) };
    const encoding = encodingOf(settings, context, ffmpeg);
    const media = await connectMedia(params.media);
    owned.add({ dispose: () => media.destroy() });
    if (signal.aborted) throw stopped();
    media.once('close', events.onClose);

    const writer = new MediaWriter(media);
    const frames = new ReceivedFrames(media);
    const tracks = this.encodersOf(encoding, format, writer, input);
    const version = context.capabilities?.version;
    const base = { params, started: video, ffmpeg, version, contextOf, format, writer, frames };
    return { ...base, tracks, pace: this.paceOf(tracks) };
  }

  /**
   * Those that wait, with other settings, on the same connection to the core.
   *
   * @throws BulkheadError for settings that cannot work
   */
  async rebuild(before: Encoders, params: EncoderStartParams): Promise<Encoders> {
    if (isDeepStrictEqual(params, before.params)) return before;
    const { settings } = params;
    const encoding = await this.encoding(settings, params.ffmpegPath, before);
    before.tracks.dispose();
    const tracks = this.encodersOf(encoding, before.format, before.writer, settings.input);
    const started = settings.video;
    return { ...before, params, started, ffmpeg: encoding.ffmpeg, tracks, pace: this.paceOf(tracks) };
  }

  /** @throws BulkheadError for settings that cannot work */
  async encoding(
    settings: EncodeSettings,
    ffmpegPath: EncoderReconfigureParams['ffmpegPath'],
    { ffmpeg }: Encoders,
  ): Promise<Encoding> {
    const { cache, signal } = this.options;
    const path = findFfmpeg(ffmpegPath);
    // The input is being read: it is not looked at again.
    const context = await prepareContext(
      { ...settings, input: { type: 'colour' } },
      { ffmpegPath: path, cache, inspector: new MediaInspector(cache), signal },
    );
    checkEncoder(settings.video.encoder, context);
    return encodingOf(settings, context, { ...ffmpeg, path });
  }

  private async findOut(settings: EncodeSettings, preparation: Preparation): Promise<EncodeContext> {
    try {
      return await prepareContext(settings, preparation);
    } catch (error) {
      throw preparation.signal.aborted ? stopped() : error;
    }
  }

  private encodersOf(
    encoding: Encoding,
    format: AudioFormat,
    writer: MediaWriter,
    input: SourceConfig,
  ): ProgrammeEncoders {
    const { owned, events } = this.options;
    const hardware = owned.add(new HardwareReturn(() => events.tryHardware(tracks)));
    const tracks: ProgrammeEncoders = owned.add(
      new ProgrammeEncoders(encoding, {
        format,
        writer,
        onSubstitute: (error) => {
          events.onSubstitute(error);
          hardware.begin();
        },
        onLoss: events.onLoss,
        onProblem: events.onProblem,
        explain: (exit, path) => explainFfmpegExit({ ...exit, delivered: false }, input, path),
      }),
    );
    return tracks;
  }

  private paceOf(tracks: ProgrammeEncoders): PaceKeeper {
    const { events } = this.options;
    const adapt = (what: EncoderAdapted['what'], stride: 1 | 2) =>
      events.onAdapt({ what, preset: tracks.preset, stride });
    return new PaceKeeper(tracks, {
      onStep: ({ direction, reduction }) => adapt(direction, reduction.stride),
      onExhausted: () => adapt('exhausted', 2),
      onFailure: ({ message }) => events.onWarning(message),
    });
  }
}

/** @throws BulkheadError `config.invalid` or `encoder.unknown` for settings that no ffmpeg can encode */
function encodingOf(
  { video, audio }: EncodeSettings,
  { capabilities }: EncodeContext,
  ffmpeg: FfmpegOptions,
): Encoding {
  const version = capabilities?.libavformatMajor ?? FFMPEG_5;
  const sync = [version >= FFMPEG_6 ? '-fps_mode' : '-vsync', 'passthrough'];
  const encoding = {
    ...{ video, audio, ffmpeg, modern: version >= FFMPEG_5, more: [...BT709_TAGS, ...sync] },
    available: capabilities?.encoders,
  };
  encodeArguments(encoding, NO_REDUCTION);
  return encoding;
}

function stopped(): BulkheadError {
  return new BulkheadError(ErrorCodes.broadcastState, 'The encoder was stopped before it was started.', {
    where: 'encoder',
  });
}
