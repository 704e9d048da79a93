import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { withDeadline } from '../../../base/with-deadline.js';
import { type Amf0Value, writeAmf0 } from '../../../media/amf0.js';
import type { StreamTagKind } from '../../../media/stream-tag.js';
import { videoCodecOf } from '../../../media/video-payload.js';
import type { BulkheadError } from '../../../protocol/errors.js';
import { answerChallenge } from '../../../rtmp/auth.js';
import { Capability, FourCcInfo } from '../../../rtmp/enhanced-rtmp.js';
import { ChunkStream, MessageType, RtmpProtocolError } from '../../../rtmp/messages.js';
import {
  type RtmpClosedError,
  RtmpCommandError,
  RtmpConnection,
  type StatusInfo,
} from '../../../rtmp/rtmp-connection.js';
import type { MediaSession, MediaSessionHooks, ReconnectRequest, SendProgress } from '../media-session.js';
import { answers } from './ask-server.js';
import { openSocket } from './open-socket.js';
import type { Refusals, SessionStage } from './refusals.js';
import type { RtmpTarget } from './rtmp-target.js';
import { ServerCodecs } from './server-codecs.js';

const FLASH_VERSION = 'FMLE/3.0 (compatible; FMSc/1.0)';
const VIDEO_CODECS = ['av01', 'hvc1', 'vp09'] as const;

const RECONNECT_REQUEST = 'NetConnection.Connect.ReconnectRequest';
const CALL = 'NetConnection.Call.';
const PUBLISH_START = 'NetStream.Publish.Start';
/** Some servers send refusals with the level "status". */
const REFUSING = /\.(BadName|Denied|Rejected|Failed|InvalidApp|Unauthorized|AppShutdown)$/;

const SET_DATA_FRAME = writeAmf0('@setDataFrame');
const AUDIO = { type: MessageType.audio, chunkStream: ChunkStream.audio, prefix: undefined };
const VIDEO = { type: MessageType.video, chunkStream: ChunkStream.video, prefix: undefined };
const DATA = { type: MessageType.dataAmf0, chunkStream: ChunkStream.data, prefix: SET_DATA_FRAME };
const CARRIER = {
  metadata: DATA,
  'video-header': VIDEO,
  'audio-header': AUDIO,
  keyframe: VIDEO,
  interframe: VIDEO,
  disposable: VIDEO,
  audio: AUDIO,
  'extra-video-header': VIDEO,
  'extra-audio-header': AUDIO,
  'extra-keyframe': VIDEO,
  'extra-interframe': VIDEO,
  'extra-audio': AUDIO,
} as const satisfies Record<StreamTagKind, unknown>;

/** Connects to the target's host. */
export type OpenSocket = (target: RtmpTarget, signal: AbortSignal) => Promise<Duplex>;

interface SessionOptions {
  readonly target: RtmpTarget;
  readonly refusals: Refusals;
  readonly signal: AbortSignal;
  readonly connect: OpenSocket;
  readonly onStage?: (stage: SessionStage) => void;
}

/** One publish on one connection, from the handshake to its end. */
export class RtmpSession implements MediaSession {
  readonly ended: Promise<BulkheadError>;
  reconnectRequest: ReconnectRequest | undefined;
  hooks: MediaSessionHooks | undefined;

  private readonly connection: RtmpConnection;
  /** The address behind the name, if it is a connection of the network. */
  private readonly serverAddress: string | undefined;
  private stage: SessionStage = 'handshake';
  private streamId = 0;
  private codecs: ServerCodecs | undefined;
  private accepted: { resolve(): void; reject(error: Error): void } | undefined;
  private end: (reason: BulkheadError) => void = () => {};
  private idle: (() => void) | undefined;

  /**
   * Connects and publishes; logs in if the server asks for it. @throws {BulkheadError} with the reason of a failure
   */
  static open(
    target: RtmpTarget,
    refusals: Refusals,
    signal: AbortSignal,
    connect: OpenSocket = openSocket,
  ): Promise<RtmpSession> {
    return RtmpSession.begin({ target, refusals, signal, connect }, (session) => session.publish());
  }

  /**
   * Connects as `open` does, up to the application, and publishes nothing: whether the key is right remains open.
   *
   * @param onStage called as each further stage begins; `createStream` is the one that is not begun
   */
  static greet(
    target: RtmpTarget,
    refusals: Refusals,
    signal: AbortSignal,
    connect: OpenSocket,
    onStage: (stage: SessionStage) => void,
  ): Promise<RtmpSession> {
    return RtmpSession.begin({ target, refusals, signal, connect, onStage }, async () => {});
  }

  private static async begin(
    { target, refusals, signal, connect, onStage }: SessionOptions,
    publish: (session: RtmpSession) => Promise<void>,
  ): Promise<RtmpSession> {
    let login = '';
    for (;;) {
      const socket = await connect(target, signal).catch((error) => {
        throw refusals.from(error, 'connecting');
      });
      const session = new RtmpSession(socket, target, refusals);
      const onAbort = () => session.connection.fail(signal.reason);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      try {
        onStage?.('handshake');
        await session.connect(login, onStage);
        onStage?.('createStream');
        await publish(session);
        return session;
      } catch (error) {
        session.dispose();
        login = session.answer(error, login);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    }
  }

  private constructor(
    socket: Duplex,
    private readonly target: RtmpTarget,
    private readonly refusals: Refusals,
  ) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.serverAddress = (socket as Partial<Socket>).remoteAddress;
    this.connection = new RtmpConnection(socket, {
      onStatus: (info) => this.onStatus(info),
      onClosed: (error) => this.onClosed(error),
      onFlush: () => this.hooks?.onFlush(),
      onDrain: () => {
        if (this.connection.writer.idle) this.idle?.();
        this.hooks?.onDrain();
      },
    });
  }

  get progress(): SendProgress {
    return this.connection;
  }

  get acknowledged(): boolean {
    return this.connection.acks.any;
  }

  stalledMs(now: number): number {
    return this.connection.stalledMs(now);
  }

  get ackDelayMs(): number | undefined {
    return this.connection.ackDelay.ms;
  }

  silentMs(now: number): number {
    return this.connection.acks.overdueMs(this.progress.bytesTaken, now);
  }

  send(kind: StreamTagKind, timestamp: number, payload: Buffer): void {
    if (kind === 'video-header') this.checkCodec(payload);
    const { type, chunkStream, prefix } = CARRIER[kind];
    this.connection.sendMedia(chunkStream, { type, streamId: this.streamId, timestamp, payload }, prefix);
  }

  get receivedBytes(): number | undefined {
    return this.connection.acks.receivedBytes;
  }

  async askServer(): Promise<boolean> {
    return this.serverAddress !== undefined && answers(this.target, this.serverAddress);
  }

  fail(reason: BulkheadError): void {
    this.connection.reset(reason);
  }

  async endStream(deadlineMs: number): Promise<void> {
    this.connection.send(0, 'FCUnpublish', null, this.target.streamKey);
    this.connection.send(0, 'deleteStream', null, this.streamId);
    await this.close(deadlineMs);
  }

  async close(deadlineMs: number): Promise<void> {
    const until = performance.now() + deadlineMs;
    const written = new Promise<void>((resolve) => {
      this.idle = resolve;
      if (this.connection.writer.idle) resolve();
    });
    await withDeadline(Promise.race([written, this.ended]), deadlineMs, () => {});
    this.connection.end();
    await withDeadline(this.ended, until - performance.now(), () => {});
    this.connection.dispose();
  }

  dispose(): void {
    this.connection.dispose();
  }

  private async connect(login: string, onStage?: SessionOptions['onStage']): Promise<void> {
    const { connection, target } = this;
    await connection.handshake();
    this.stage = 'connect';
    onStage?.('connect');
    const answer = await connection.call('connect', {
      app: target.app + login,
      type: 'nonprivate',
      flashVer: FLASH_VERSION,
      tcUrl: target.tcUrl + login,
      fourCcList: VIDEO_CODECS,
      videoFourCcInfoMap: Object.fromEntries(VIDEO_CODECS.map((codec) => [codec, FourCcInfo.canEncode])),
      capsEx: Capability.reconnect | (target.multitrack ? Capability.multitrack : 0),
    });
    this.codecs = new ServerCodecs(answer, target.codecs);
    connection.requestAcknowledgements();
  }

  /** What a server does not take, it may forward to viewers who cannot play it, or end without a reason. */
  private checkCodec(header: Buffer): void {
    const codec = videoCodecOf(header);
    if (codec !== undefined && this.codecs?.takes(codec) === false) {
      this.connection.fail(this.refusals.codec(codec));
    }
  }

  private async publish(): Promise<void> {
    const { connection } = this;
    const { streamKey } = this.target;
    // Some servers require these two, others answer them with an error; their answers are ignored.
    connection.send(0, 'releaseStream', null, streamKey);
    connection.send(0, 'FCPublish', null, streamKey);
    this.stage = 'createStream';
    const [, streamId] = await connection.call('createStream', null);
    this.streamId = streamIdOf(streamId);
    this.stage = 'publish';
    await new Promise<void>((resolve, reject) => {
      if (connection.closeReason !== undefined) throw connection.closeReason;
      this.accepted = { resolve, reject };
      connection.send(this.streamId, 'publish', null, streamKey, 'live');
    });
    this.stage = 'live';
  }

  /** What to append to the app in the next attempt. @throws {BulkheadError} if another attempt would not help */
  private answer(error: unknown, sent: string): string {
    const { username, password, app } = this.target;
    if (error instanceof RtmpCommandError && this.stage === 'connect') {
      const credentials =
        username === undefined || password === undefined ? undefined : { username, password };
      const answer = answerChallenge(error.info.description, credentials, app, sent);
      if (answer.kind === 'retry') return answer.query;
      if (answer.kind === 'failed') throw this.refusals.authFailed(this.refusals.reasonOf(error.info));
    }
    throw this.refusals.from(error, this.stage);
  }

  private onStatus(info: StatusInfo): void {
    if (info.code === RECONNECT_REQUEST) {
      this.reconnectRequest = { tcUrl: info.tcUrl, atMs: performance.now() };
    } else if (info.code.startsWith(CALL)) {
      // Some servers answer releaseStream and FCPublish like this too.
    } else if (info.level === 'error' || REFUSING.test(info.code)) {
      this.connection.fail(this.refusals.status(info, this.stage));
    } else if (info.code === PUBLISH_START) {
      this.accepted?.resolve();
    }
  }

  private onClosed(error: RtmpClosedError): void {
    this.accepted?.reject(error);
    this.end(this.refusals.from(error, this.stage));
  }
}

/** The message stream that createStream returned; for servers that return none it is the first. */
function streamIdOf(value: Amf0Value): number {
  if (typeof value !== 'number') return 1;
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new RtmpProtocolError(`a message stream with the number ${value}`);
  }
  return value;
}
