import type { Readable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { isLoopbackAddress } from '../base/loopback.js';
import { INGEST_PLAY_APP, type LiveServerStartParams } from '../protocol/live-server.js';
import {
  RtmpRefusal,
  type RtmpServerHandler,
  type RtmpSink,
  type StreamRequest,
} from '../rtmp/rtmp-server-session.js';
import { FlvViewer } from './flv-viewer.js';
import { LOOPBACK, reachableAddress, urlHost } from './free-port.js';
import { HlsOnDemand } from './hls/hls-on-demand.js';
import { INGEST_APP, type IngestDesk } from './ingest-desk.js';
import { LiveStream } from './live-stream.js';
import { hasKey, mayPlay } from './request-checks.js';
import { RtmpServer } from './rtmp-server.js';
import { RtmpViewer } from './rtmp-viewer.js';
import type { GateLimits } from './viewer-gate.js';

const APP = 'live';
const STREAM = 'stream';
/** The encoder begins with a whole GOP, which may be that long, and reads as fast as it can. */
const ENCODER_LIMITS: Partial<GateLimits> = { dropAbove: 16 * 1024 * 1024 };

type MediaServerParams = Pick<LiveServerStartParams, 'rtmpPort' | 'rtmpHost' | 'publishKey' | 'viewToken'>;

/** The one stream of the embedded server: RTMP in; RTMP, FLV and HLS out. */
export class MediaServer implements Disposable {
  /** The stream as HLS, for players that cannot play FLV. */
  readonly hls: HlsOnDemand;

  private constructor(
    private readonly rtmp: RtmpServer,
    private readonly stream: LiveStream,
    private readonly host: string,
  ) {
    this.hls = new HlsOnDemand(stream);
  }

  /**
   * @param desk takes the publishers of ingests; without one there are none
   * @throws BulkheadError `port.inUse`, `config.invalid` for a host that this machine does not have
   */
  static async start(
    { rtmpPort, rtmpHost: host = LOOPBACK, publishKey, viewToken }: MediaServerParams,
    desk: IngestDesk | undefined,
  ): Promise<MediaServer> {
    const stream = new LiveStream();
    const handler = handlerOf(stream, { publishKey, viewToken, host }, desk);
    const rtmp = await RtmpServer.start(rtmpPort, handler, { host, fixed: desk !== undefined });
    return new MediaServer(rtmp, stream, host);
  }

  get rtmpPort(): number {
    return this.rtmp.port;
  }

  get publishUrl(): string {
    const own = reachableAddress(this.host) === this.host ? this.host : LOOPBACK;
    return `rtmp://${urlHost(own)}:${this.rtmpPort}/${APP}/${STREAM}`;
  }

  get ingestUrl(): string {
    return `rtmp://${urlHost(reachableAddress(this.host))}:${this.rtmpPort}/${INGEST_APP}`;
  }

  /** Subscribes to the stream as FLV: starts with its headers and last GOP, or waits for a publisher. */
  openStream(signal: AbortSignal): Readable {
    return new FlvViewer(this.stream, signal);
  }

  dispose(): void {
    this.hls.dispose();
    this.rtmp.dispose();
    this.stream.dispose();
  }
}

/** What clients may do: publish and play the broadcast, publish to ingests, and play those that are decoded. */
export function handlerOf(
  stream: LiveStream,
  {
    publishKey,
    viewToken,
    host,
  }: Pick<MediaServerParams, 'publishKey' | 'viewToken'> & { readonly host: string },
  desk: Pick<IngestDesk, 'publish' | 'watch' | 'wrongApp'> | undefined,
): RtmpServerHandler {
  return {
    checkApp: (app, session) => {
      if (app === APP || (desk !== undefined && (app === INGEST_APP || app === INGEST_PLAY_APP))) return;
      const code = 'NetConnection.Connect.InvalidApp';
      throw (
        desk?.wrongApp(app, code, session) ??
        new RtmpRefusal(code, `There is no such application. Available: "${APP}".`)
      );
    },
    publish: (request, session): RtmpSink | Promise<RtmpSink> => {
      if (request.app === INGEST_APP && desk !== undefined) return desk.publish(request, session);
      const { name, query } = splitName(request);
      if (request.app === APP && name === STREAM && hasKey(query, 'key', publishKey)) return stream.publish();
      const denied = 'NetStream.Publish.Denied';
      // Bulkhead's own output may present the key of the process before.
      if (name !== STREAM && desk !== undefined) throw desk.wrongApp(request.app, denied, session);
      throw new RtmpRefusal(denied, 'Only Bulkhead itself publishes here.');
    },
    play: (request, session) => {
      const { name, query } = splitName(request);
      if (request.app === INGEST_PLAY_APP && desk !== undefined) {
        // Its own address, if it listens on that one alone.
        if (!isLoopbackAddress(session.peerAddress) && session.peerAddress !== host) {
          throw new RtmpRefusal(
            'NetStream.Play.Failed',
            'What is published to an ingest is played on the computer of Bulkhead alone.',
          );
        }
        return { end: desk.watch(name, () => new RtmpViewer(session, ENCODER_LIMITS)) };
      }
      if (request.app !== APP || name !== STREAM) {
        throw new RtmpRefusal('NetStream.Play.StreamNotFound', `The only stream is "${STREAM}".`);
      }
      if (!mayPlay(session.peerAddress, query, viewToken)) {
        throw new RtmpRefusal(
          'NetStream.Play.Failed',
          'Playing from another computer needs the token of the viewer link.',
        );
      }
      return { end: stream.watch(new RtmpViewer(session)) };
    },
  };
}

/** A stream's name, and the query behind it. */
function splitName({ name }: StreamRequest): { readonly name: string; readonly query: string } {
  const [path = '', query = ''] = name.split('?', 2);
  return { name: path, query };
}
