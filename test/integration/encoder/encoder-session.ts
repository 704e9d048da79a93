import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Duplex, PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter } from '../../../src/base/event.js';
import type { EncodeSettings } from '../../../src/config/encode-settings.js';
import { encodeSettingsOf } from '../../../src/config/ingests.js';
import { type BroadcastConfigInput, BroadcastConfigSchema } from '../../../src/config/schema.js';
import { MediaListener } from '../../../src/core/media-sockets/media-listener.js';
import { EncoderPart } from '../../../src/encoder/encoder-part.js';
import type { EncoderOptions } from '../../../src/encoder/encoder-run.js';
import { FlvDemuxer } from '../../../src/media/flv-demuxer.js';
import { servePart } from '../../../src/process-host/serve-part.js';
import {
  type EncoderExited,
  EncoderExitedNotification,
  EncoderPrepareRequest,
  EncoderProblemNotification,
  type EncoderProcesses,
  type EncoderProgress,
  EncoderProgressNotification,
  EncoderSourcesNotification,
  type EncoderStartParams,
  EncoderStartRequest,
  type EncoderStartResult,
  type SourceStatus,
} from '../../../src/protocol/encoder.js';
import type { ErrorData } from '../../../src/protocol/errors.js';
import { InitializeRequest, PartLogNotification, PROTOCOL_VERSION } from '../../../src/protocol/lifecycle.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { tempDir } from '../../support/temp.js';

/** Small and cheap to encode: the tests do not check the image quality. */
const SMALL = {
  width: 320,
  height: 180,
  preset: 'ultrafast',
  keyframeIntervalSeconds: 1,
  bitrateKbps: 400,
} as const;

/** Settings like those of a configuration, small unless `video` overrides that. */
export function encodeSettings({
  input,
  video,
  audio,
}: Omit<BroadcastConfigInput, 'outputs'>): EncodeSettings {
  const config = BroadcastConfigSchema.parse({ input, video: { ...SMALL, ...video }, audio });
  return encodeSettingsOf(config);
}

const NO_LOG = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Those that have been started: the encoders in reserve follow when the first frame is there. */
export function startedOf(processes: EncoderProcesses): number[] {
  return Object.values(processes).filter((pid) => pid > 0);
}

/** The core's end of one encoder part. */
export class EncoderSession implements Disposable {
  readonly exited: Promise<EncoderExited>;
  readonly progress: EncoderProgress[] = [];
  readonly log: string[] = [];
  readonly problems: ErrorData[] = [];
  /** As last reported. */
  source: SourceStatus | undefined;
  /** Resolves when the media has ended and has been written to `mediaFile`. */
  readonly recorded: Promise<void>;
  private readonly demuxer = new FlvDemuxer(({ kind, timestampMs, payload }) => {
    // Headers come before the first frame, with other timestamps.
    if (kind !== 'video' || payload[1] === 0) return;
    this.firstFrameMs ??= timestampMs;
    this.lastFrameMs = timestampMs;
  });
  /** Timestamps of the first and the last frame, ms. */
  private firstFrameMs: number | undefined;
  private lastFrameMs = 0;
  private readonly playedEmitter = new Emitter<void>();
  private readonly folder = tempDir('media');
  private readonly listener = new MediaListener({ address: join(this.folder.path, 'core.sock') }, NO_LOG);
  private readonly socket = this.listener.open();

  private constructor(
    readonly connection: RpcConnection,
    private readonly part: Disposable,
    mediaFile: string | undefined,
  ) {
    const media = new PassThrough();
    this.socket.read(
      (chunk) => media.write(chunk),
      () => media.end(),
    );
    connection.onNotification(EncoderProgressNotification.type, (report) => this.progress.push(report));
    connection.onNotification(EncoderSourcesNotification.type, ({ sources: [source] }) => {
      this.source = source;
    });
    connection.onNotification(EncoderProblemNotification.type, (problem) => this.problems.push(problem));
    connection.onNotification(PartLogNotification.type, ({ message }) => this.log.push(message));
    this.exited = new Promise((resolve) => {
      connection.onNotification(EncoderExitedNotification.type, resolve);
    });
    media.on('data', (chunk: Buffer) => {
      this.demuxer.push(chunk);
      this.playedEmitter.fire();
    });
    const file =
      mediaFile === undefined
        ? media
        : media.pipe(createWriteStream(mediaFile, { fd: openSync(mediaFile, 'w') }));
    this.recorded = new Promise((resolve) => {
      file.once('close', () => resolve());
    });
    connection.listen();
  }

  /** A part inside this process. Its media is also written to `mediaFile`. */
  static inProcess(options: EncoderOptions, mediaFile?: string): EncoderSession {
    const [near, far] = createInMemoryPair();
    const part = servePart(new EncoderPart({ ownProcessGroup: true, ...options }), {
      control: far,
      pid: process.pid,
      exit: () => {},
    });
    return new EncoderSession(new RpcConnection(near, { peer: 'encoder' }), part, mediaFile);
  }

  /** A part in a separate process, leader of its process group, as launched by the core. */
  static async asProcess(mediaFile?: string): Promise<{ session: EncoderSession; child: ChildProcess }> {
    const script = join(fileURLToPath(import.meta.url), '../../../../src/encoder/main.js');
    const child = spawn(process.execPath, [script], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      detached: true,
    });
    const control = child.stdio[3];
    control?.on('error', () => {});
    const part = {
      dispose: () => {
        if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
      },
    };
    const session = new EncoderSession(
      new RpcConnection(control as Duplex, { peer: 'encoder' }),
      part,
      mediaFile,
    );
    await session.connection.sendRequest(InitializeRequest.type, {
      protocolVersion: PROTOCOL_VERSION,
      role: 'encoder',
      parentPid: process.pid,
      logLevel: 'info',
    });
    return { session, child };
  }

  /** Slots that were left out on purpose, on a computer that was too slow. */
  get skippedSlots(): number {
    return this.progress.at(-1)?.skippedSlots ?? 0;
  }

  /** How much media has arrived, ms. */
  get playedMs(): number {
    return this.lastFrameMs - (this.firstFrameMs ?? this.lastFrameMs);
  }

  /** Closes the media connection, as a core does that has no use for it. */
  loseMedia(): void {
    this.socket.retire();
  }

  /** From now on connecting is not possible. */
  async stopListening(): Promise<void> {
    await this.socket.address;
    this.listener.dispose();
  }

  async prepare(settings: EncodeSettings): Promise<null> {
    const params: EncoderStartParams = { settings, media: await this.socket.address };
    return this.connection.sendRequest(EncoderPrepareRequest.type, params, { deadlineMs: 20_000 });
  }

  async start(settings: EncodeSettings, ffmpegPath?: string): Promise<EncoderStartResult> {
    const media = await this.socket.address;
    const params = { settings, media, ...(ffmpegPath === undefined ? {} : { ffmpegPath }) };
    return this.connection.sendRequest(EncoderStartRequest.type, params, { deadlineMs: 20_000 });
  }

  /** Resolves when this many seconds of media have arrived, or the media has ended. */
  async hasPlayed(seconds: number): Promise<void> {
    const played = new Promise<void>((resolve) => {
      const listener = this.playedEmitter.event(() => {
        if (this.playedMs < seconds * 1000) return;
        listener.dispose();
        resolve();
      });
    });
    await Promise.race([played, this.recorded]);
  }

  dispose(): void {
    this.part.dispose();
    this.connection.dispose();
    this.socket.retire();
    this.listener.dispose();
    this.folder.dispose();
  }
}
