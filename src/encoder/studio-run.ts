import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../base/disposable-store.js';
import { inputRedactor } from '../config/input-secrets.js';
import type { EncodeSettings, SourceConfig, VideoConfig } from '../config/schema.js';
import { connectMedia } from '../process-host/media-connection.js';
import {
  type EncoderAdapted,
  EncoderAdaptedNotification,
  type EncoderExited,
  EncoderExitedNotification,
  EncoderProblemNotification,
  EncoderProgressNotification,
  type EncoderReconfigureParams,
  EncoderSourcesNotification,
  type EncoderStartParams,
  type EncoderStartResult,
  type SourcePosition,
} from '../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { PartLogNotification } from '../protocol/lifecycle.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { checkEncoder } from './arguments/check-encoder.js';
import { checkDelayChange, encoderDelayFrames, moreDelayFrames } from './arguments/encoder-delay.js';
import { BT709_TAGS, SAMPLE_RATE } from './arguments/filters.js';
import { FramePool, frameBytes } from './canvas/frame-pool.js';
import { canvasMemoryBytes } from './canvas/memory-budget.js';
import { Programme } from './canvas/programme.js';
import { DiskCache } from './disk-cache.js';
import type { EncodeContext } from './encode-context.js';
import type { EncoderOptions } from './encoder-run.js';
import type { FfmpegChildOptions } from './ffmpeg-child.js';
import { explainFfmpegExit, type FfmpegExit } from './ffmpeg-errors.js';
import { findFfmpeg } from './ffmpeg-resolver.js';
import { LogForwarder } from './log-forwarder.js';
import type { FfmpegLogLine } from './log-line.js';
import { MediaInspector } from './media-inspector.js';
import { MediaWriter } from './media-writer.js';
import { prepareContext } from './prepare-context.js';
import { silentInput } from './silent-input.js';
import { framesOfSources } from './sources/open-source.js';
import { SocketPairs } from './sources/socket-pairs.js';
import { StudioSources } from './sources/studio-sources.js';
import type { AudioFormat } from './tracks/audio-encoder.js';
import { HardwareReturn } from './tracks/hardware-return.js';
import { PaceKeeper } from './tracks/pace-keeper.js';
import {
  type Encoding,
  encodeArguments,
  NO_REDUCTION,
  ProgrammeEncoders,
} from './tracks/programme-encoders.js';
import { keptFrames } from './tracks/video-track.js';

const PROGRESS_MS = 1000;
/** How often the sources' states are looked at. */
const SOURCES_MS = 100;
const STARTUP_MS = 10_000;
/** The same for an address: it is analysed, and its next keyframe may be 10 s away. */
const URL_STARTUP_MS = 30_000;
/** Frames besides those that are owed and those of the sources: half read, on air. */
const MORE_FRAMES = 8;
/** libavformat's major version in ffmpeg 5.0, on which encoders' arguments depend. */
const FFMPEG_5 = 59;
/** libavformat's major version in ffmpeg 6.0, which has "-fps_mode" in place of "-vsync". */
const FFMPEG_6 = 60;

/** What every ffmpeg of the studio is started with. */
type FfmpegOptions = Pick<FfmpegChildOptions, 'path' | 'ownProcessGroup' | 'onLog'>;

/** The encoders, which are held until the source delivers. */
interface Encoders {
  readonly params: EncoderStartParams;
  /** The settings before any change on air. */
  readonly started: VideoConfig;
  readonly ffmpeg: FfmpegOptions;
  readonly version: string;
  /** What the arguments of a source depend on. */
  readonly contextOf: (input: SourceConfig) => Promise<EncodeContext>;
  readonly format: AudioFormat;
  readonly tracks: ProgrammeEncoders;
  readonly pace: PaceKeeper;
  readonly writer: MediaWriter;
}

/**
 * The studio: the source and the encoders are processes of their own, and this one joins them. What any of them loses, this one
 * still has.
 */
export class StudioRun implements Disposable {
  private readonly cache: DiskCache;
  private readonly log: LogForwarder;
  private readonly abort = new AbortController();
  private readonly owned = new DisposableStore();
  private preparing: Promise<Encoders> | undefined;
  private programme: Programme | undefined;
  private encoders: Encoders | undefined;
  private last = { atMs: 0, frames: 0, bytes: 0 };
  private reported = { states: '', atMs: 0 };
  private over = false;

  /** @param onLost called when this run cannot be started any more */
  constructor(
    private readonly connection: RpcConnection,
    private readonly onLost: () => void,
    private readonly options: EncoderOptions,
  ) {
    this.cache = new DiskCache(options.cacheFolder);
    this.log = new LogForwarder(connection);
  }

  /**
   * Starts the encoders, which wait. If others wait already, whose settings have been changed meanwhile, they are replaced.
   *
   * @throws BulkheadError if ffmpeg, the input or the settings cannot work; then nothing is running
   */
  async prepare(params: EncoderStartParams): Promise<void> {
    this.preparing = this.preparing === undefined ? this.build(params) : this.rebuild(this.preparing, params);
    try {
      await this.preparing;
    } catch (error) {
      // It may work when it is started: the failure is not kept.
      if (this.encoders === undefined) this.preparing = undefined;
      throw error;
    }
  }

  /** @throws BulkheadError like {@link prepare} */
  async start({ resume, ...params }: EncoderStartParams): Promise<EncoderStartResult> {
    this.preparing ??= this.build(params);
    const encoders = await this.preparing;
    if (!isDeepStrictEqual(params, encoders.params)) {
      throw new BulkheadError(
        ErrorCodes.internal,
        'The encoder was prepared for other settings than it is started with.',
        { where: 'encoder' },
      );
    }
    this.encoders = encoders;
    await this.begin(encoders, resume);
    return {
      ffmpegPid: encoders.tracks.video.livePid,
      ffmpegPath: encoders.ffmpeg.path,
      ffmpegVersion: encoders.version,
    };
  }

  /**
   * Has the programme encoded with other settings from the next keyframe on.
   *
   * @throws BulkheadError that says why not; then nothing has changed
   */
  async reconfigure({ video, audio, ffmpegPath }: EncoderReconfigureParams): Promise<void> {
    const { encoders } = this;
    if (encoders === undefined) throw notRunning();
    const { params, tracks } = encoders;
    const settings = { ...params.settings, video, audio };
    checkDelayChange(encoders.started, settings.video);
    const encoding = await this.newEncoding(settings, ffmpegPath, encoders);
    await encoders.pace.during(() => tracks.change(encoding));
    this.encoders = { ...encoders, params: { ...params, settings, ...(ffmpegPath && { ffmpegPath }) } };
  }

  /** Resolves once everything that is owed has been delivered. */
  async stop(): Promise<void> {
    if (this.encoders === undefined) this.abort.abort();
    else await this.finish(this.encoders);
  }

  dispose(): void {
    this.over = true;
    this.abort.abort();
    this.owned.dispose();
  }

  private async build(params: EncoderStartParams): Promise<Encoders> {
    const { settings } = params;
    const { input, video, audio } = settings;
    const { cache, owned } = this;
    const { signal } = this.abort;
    canvasMemoryBytes(video, (fps) => framesAt({ ...video, fps }));
    const path = findFfmpeg(params.ffmpegPath);
    const inspector = new MediaInspector(cache);
    const preparation = { ffmpegPath: path, cache, inspector, signal, opensOnce: true };
    const context = await prepareContext(settings, preparation);
    checkEncoder(video.encoder, context);
    const { capabilities } = context;
    const format = { sampleRate: audio.sampleRate ?? SAMPLE_RATE, channels: audio.channels ?? 2 };
    const contextOf = (of: SourceConfig) =>
      of === input ? Promise.resolve(context) : prepareContext({ ...settings, input: of }, preparation);
    const { ownProcessGroup = false } = this.options;
    const redactors = [input, settings.fallback?.input].filter((of) => of !== undefined).map(inputRedactor);
    const redact = (text: string) => redactors.reduce((shown, hide) => hide(shown), text);
    const ffmpeg = { path, ownProcessGroup, onLog: (line: FfmpegLogLine) => this.log.take(line, redact) };
    const encoding = encodingOf(settings, context, ffmpeg);
    const media = await connectMedia(params.media);
    owned.add({ dispose: () => media.destroy() });
    if (signal.aborted) {
      throw new BulkheadError(ErrorCodes.broadcastState, 'The encoder was stopped before it was started.', {
        where: 'encoder',
      });
    }
    // The core has given up this run.
    media.once('close', () => {
      if (!this.over) this.onLost();
    });

    const writer = new MediaWriter(media);
    const tracks = this.encodersOf(encoding, format, writer, input);
    const pace = this.paceOf(tracks);
    const version = capabilities?.version ?? 'unknown';
    return { params, started: video, ffmpeg, version, contextOf, format, tracks, pace, writer };
  }

  private paceOf(tracks: ProgrammeEncoders): PaceKeeper {
    const report = (what: EncoderAdapted['what'], stride: 1 | 2) =>
      this.connection.sendNotification(EncoderAdaptedNotification.type, {
        ...{ what, preset: tracks.preset, stride },
      });
    return new PaceKeeper(tracks, {
      onStep: ({ direction, reduction }) => report(direction, reduction.stride),
      onExhausted: () => report('exhausted', 2),
      onFailure: ({ message }) =>
        this.connection.sendNotification(PartLogNotification.type, { level: 'warn', message }),
    });
  }

  /** The prepared encoders with other settings, on the same connection to the core. */
  private async rebuild(preparing: Promise<Encoders>, params: EncoderStartParams): Promise<Encoders> {
    const before = await preparing;
    if (isDeepStrictEqual(params, before.params)) return before;
    const { format, writer } = before;
    const { settings } = params;
    const encoding = await this.newEncoding(settings, params.ffmpegPath, before);
    before.tracks.dispose();
    const tracks = this.encodersOf(encoding, format, writer, settings.input);
    return {
      ...before,
      params,
      started: settings.video,
      ffmpeg: encoding.ffmpeg,
      tracks,
      pace: this.paceOf(tracks),
    };
  }

  /** @throws BulkheadError for settings that cannot work */
  private async newEncoding(
    settings: EncodeSettings,
    ffmpegPath: string | undefined,
    { ffmpeg }: Encoders,
  ): Promise<Encoding> {
    const path = findFfmpeg(ffmpegPath);
    // The input is being read: it is not looked at again.
    const context = await prepareContext(
      { ...settings, input: { type: 'colour' } },
      {
        ...{ ffmpegPath: path, cache: this.cache, inspector: new MediaInspector(this.cache) },
        signal: this.abort.signal,
      },
    );
    checkEncoder(settings.video.encoder, context);
    return encodingOf(settings, context, { ...ffmpeg, path });
  }

  private encodersOf(
    encoding: Encoding,
    format: AudioFormat,
    writer: MediaWriter,
    input: SourceConfig,
  ): ProgrammeEncoders {
    const hardware = this.owned.add(new HardwareReturn(() => this.returnToHardware(tracks)));
    const tracks: ProgrammeEncoders = this.owned.add(
      new ProgrammeEncoders(encoding, {
        format,
        writer,
        onSubstitute: (error) => {
          this.connection.sendNotification(EncoderProblemNotification.type, error.toData());
          hardware.begin();
        },
        onLoss: (exit) => this.lost(exit),
        explain: (exit, path) => explainFfmpegExit({ ...exit, delivered: false }, input, path),
      }),
    );
    return tracks;
  }

  /** @throws BulkheadError if it does not work yet */
  private async returnToHardware(tracks: ProgrammeEncoders): Promise<void> {
    const { encoders } = this;
    if (encoders?.tracks !== tracks) return;
    await encoders.pace.during(() => tracks.tryHardware());
    const message = `the encoder "${encoders.params.settings.video.encoder}" works again`;
    this.connection.sendNotification(PartLogNotification.type, { level: 'info', message });
  }

  /** Opens the source: not before, since a device or an address may serve one reader alone. */
  private async begin(encoders: Encoders, resume: SourcePosition | undefined): Promise<void> {
    const { params, ffmpeg, contextOf, format, tracks } = encoders;
    const { video, audio } = tracks;
    const { settings } = params;
    const { fps } = settings.video;
    const { owned } = this;
    const sources = owned.add(
      new StudioSources({
        settings,
        site: {
          ffmpeg,
          pairs: owned.add(new SocketPairs()),
          pool: new FramePool(frameBytes(settings.video), framesAt(settings.video)),
          video: settings.video,
          format,
          contextOf,
        },
        resume,
        onProblem: (error) =>
          this.connection.sendNotification(EncoderProblemNotification.type, error.toData()),
        onFailure: (error) => {
          if (video.deliveredSlot < 0) this.fail(error);
        },
      }),
    );
    const source = await sources.open();
    if (this.over) return;
    const onEnd = () => void this.finish(encoders);
    this.programme = owned.add(new Programme({ fps, format, source, video, audio, onEnd }));
    this.programme.start();
    const delayMs = Math.ceil(encoderDelayFrames(settings.video) / fps) * 1000;
    const usualMs = settings.input.type === 'url' ? URL_STARTUP_MS : STARTUP_MS;
    const startupMs = (this.options.startupMs ?? usualMs) + delayMs;
    const watchdog = setTimeout(() => {
      if (video.deliveredSlot < 0) this.fail(silentInput(settings.input, startupMs));
    }, startupMs);
    const reports = setInterval(() => {
      encoders.pace.check();
      this.report(encoders);
    }, PROGRESS_MS);
    const states = setInterval(() => this.reportSources(sources, encoders), SOURCES_MS);
    owned.add({
      dispose: () => {
        clearTimeout(watchdog);
        clearInterval(reports);
        clearInterval(states);
      },
    });
  }

  /** Before the first frame, what was lost would be lost again. */
  private lost(exit: FfmpegExit): void {
    const { encoders } = this;
    if (encoders === undefined || encoders.tracks.video.deliveredSlot >= 0) return;
    const { params, ffmpeg } = encoders;
    this.fail(explainFfmpegExit({ ...exit, delivered: false }, params.settings.input, ffmpeg.path));
  }

  /** Once a second, and when a state has changed. */
  private reportSources(sources: StudioSources, { tracks: { video }, params }: Encoders): void {
    const now = performance.now();
    const status = sources.status();
    const states = status.map(({ id, state, pid }) => `${id} ${state} ${pid}`).join();
    if (states === this.reported.states && now - this.reported.atMs < PROGRESS_MS) return;
    this.reported = { states, atMs: now };
    // What has been taken and not been delivered would be lost with this process.
    const owedMs = (video.owedFrames * 1000) / params.settings.video.fps;
    const [main, ...others] = status;
    const delivered =
      main === undefined ? [] : [{ ...main, positionMs: Math.max(0, Math.round(main.positionMs - owedMs)) }];
    this.connection.sendNotification(EncoderSourcesNotification.type, { sources: [...delivered, ...others] });
  }

  private report({ params, tracks, writer }: Encoders): void {
    const { video, audio } = tracks;
    const now = { atMs: performance.now(), frames: video.deliveredFrames, bytes: writer.bytesWritten };
    if (now.frames === 0) return;
    const { last } = this;
    this.last = now;
    if (last.atMs === 0) return;
    const elapsedS = (now.atMs - last.atMs) / 1000;
    const fps = (now.frames - last.frames) / elapsedS;
    this.connection.sendNotification(EncoderProgressNotification.type, {
      frames: now.frames,
      fps: Math.round(fps * 10) / 10,
      bitrateKbps: Math.round(((now.bytes - last.bytes) * 8) / 1000 / elapsedS),
      duplicatedFrames: this.programme?.repeatedFrames ?? 0,
      droppedFrames: video.skippedSlots,
      speed: fps / params.settings.video.fps,
      preset: tracks.preset,
      processes: {
        videoPid: video.livePid,
        audioPid: audio.livePid,
        heldVideoPid: video.heldPid,
        heldAudioPid: audio.heldPid,
      },
    });
  }

  private async finish({ tracks, writer }: Encoders): Promise<void> {
    this.programme?.dispose();
    await tracks.end();
    await writer.end();
    this.exit({ exitCode: 0, signal: null, finished: true });
  }

  private fail(error: BulkheadError): void {
    this.exit({ exitCode: null, signal: null, finished: false, error: error.toData() });
  }

  private exit(exited: EncoderExited): void {
    if (this.over) return;
    this.dispose();
    this.connection.sendNotification(EncoderExitedNotification.type, exited);
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
    hasSoftware: capabilities?.encoders.includes('libx264') ?? true,
  };
  encodeArguments(encoding, NO_REDUCTION);
  return encoding;
}

function notRunning(): BulkheadError {
  return new BulkheadError(ErrorCodes.broadcastState, 'Nothing is being encoded yet.', { where: 'encoder' });
}

/** Frames that are needed with these settings. */
function framesAt(video: VideoConfig): number {
  const delay = encoderDelayFrames(video) + moreDelayFrames(video.fps);
  return keptFrames(video.fps, delay) + framesOfSources(video.fps) + MORE_FRAMES;
}
