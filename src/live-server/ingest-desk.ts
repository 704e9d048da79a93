import type { Socket } from 'node:net';
import type { Disposable } from 'vscode-jsonrpc';
import { printable } from '../base/printable.js';
import { RateLimiter } from '../base/rate-limiter.js';
import { connectMedia } from '../process-host/media-connection.js';
import { BulkheadError, ErrorCodes, type ErrorData } from '../protocol/errors.js';
import { IngestEndNotification, IngestOpenRequest, IngestRefusedNotification } from '../protocol/ingest.js';
import type { IngestSettings } from '../protocol/live-server.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import {
  RtmpRefusal,
  type RtmpServerSession,
  type RtmpSink,
  type StreamRequest,
} from '../rtmp/rtmp-server-session.js';
import { BitrateLimit } from './bitrate-limit.js';
import { IngestStream } from './ingest-stream.js';
import type { Viewer } from './live-stream.js';
import { isKey } from './stream-key.js';
import { TagBatches } from './tag-batches.js';

/** The application that others publish to. */
export const INGEST_APP = 'ingest';
const DENIED = 'NetStream.Publish.Denied';
const BAD_NAME = 'NetStream.Publish.BadName';
/** Maximum backlog to the core, bytes; exceeded only if the core hangs. */
const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;
const MAX_PROGRAM = 200;
const ENTER_KEY = 'Enter the stream key that Bulkhead shows.';

/** A publisher that has sent no media for this long no longer delivers, ms: it is frozen, or its connection is half open. */
const SILENT_MS = 2000;
/**
 * Publishers connect again by themselves. Two with one key would take the place from each other endlessly, so one that
 * delivers is replaced this often only.
 */
const TAKEOVERS = { burst: 3, perSecond: 1 / 60 };

/** What the desk needs of a publisher's connection. */
type PublishingSession = Pick<RtmpServerSession, 'peerAddress' | 'refuse' | 'dispose'>;

/** An accepted publisher. */
interface Publisher {
  readonly number: number;
  readonly ingest: string;
  readonly session: PublishingSession;
  readonly address: string;
  /** When it last sent media, `performance.now()`. */
  heardAtMs: number;
}

/**
 * Accepts publishers by their keys, and forwards their media to the core: one media connection each. What the encoder decodes can be
 * played here as well.
 */
export class IngestDesk implements Disposable {
  private readonly publishers = new Map<number, Publisher>();
  private readonly ending: Disposable;
  /** By the ingest's id. */
  private readonly takeovers: ReadonlyMap<string, RateLimiter>;
  /** Of the ingests that are decoded, by id. */
  private readonly streams: ReadonlyMap<string, IngestStream>;
  private last = 0;

  constructor(
    private readonly connection: RpcConnection,
    private readonly ingests: readonly IngestSettings[],
  ) {
    this.takeovers = new Map(ingests.map(({ id }) => [id, new RateLimiter(TAKEOVERS)]));
    this.streams = new Map(
      ingests.filter(({ decoded }) => decoded).map(({ id }) => [id, new IngestStream()]),
    );
    this.ending = connection.onNotification(IngestEndNotification.type, ({ session, error }) =>
      this.publishers
        .get(session)
        ?.session.refuse(new RtmpRefusal(DENIED, capitalized(BulkheadError.fromData(error).sentence))),
    );
  }

  /** @throws {RtmpRefusal} */
  async publish({ name, program }: StreamRequest, session: PublishingSession): Promise<RtmpSink> {
    const address = session.peerAddress;
    if (name === '') {
      throw this.refusal(undefined, address, BAD_NAME, 'the publisher has sent no stream key', ENTER_KEY);
    }
    // All of them are checked, for constant time.
    const [ingest] = this.ingests.filter(({ key }) => isKey(key, name));
    if (ingest === undefined) {
      throw this.refusal(undefined, address, DENIED, 'the stream key is wrong', ENTER_KEY);
    }
    this.makeRoom(ingest, address);
    const publisher: Publisher = {
      number: ++this.last,
      ingest: ingest.id,
      session,
      address,
      heardAtMs: performance.now(),
    };
    this.publishers.set(publisher.number, publisher);
    try {
      const media = await connectMedia(
        await this.connection.sendRequest(IngestOpenRequest.type, {
          ingest: ingest.id,
          session: publisher.number,
          program: printable(program).slice(0, MAX_PROGRAM),
          address,
        }),
      );
      return this.sinkOf(publisher, ingest, media);
    } catch (error) {
      this.publishers.delete(publisher.number);
      throw new RtmpRefusal(DENIED, capitalized(BulkheadError.from(error).sentence));
    }
  }

  /**
   * @param ingest id of the ingest
   * @returns a function to call when the viewer disconnects
   * @throws {RtmpRefusal} for an ingest that is not there or is not decoded
   */
  watch(ingest: string, viewer: () => Viewer): () => void {
    const stream = this.streams.get(ingest);
    if (stream !== undefined) return stream.watch(viewer());
    throw new RtmpRefusal('NetStream.Play.StreamNotFound', 'No source of the broadcast uses such an ingest.');
  }

  /** A publisher that has asked for an application that is not there, or not for it: its server or its key is wrong. */
  wrongApp(app: string, code: string, session: RtmpServerSession): RtmpRefusal {
    // Not named: it may hold a part of a key.
    return app.startsWith(`${INGEST_APP}/`)
      ? this.refusal(undefined, session.peerAddress, code, 'the stream key has a "/" in it', ENTER_KEY)
      : this.refusal(
          undefined,
          session.peerAddress,
          code,
          'the server address is wrong',
          `To publish, enter the address that Bulkhead shows, which ends in "/${INGEST_APP}".`,
        );
  }

  dispose(): void {
    this.ending.dispose();
    this.publishers.clear();
    for (const stream of this.streams.values()) stream.dispose();
  }

  /** @throws {RtmpRefusal} if there is a publisher that is not replaced */
  private makeRoom({ id, secondPublisher }: IngestSettings, address: string): void {
    for (const { number, ingest, session, heardAtMs } of this.publishers.values()) {
      if (ingest !== id) continue;
      const delivers = performance.now() - heardAtMs < SILENT_MS;
      if (delivers && secondPublisher === 'refuse') {
        throw this.refusal(
          id,
          address,
          BAD_NAME,
          'another publisher is connected with this key already',
          'Stop the other one, or set "secondPublisher" of the ingest to "replace".',
        );
      }
      if (delivers && this.takeovers.get(id)?.take() === false) {
        throw this.refusal(
          id,
          address,
          BAD_NAME,
          'two publishers take the place from each other with this key',
          'Stop one of them, or wait a minute.',
        );
      }
      this.publishers.delete(number);
      session.refuse(
        new RtmpRefusal(BAD_NAME, 'Another publisher has connected with this key and taken the place.'),
      );
    }
  }

  private sinkOf(publisher: Publisher, { maxBitrateKbps }: IngestSettings, media: Socket): RtmpSink {
    const { number, session, ingest, address } = publisher;
    const limit = new BitrateLimit(maxBitrateKbps);
    const cutOff = (message: string, remedy: string) =>
      session.refuse(this.refusal(ingest, address, DENIED, message, remedy));
    media.on('error', () => {});
    const onClose = () => session.dispose();
    media.once('close', onClose);
    media.resume();
    const batches = new TagBatches(media);
    const stream = this.streams.get(ingest);
    // Begun by its first media: another publisher may have taken its place while it was being accepted.
    let decoded: RtmpSink | undefined;
    return {
      take: (kind, timestampMs, payload) => {
        if (media.destroyed) return;
        const nowMs = performance.now();
        publisher.heardAtMs = nowMs;
        batches.write(kind, timestampMs, payload);
        decoded ??= stream?.publish();
        decoded?.take(kind, timestampMs, payload);
        if (!limit.take(payload.length, nowMs)) {
          cutOff(
            `the publisher sends more than ${maxBitrateKbps} kbit/s`,
            'Set a lower bitrate there, or a higher "maxBitrateKbps" of the ingest.',
          );
        } else if (batches.backlogBytes > MAX_BACKLOG_BYTES) {
          cutOff('Bulkhead no longer accepts this stream', 'Connect again.');
        }
      },
      end: (orderly) => {
        decoded?.end(orderly);
        this.publishers.delete(number);
        media.off('close', onClose);
        batches.dispose();
        media.end();
      },
    };
  }

  /** The refusal for the publisher; also reported to the streamer. */
  private refusal(
    ingest: string | undefined,
    address: string,
    code: string,
    message: string,
    remedy: string,
  ): RtmpRefusal {
    const error: ErrorData = { code: ErrorCodes.ingestRefused, message, where: address, remedy };
    this.connection.sendNotification(IngestRefusedNotification.type, { ingest, address, error });
    return new RtmpRefusal(code, capitalized(`${message}. ${remedy}`));
  }
}

function capitalized(sentence: string): string {
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
}
