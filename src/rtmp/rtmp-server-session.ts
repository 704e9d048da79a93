import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { RateLimiter } from '../base/rate-limiter.js';
import { type Amf0Object, type Amf0Value, isAmf0Object, writeAmf0 } from '../media/amf0.js';
import { Capability, FourCcInfo } from './enhanced-rtmp.js';
import { ServerHandshake } from './handshake.js';
import { ChunkStream, MessageType, type RtmpMessage, streamBegin, uint32Message } from './messages.js';
import { type RtmpClosedError, type RtmpCommand, RtmpPeer, textOf } from './rtmp-peer.js';

/** Why a client's request is refused; the message is sent to the client. */
export class RtmpRefusal extends Error {
  override readonly name = 'RtmpRefusal';

  /** @param code such as `NetStream.Publish.BadName` */
  constructor(
    readonly code: string,
    description: string,
  ) {
    super(description);
  }
}

/** A client's request to publish or play a stream. */
export interface StreamRequest {
  readonly app: string;
  /** As the client gives it, a query included. It may be a key. Empty where a publisher gives none. */
  readonly name: string;
  /** The client's program (`flashVer`), not validated. */
  readonly program: string;
}

export type RtmpMediaKind = 'audio' | 'video' | 'metadata';

/** One piece of media for players. Immutable. */
export interface RtmpMedia {
  readonly kind: RtmpMediaKind;
  readonly timestampMs: number;
  /** As in {@link RtmpSink.take}. */
  readonly payload: Buffer;
}

/** Encoded media, by message stream: all sessions announce the same chunk size. */
const encodedMedia = new WeakMap<RtmpMedia, Map<number, Buffer>>();

/** Receives a published stream. */
export interface RtmpSink {
  /** `payload` is an FLV tag's body: for `metadata` the AMF0 from `onMetaData` on. */
  take(kind: RtmpMediaKind, timestampMs: number, payload: Buffer): void;
  /** The stream has ended. `orderly` is whether the client has ended it explicitly. Called once. */
  end(orderly: boolean): void;
}

/** Decides what clients may do. Errors other than {@link RtmpRefusal} count as failures of the server. */
export interface RtmpServerHandler {
  /** @throws {RtmpRefusal} for an application that does not exist */
  checkApp(app: string, session: RtmpServerSession): void;
  /** @throws {RtmpRefusal} */
  publish(request: StreamRequest, session: RtmpServerSession): RtmpSink | Promise<RtmpSink>;
  /**
   * Media may be sent with `send` after this has returned.
   * @returns a function that ends the playback, called when the client disconnects
   * @throws {RtmpRefusal}
   */
  play(request: StreamRequest, session: RtmpServerSession): { end(): void };
}

export interface RtmpServerLimits {
  /** How long a client may take to publish or play, ms. */
  readonly openMs: number;
  /** How much a client may send before that, bytes. */
  readonly openBytes: number;
  /** How much a player may send, bytes a second: acknowledgements and pings. */
  readonly playerBytesPerSecond: number;
  /** Maximum size of a publisher's message, bytes. */
  readonly maxMessageBytes: number;
}

const DEFAULT_LIMITS: RtmpServerLimits = {
  openMs: 10_000,
  openBytes: 256 * 1024,
  playerBytesPerSecond: 4096,
  maxMessageBytes: 8 * 1024 * 1024,
};

const WINDOW = 2_500_000;
/** The peer may choose the limit (section 5.4.5). */
const DYNAMIC_LIMIT = 2;
/** How long a client that is refused gets to read why, ms: some look only between two frames. */
const REFUSAL_MS = 1000;
const MAX_APP = 200;
const MAX_NAME = 1000;
const MAX_STREAMS = 8;
const VIDEO_CODECS = ['av01', 'avc1', 'hvc1', 'vp09'] as const;
const ON_META_DATA = writeAmf0('onMetaData');
const SET_DATA_FRAME = writeAmf0('@setDataFrame');
const CHUNK_STREAMS = {
  audio: ChunkStream.audio,
  video: ChunkStream.video,
  metadata: ChunkStream.data,
} as const;
const TYPES = { audio: MessageType.audio, video: MessageType.video, metadata: MessageType.dataAmf0 } as const;

type State = 'open' | 'connected' | 'asking' | 'publishing' | 'playing' | 'over';

/** The server side of one RTMP connection: one client, which publishes or plays one stream. */
export class RtmpServerSession extends RtmpPeer {
  private readonly limits: RtmpServerLimits;
  private state: State = 'open';
  private app = '';
  private program = '';
  private streams = 0;
  /** Message stream of the publisher or player. */
  private streamId = 0;
  private openBytes = 0;
  private readonly playerBytes: RateLimiter;
  private sink: RtmpSink | undefined;
  private playback: { end(): void } | undefined;
  private deadline: NodeJS.Timeout | undefined;

  constructor(
    socket: Duplex,
    private readonly handler: RtmpServerHandler,
    limits: Partial<RtmpServerLimits> = {},
  ) {
    super(socket, { handshake: new ServerHandshake() });
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    const { openBytes, playerBytesPerSecond } = this.limits;
    this.playerBytes = new RateLimiter({ burst: openBytes, perSecond: playerBytesPerSecond });
    this.deadline = setTimeout(() => socket.destroy(), this.limits.openMs);
    socket.on('data', (bytes: Buffer) => this.onData(bytes));
  }

  /** The client's address, if the connection has one. */
  get peerAddress(): string {
    return (this.socket as Partial<Socket>).remoteAddress ?? '';
  }

  /** Whether it neither publishes nor plays yet. */
  get isOpening(): boolean {
    return this.state === 'open' || this.state === 'connected' || this.state === 'asking';
  }

  /** Sends a player one piece of media. All players share its bytes: slow readers use no additional memory. */
  send(media: RtmpMedia): void {
    const { kind, timestampMs, payload } = media;
    const ofStreams = encodedMedia.get(media) ?? new Map<number, Buffer>();
    encodedMedia.set(media, ofStreams);
    const bytes =
      ofStreams.get(this.streamId) ??
      this.encode(CHUNK_STREAMS[kind], {
        type: TYPES[kind],
        streamId: this.streamId,
        timestamp: timestampMs >>> 0,
        payload,
      });
    ofStreams.set(this.streamId, bytes);
    this.writeEncoded(bytes);
  }

  /** Sends the client the reason for the refusal, and closes. */
  refuse({ code, message }: RtmpRefusal): void {
    if (this.state === 'over') return;
    this.status('error', code, message);
    this.leave();
  }

  /** Sends a player the end of the stream, and closes. */
  endPlayback(): void {
    if (this.state !== 'playing') return;
    this.status('status', 'NetStream.Play.UnpublishNotify', 'The broadcast has ended.');
    this.leave();
  }

  protected override onHandshake(): void {}

  protected override onMessage({ type, streamId, timestamp, payload }: RtmpMessage): void {
    const { sink } = this;
    if (sink === undefined || this.state !== 'publishing' || streamId !== this.streamId) return;
    switch (type) {
      case MessageType.audio:
        sink.take('audio', timestamp, payload);
        break;
      case MessageType.video:
        sink.take('video', timestamp, payload);
        break;
      case MessageType.dataAmf0:
        this.takeData(sink, timestamp, payload);
        break;
      case MessageType.dataAmf3:
        this.takeData(sink, timestamp, payload.subarray(1));
        break;
    }
  }

  protected override onCommand(command: RtmpCommand): void {
    if (this.state === 'over') return;
    switch (command.name) {
      case 'connect':
        this.connect(command);
        break;
      case 'createStream':
        this.createStream(command);
        break;
      case 'publish':
        void this.publish(command);
        break;
      case 'play':
        this.play(command);
        break;
      case 'getStreamLength':
        this.reply(command, null, 0);
        break;
      case 'releaseStream':
      case 'FCPublish':
      case '_checkbw':
        this.reply(command, null);
        break;
      case 'FCUnpublish':
      case 'deleteStream':
      case 'closeStream':
        this.endStream(true);
        break;
      default:
        // Answers, and commands of some servers only: nothing waits for them.
        break;
    }
  }

  protected override onClosed(_error: RtmpClosedError): void {
    clearTimeout(this.deadline);
    this.endStream(false);
    this.state = 'over';
  }

  private onData(bytes: Buffer): void {
    // What a client still sends that is refused is dropped: closed upon it, it would see a broken connection, not the reason.
    if (this.state === 'over') return;
    if (this.mayTake(bytes.length)) this.push(bytes);
    else this.socket.destroy();
  }

  private mayTake(bytes: number): boolean {
    if (this.state === 'publishing') return true;
    if (this.state === 'playing') return this.playerBytes.take(bytes);
    this.openBytes += bytes;
    return this.openBytes <= this.limits.openBytes;
  }

  private connect(command: RtmpCommand): void {
    if (this.state !== 'open') return;
    const wanted = command.args.find(isAmf0Object);
    const app = textOf(wanted, 'app').replace(/\?.*$/s, '').replace(/\/+$/, '');
    try {
      if (app.length > MAX_APP) throw new RtmpRefusal(INVALID_APP, 'The application has too long a name.');
      this.handler.checkApp(app, this);
    } catch (error) {
      const { code, message } = refusalOf(error, INVALID_APP);
      this.answerCommand('_error', command, null, { level: 'error', code, description: message });
      this.leave();
      return;
    }
    this.state = 'connected';
    this.app = app;
    this.program = textOf(wanted, 'flashVer');
    this.write(ChunkStream.control, uint32Message(MessageType.windowAcknowledgementSize, WINDOW));
    this.write(ChunkStream.control, peerBandwidth(WINDOW));
    this.announceChunkSize();
    this.reply(
      command,
      {
        fmsVer: 'FMS/3,5,7,7009',
        capabilities: 31,
        fourCcList: VIDEO_CODECS,
        videoFourCcInfoMap: Object.fromEntries(VIDEO_CODECS.map((codec) => [codec, FourCcInfo.canForward])),
        capsEx: Capability.multitrack,
      },
      {
        level: 'status',
        code: 'NetConnection.Connect.Success',
        description: 'Connection succeeded.',
        objectEncoding: 0,
      },
    );
  }

  private createStream(command: RtmpCommand): void {
    if (this.state === 'open') return;
    if (this.streams >= MAX_STREAMS) {
      this.socket.destroy();
      return;
    }
    this.streams += 1;
    this.reply(command, null, this.streams);
  }

  private async publish({ args, streamId }: RtmpCommand): Promise<void> {
    if (!this.mayOpen(streamId)) return;
    this.streamId = streamId;
    try {
      const request = this.request(args, 'NetStream.Publish.BadName', 0);
      this.state = 'asking';
      const sink = await this.handler.publish(request, this);
      // The client has disconnected in the meantime.
      if (this.closeReason !== undefined || this.state !== 'asking') {
        sink.end(false);
        return;
      }
      this.sink = sink;
    } catch (error) {
      this.refuse(refusalOf(error, 'NetStream.Publish.Failed'));
      return;
    }
    this.begin('publishing');
    this.chunkReader.maxMessageBytes = this.limits.maxMessageBytes;
    this.status('status', 'NetStream.Publish.Start', 'The stream is being published.');
  }

  private play({ args, streamId }: RtmpCommand): void {
    if (!this.mayOpen(streamId)) return;
    this.streamId = streamId;
    let playback: { end(): void };
    try {
      const request = this.request(args, 'NetStream.Play.StreamNotFound', 1);
      this.begin('playing');
      this.status('status', 'NetStream.Play.Reset', 'Playing and resetting.');
      this.status('status', 'NetStream.Play.Start', 'Playing.');
      playback = this.handler.play(request, this);
    } catch (error) {
      this.refuse(refusalOf(error, 'NetStream.Play.Failed'));
      return;
    }
    this.playback = playback;
  }

  /** Whether the message stream was created by the client, and nothing is published or played yet. */
  private mayOpen(streamId: number): boolean {
    if (this.state !== 'connected') return false;
    if (streamId >= 1 && streamId <= this.streams) return true;
    this.socket.destroy();
    return false;
  }

  private begin(state: 'publishing' | 'playing'): void {
    clearTimeout(this.deadline);
    this.state = state;
    this.write(ChunkStream.control, streamBegin(this.streamId));
  }

  private request([, name]: readonly Amf0Value[], code: string, minLength: number): StreamRequest {
    if (typeof name !== 'string' || name.length < minLength || name.length > MAX_NAME) {
      throw new RtmpRefusal(code, 'The stream has no name, or too long a one.');
    }
    const { app, program } = this;
    return { app, name, program };
  }

  /** Publishers send it with `@setDataFrame`, some without. */
  private takeData(sink: RtmpSink, timestamp: number, payload: Buffer): void {
    const isSet = payload.subarray(0, SET_DATA_FRAME.length).equals(SET_DATA_FRAME);
    const data = isSet ? payload.subarray(SET_DATA_FRAME.length) : payload;
    if (data.subarray(0, ON_META_DATA.length).equals(ON_META_DATA)) sink.take('metadata', timestamp, data);
  }

  private endStream(orderly: boolean): void {
    const { sink, playback } = this;
    this.sink = undefined;
    this.playback = undefined;
    if (sink === undefined && playback === undefined) return;
    sink?.end(orderly);
    playback?.end();
    // One connection has one stream.
    if (orderly) this.leave();
  }

  private reply(command: RtmpCommand, ...values: Amf0Value[]): void {
    this.answerCommand('_result', command, ...values);
  }

  private answerCommand(
    name: '_result' | '_error',
    { transaction }: RtmpCommand,
    ...values: Amf0Value[]
  ): void {
    if (transaction === 0) return;
    if (!this.mayAnswer()) this.socket.destroy();
    else this.command(0, name, transaction, ...values);
  }

  private status(level: 'status' | 'error', code: string, description: string): void {
    const info: Amf0Object = { level, code, description };
    this.command(this.streamId, 'onStatus', 0, null, info);
  }

  /** Closes once written data has been accepted. */
  private leave(): void {
    clearTimeout(this.deadline);
    this.endStream(false);
    this.state = 'over';
    // Data written in this turn is passed to the socket at its end.
    setImmediate(() => this.end());
    this.deadline = setTimeout(() => this.socket.destroy(), REFUSAL_MS);
  }
}

const INVALID_APP = 'NetConnection.Connect.InvalidApp';

function refusalOf(error: unknown, code: string): RtmpRefusal {
  // Details of other errors are not sent to the client.
  return error instanceof RtmpRefusal ? error : new RtmpRefusal(code, 'The server has failed.');
}

function peerBandwidth(window: number): RtmpMessage {
  const payload = Buffer.alloc(5);
  payload.writeUInt32BE(window);
  payload[4] = DYNAMIC_LIMIT;
  return { type: MessageType.setPeerBandwidth, streamId: 0, timestamp: 0, payload };
}
