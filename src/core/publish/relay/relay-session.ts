import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { withDeadline } from '../../../base/with-deadline.js';
import * as z from '../../../base/zod.js';
import { flvTagParts } from '../../../media/flv-writer.js';
import { carrierOf, type StreamTag, type StreamTagKind } from '../../../media/stream-tag.js';
import { videoCodecOf } from '../../../media/video-payload.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../../../protocol/errors.js';
import {
  PLAYLIST,
  RelayEndedNotification,
  RelayFinishNotification,
  RelayOpenedNotification,
  RelayProgressNotification,
  type RelaySecrets,
  RelayStartRequest,
  type RelayTarget,
  relaySecretsLine,
} from '../../../protocol/relay.js';
import { CheckedChannel } from '../../../rpc/checked-channel.js';
import { SocketWriter } from '../../../rtmp/socket-writer.js';
import type { PartLauncher } from '../../processes/part-launcher.js';
import { PartRun } from '../../processes/part-run.js';
import { supervisionLimits } from '../../processes/supervision-limits.js';
import type { MediaSession, MediaSessionHooks, ReconnectRequest, SendProgress } from '../media-session.js';
import { FinishedSegments } from './finished-segments.js';

/**
 * What all timestamps are moved by, ms. The frames before, by which ffmpeg gets to know the tracks, have the time 0, and
 * are left out by it: see `relayArguments`.
 */
const OFFSET_MS = 1000;
/** FLV's timestamps have 32 bits. */
const WRAP_MS = 2 ** 32;
/** Deadline for a relay to start its ffmpeg, ms. */
const START_MS = 10_000;
/** Deadline for looking at what a relay has finished, ms. */
const LOOK_MS = 1000;
/** Deadline for a relay's process to exit, ms. */
const EXIT_MS = 500;

const Text = z.string().max(10_000);
const EndedSchema = z.object({
  error: z
    .object({
      code: z.enum(Object.values(ErrorCodes) as [ErrorCode, ...ErrorCode[]]),
      message: Text,
      where: Text.optional(),
      remedy: Text.optional(),
    })
    .optional(),
});

export interface RelaySessionOptions {
  readonly launcher: PartLauncher;
  readonly logLevel: string;
  readonly log: (level: 'trace' | 'debug' | 'info' | 'warn' | 'error', message: string, pid: number) => void;
  readonly target: RelayTarget;
  readonly secrets: RelaySecrets;
  readonly ffmpegPath: string | undefined;
}

/** One relay process with its ffmpeg: a session with whatever it sends to. It ends with the process. */
export class RelaySession implements MediaSession {
  readonly ended: Promise<BulkheadError>;
  hooks: MediaSessionHooks | undefined;
  reconnectRequest: ReconnectRequest | undefined;
  acknowledged = false;
  ackDelayMs: number | undefined;
  private readonly run: PartRun;
  private readonly opened: Promise<void>;
  private resolveEnded: (reason: BulkheadError) => void = () => {};
  private isOver = false;
  /** Of HLS. */
  private readonly segments: FinishedSegments | undefined;
  private media: Duplex | undefined;
  private writer: SocketWriter | undefined;
  private idle: (() => void) | undefined;
  /** What it has been given to know the tracks by. */
  private readonly headers = new Map<StreamTagKind, Buffer>();
  /** Bytes and time of the latest progress. */
  private progressed = { bytes: 0, atMs: performance.now() };
  private round: number | undefined;
  private closing = false;

  /**
   * Launches a relay, and waits until it has connected.
   *
   * @param start the stream's metadata, headers and a keyframe
   * @throws {BulkheadError} with the reason of a failure
   */
  static async open(
    options: RelaySessionOptions,
    start: readonly StreamTag[],
    signal: AbortSignal,
  ): Promise<RelaySession> {
    const session = new RelaySession(options);
    const aborted = new Promise<never>((_, reject) => {
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
    const lost = session.ended.then((reason) => Promise.reject(reason));
    try {
      await Promise.race([session.connect(options, start), lost, aborted]);
      return session;
    } catch (error) {
      session.dispose();
      throw error;
    } finally {
      lost.catch(() => {});
      aborted.catch(() => {});
    }
  }

  private constructor({ launcher, logLevel, log, target }: RelaySessionOptions) {
    this.segments = 'folder' in target ? new FinishedSegments(join(target.folder, PLAYLIST)) : undefined;
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
    let open = () => {};
    this.opened = new Promise((resolve) => {
      open = resolve;
    });
    this.run = new PartRun({
      launcher,
      logLevel,
      limits: supervisionLimits('relay'),
      configure: (connection) => {
        const channel = new CheckedChannel(connection, 'relay');
        channel.receive(RelayOpenedNotification.type, z.object({}), () => open());
        channel.receive(
          RelayProgressNotification.type,
          z.object({ delivered: z.boolean(), roundTripMs: z.number().nonnegative().optional() }),
          ({ delivered, roundTripMs }) => {
            this.progressed = { bytes: this.progress.bytesTaken, atMs: performance.now() };
            this.acknowledged ||= delivered;
            this.ackDelayMs = roundTripMs ?? this.ackDelayMs;
            void this.segments?.look();
          },
        );
        channel.receive(RelayEndedNotification.type, EndedSchema, ({ error }) =>
          this.end(
            error === undefined
              ? new BulkheadError(ErrorCodes.processFailed, 'the relay ended before its stream')
              : BulkheadError.fromData(error),
          ),
        );
      },
    });
    this.run.onDidLog(({ level, message }) => log(level, message, this.run.pid));
    this.run.onDidEnd(({ reason }) =>
      this.end(reason ?? new BulkheadError(ErrorCodes.processFailed, 'the relay was ended')),
    );
  }

  /** What is in finished segments; of other protocols it is not known what has left the relay. */
  get receivedBytes(): number | undefined {
    return this.segments?.bytes;
  }

  /** ffmpeg puts sound and frames in the order of their times, before it decides on segments. */
  get receivedSoundMs(): number | undefined {
    return this.segments?.endMs;
  }

  get progress(): SendProgress {
    return this.writer ?? NOTHING_SENT;
  }

  stalledMs(now: number): number {
    return this.writer?.stalledMs(now) ?? 0;
  }

  silentMs(now: number): number {
    const { bytes, atMs } = this.progressed;
    return this.progress.bytesTaken > bytes ? now - atMs : 0;
  }

  send(kind: StreamTagKind, timestamp: number, payload: Buffer): void {
    // ffmpeg takes it for the beginning of subtitles.
    if (kind === 'metadata') return;
    const movedMs = timestamp + OFFSET_MS;
    // Another process begins with what has changed: this one cannot learn of it.
    this.round ??= Math.floor(movedMs / WRAP_MS);
    if (this.isNew(kind, payload) || Math.floor(movedMs / WRAP_MS) !== this.round) {
      this.reconnectRequest ??= { tcUrl: undefined, atMs: performance.now() };
      return;
    }
    if (kind === 'keyframe') this.segments?.keyframe(timestamp, this.progress.bytesWritten);
    this.write(kind, movedMs, payload);
  }

  fail(reason: BulkheadError): void {
    this.end(reason);
  }

  async endStream(deadlineMs: number): Promise<void> {
    if (!this.run.connection.closed) this.run.connection.sendNotification(RelayFinishNotification.type, {});
    await this.close(deadlineMs);
  }

  async close(deadlineMs: number): Promise<void> {
    const until = performance.now() + deadlineMs;
    this.closing = true;
    const written = new Promise<void>((resolve) => {
      this.idle = resolve;
      if (this.writer?.idle !== false) resolve();
    });
    await withDeadline(Promise.race([written, this.ended]), deadlineMs, () => {});
    // ffmpeg reads the rest, and then the end.
    this.media?.end();
    await withDeadline(this.ended, until - performance.now(), () => {});
    this.run.shutDown(EXIT_MS);
    await this.run.gone;
  }

  dispose(): void {
    this.run.kill();
  }

  /** Ends with the relay, and once it is known what that has finished. */
  private end(reason: BulkheadError): void {
    if (this.isOver) return;
    this.isOver = true;
    if (!this.closing) this.run.kill();
    if (this.segments === undefined || this.closing) this.resolveEnded(reason);
    else void this.lastLook(this.segments).then(() => this.resolveEnded(reason));
  }

  private async lastLook(segments: FinishedSegments): Promise<void> {
    await this.run.gone;
    // One that has begun before may have seen less.
    for (let times = 0; times < 2; times++) await withDeadline(segments.look(), LOOK_MS, () => {});
  }

  private async connect({ target, secrets, ffmpegPath }: RelaySessionOptions, start: readonly StreamTag[]) {
    await new Promise<void>((resolve) => this.run.onDidBecomeReady(resolve));
    const media = this.run.frames;
    if (media === undefined) throw new Error('a relay has no descriptor for media');
    this.media = media;
    await this.segments?.begin();
    media.write(relaySecretsLine(secrets));
    const header = start.find(({ kind }) => kind === 'video-header');
    const videoCodec = (header && videoCodecOf(header.payload)) ?? 'h264';
    await new CheckedChannel(this.run.connection, 'relay').ask(
      RelayStartRequest.type,
      { target, videoCodec, ...(ffmpegPath === undefined ? {} : { ffmpegPath }) },
      z.object({ ffmpegPid: z.int().nonnegative() }),
      { deadlineMs: START_MS },
    );
    this.writer = new SocketWriter(
      media,
      () => this.hooks?.onFlush(),
      () => {
        this.idle?.();
        this.hooks?.onDrain();
      },
    );
    this.writePreamble(start);
    await this.opened;
    this.progressed = { bytes: this.progress.bytesTaken, atMs: performance.now() };
  }

  /** What ffmpeg has to see before it connects: the headers, and the first frame of each track. */
  private writePreamble(start: readonly StreamTag[]): void {
    const hasAudio = start.some(({ kind }) => kind === 'audio');
    this.writer?.write(Buffer.from([0x46, 0x4c, 0x56, 1, hasAudio ? 0b101 : 0b001, 0, 0, 0, 9, 0, 0, 0, 0]));
    for (const kind of ['metadata', 'video-header', 'audio-header', 'keyframe', 'audio'] as const) {
      const first = start.find((tag) => tag.kind === kind);
      if (first === undefined) continue;
      this.headers.set(kind, first.payload);
      this.write(kind, 0, first.payload);
    }
  }

  /** Whether it is a header other than the one that ffmpeg knows. */
  private isNew(kind: StreamTagKind, payload: Buffer): boolean {
    if (kind !== 'video-header' && kind !== 'audio-header') return false;
    return this.headers.get(kind)?.equals(payload) !== true;
  }

  private write(kind: StreamTagKind, timestampMs: number, payload: Buffer): void {
    for (const part of flvTagParts(carrierOf(kind), timestampMs, payload)) this.writer?.write(part);
  }
}

const NOTHING_SENT: SendProgress = { busy: false, bytesTaken: 0, bytesWritten: 0 };
