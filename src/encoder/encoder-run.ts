import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import { inputRedactor } from '../config/input-secrets.js';
import type { EncodeSettings } from '../config/schema.js';
import { connectMedia } from '../process-host/media-connection.js';
import {
  type EncoderCommandParams,
  type EncoderExited,
  EncoderExitedNotification,
  EncoderProgressNotification,
  type EncoderStartParams,
  type EncoderStartResult,
} from '../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { findClockFont } from './clock-font.js';
import { DiskCache } from './disk-cache.js';
import type { EncodeContext } from './encode-context.js';
import { FIRST_REAL_INPUT, ffmpegArguments } from './ffmpeg-arguments.js';
import { knownCapabilities, probeCapabilities } from './ffmpeg-capabilities.js';
import { explainFfmpegExit, type FfmpegExit } from './ffmpeg-errors.js';
import { FfmpegProcess } from './ffmpeg-process.js';
import { findFfmpeg } from './ffmpeg-resolver.js';
import { LogForwarder } from './log-forwarder.js';
import type { FfmpegLogLine } from './log-line.js';
import { type MediaInfo, parseMediaInfo } from './media-info.js';
import { type InspectedInput, MediaInspector } from './media-inspector.js';
import { prepareContext } from './prepare-context.js';
import type { ProgressReport } from './progress-parser.js';
import { silentInput } from './silent-input.js';
import { StartupWatchdog } from './startup-watchdog.js';

export interface EncoderOptions {
  /** Folder of cached facts about ffmpeg and media; the user's cache folder if undefined. */
  readonly cacheFolder?: string;
  /** Maximum time from ffmpeg's start to its first frame, ms. */
  readonly startupMs?: number;
  /** Whether ffmpeg leads its own process group. */
  readonly ownProcessGroup?: boolean;
}

const STARTUP_MS = 10_000;
const PROGRESS_INTERVAL_MS = 900;
/** Delay until the broadcast has settled, ms: probing ffmpeg takes half a second of CPU time. */
const PROBE_DELAY_MS = 5000;

/** ffmpeg at its gate, and the context that was determined for it. */
interface Prepared {
  readonly params: EncoderStartParams;
  readonly path: string;
  readonly context: EncodeContext;
  readonly ffmpeg: FfmpegProcess;
}

/** One run of ffmpeg, from `encoder/prepare` or `encoder/start` to `encoder/exited`. */
export class EncoderRun implements Disposable {
  private readonly cache: DiskCache;
  private readonly inspector: MediaInspector;
  private readonly log: LogForwarder;
  private readonly abort = new AbortController();
  private prepared: Promise<Prepared> | undefined;
  private started = false;
  private stopping = false;
  private silent = false;
  /** Whether a frame has been encoded. */
  private delivered = false;
  private ffmpeg: FfmpegProcess | undefined;
  private watchdog: StartupWatchdog | undefined;
  private probe: NodeJS.Timeout | undefined;
  private lastProgressMs = Number.NEGATIVE_INFINITY;

  /**
   * @param onLost called when ffmpeg has exited before it was started: this run cannot be used any more
   */
  constructor(
    private readonly connection: RpcConnection,
    private readonly onLost: () => void,
    private readonly options: EncoderOptions,
  ) {
    this.cache = new DiskCache(options.cacheFolder);
    this.inspector = new MediaInspector(this.cache);
    this.log = new LogForwarder(connection);
  }

  /** Performs the lookups of a start, so that the start finds files and packages in the caches. */
  lookAhead(): void {
    try {
      knownCapabilities(findFfmpeg(), this.cache);
      findClockFont();
    } catch {
      // The start will report the error.
    }
  }

  /**
   * Starts ffmpeg, which waits at its gate.
   *
   * @throws BulkheadError if ffmpeg, the input or the settings cannot work; then nothing is running
   */
  async prepare(params: EncoderStartParams): Promise<void> {
    this.prepared ??= this.spawn(params);
    try {
      await this.prepared;
    } catch (error) {
      // It may work when it is started: the failure is not kept.
      if (!this.started) this.prepared = undefined;
      throw error;
    }
  }

  /** @throws BulkheadError like {@link prepare} */
  async start(params: EncoderStartParams): Promise<EncoderStartResult> {
    if (this.started) throw misused('An encoder runs only once; this one was already started.');
    this.started = true;
    this.prepared ??= this.spawn(params);
    const { ffmpeg, path, context, params: preparedFor } = await this.prepared;
    if (!isDeepStrictEqual(params, preparedFor)) {
      throw misused('The encoder was prepared for other settings than it is started with.');
    }
    this.watchStart(ffmpeg);
    ffmpeg.open();
    if (context.capabilities === undefined) {
      this.probe = setTimeout(() => {
        probeCapabilities(path, { cache: this.cache, signal: this.abort.signal }).catch(() => {});
      }, PROBE_DELAY_MS);
    }
    return {
      ffmpegPid: ffmpeg.pid,
      ffmpegPath: path,
      ffmpegVersion: context.capabilities?.version ?? 'unknown',
    };
  }

  /** Resolves once ffmpeg has exited, immediately if there is none. */
  async stop(): Promise<void> {
    this.stopping = true;
    if (this.ffmpeg === undefined) this.abort.abort();
    else await this.ffmpeg.stop();
  }

  async command(params: EncoderCommandParams): Promise<number> {
    if (this.ffmpeg === undefined) {
      throw new BulkheadError(ErrorCodes.broadcastState, 'ffmpeg is not running yet.', {
        where: 'encoder',
      });
    }
    return this.ffmpeg.command(params);
  }

  dispose(): void {
    this.abort.abort();
    clearTimeout(this.probe);
    this.watchdog?.dispose();
    this.ffmpeg?.dispose();
  }

  private async spawn(params: EncoderStartParams): Promise<Prepared> {
    const { settings, ffmpegPath } = params;
    const path = findFfmpeg(ffmpegPath);
    const context = await this.findOut(settings, path);
    const args = ffmpegArguments(settings, context);
    const media = await connectMedia(params.media);
    if (this.abort.signal.aborted) {
      media.destroy();
      throw stopped();
    }
    const { ownProcessGroup = false } = this.options;
    const ffmpeg = new FfmpegProcess({ path, args, media, ownProcessGroup });
    this.ffmpeg = ffmpeg;
    this.watch(ffmpeg, settings, context);
    void ffmpeg.exited.then((exit) => this.end(exit, settings, path));
    return { params, path, context, ffmpeg };
  }

  private async findOut(settings: EncodeSettings, ffmpegPath: string): Promise<EncodeContext> {
    const { cache, inspector } = this;
    const { signal } = this.abort;
    try {
      const context = await prepareContext(settings, { ffmpegPath, cache, inspector, signal });
      signal.throwIfAborted();
      return context;
    } catch (error) {
      if (!signal.aborted) throw error;
      throw stopped();
    }
  }

  private watchStart(ffmpeg: FfmpegProcess): void {
    this.watchdog = new StartupWatchdog(this.options.startupMs ?? STARTUP_MS, () => {
      this.silent = true;
      ffmpeg.kill();
    });
  }

  private watch(ffmpeg: FfmpegProcess, { input }: EncodeSettings, { media }: EncodeContext): void {
    ffmpeg.onDidProgress((report) => {
      this.watchdog?.take(report);
      this.delivered ||= report.frames > 0;
      this.report(report);
    });
    const redact = inputRedactor(input);
    ffmpeg.onDidLog((line) => this.log.take(line, redact));
    if (input.type === 'url') this.learnStreams(ffmpeg, input, media);
  }

  /** ffmpeg describes every stream that it finds, including those that it was not asked to encode. */
  private learnStreams(ffmpeg: FfmpegProcess, input: InspectedInput, known: MediaInfo | undefined): void {
    const dump: string[] = [];
    const listener = ffmpeg.onDidLog(({ text }) => {
      dump.push(text);
      if (text !== END_OF_DUMP && dump.length < MAX_DUMP_LINES) return;
      listener.dispose();
      const seen = parseMediaInfo(dump, FIRST_REAL_INPUT);
      if (seen === undefined) return;
      const same =
        seen.hasAudio === known?.hasAudio &&
        seen.hasVideo === known.hasVideo &&
        isDeepStrictEqual(seen.frame, known.frame) &&
        isDeepStrictEqual(seen.sound, known.sound);
      if (!same) {
        this.inspector.learn(input, seen);
      }
    });
  }

  private report({ totalBytes: _, ...progress }: ProgressReport): void {
    const now = performance.now();
    if (progress.frames === 0 || now - this.lastProgressMs < PROGRESS_INTERVAL_MS) return;
    this.lastProgressMs = now;
    this.connection.sendNotification(EncoderProgressNotification.type, progress);
  }

  private end(exit: FfmpegExit, { input }: EncodeSettings, path: string): void {
    this.watchdog?.dispose();
    clearTimeout(this.probe);
    if (!this.started) {
      if (!this.stopping) this.onLost();
      return;
    }
    const playedOut = input.type === 'file' && !input.loop && exit.code === 0;
    const finished = this.stopping || playedOut;
    const error = finished ? undefined : this.explain(exit, input, path);
    if ((input.type === 'url' || input.type === 'file') && lostStream(exit.log)) this.inspector.forget(input);
    const exited: EncoderExited = {
      exitCode: exit.code,
      signal: exit.signal,
      finished,
      error: error?.toData(),
    };
    this.connection.sendNotification(EncoderExitedNotification.type, exited);
  }

  private explain(exit: FfmpegExit, input: EncodeSettings['input'], path: string): BulkheadError {
    if (!this.silent) return explainFfmpegExit({ ...exit, delivered: this.delivered }, input, path);
    return silentInput(input, this.options.startupMs ?? STARTUP_MS);
  }
}

function stopped(): BulkheadError {
  return new BulkheadError(ErrorCodes.broadcastState, 'The encoder was stopped before ffmpeg was started.', {
    where: 'encoder',
  });
}

function misused(message: string): BulkheadError {
  return new BulkheadError(ErrorCodes.internal, message, { where: 'encoder' });
}

/** Printed by ffmpeg after its descriptions of inputs and outputs. */
const END_OF_DUMP = 'Stream mapping:';
const MAX_DUMP_LINES = 500;

function lostStream(log: readonly FfmpegLogLine[]): boolean {
  return log.some(({ text }) => text.includes('matches no streams'));
}
