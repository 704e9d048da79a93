import type { Readable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import type { KeyHash, LiveServerStartParams } from '../protocol/live-server.js';
import {
  RtmpRefusal,
  type RtmpServerHandler,
  type RtmpSink,
  type StreamRequest,
} from '../rtmp/rtmp-server-session.js';
import { FlvViewer } from './flv-viewer.js';
import { LOOPBACK } from './free-port.js';
import { HlsOnDemand } from './hls/hls-on-demand.js';
import { INGEST_APP, type IngestDesk } from './ingest-desk.js';
import { LiveStream } from './live-stream.js';
import { RtmpServer } from './rtmp-server.js';
import { RtmpViewer } from './rtmp-viewer.js';
import { isKey } from './stream-key.js';

const APP = 'live';
const STREAM = 'stream';

/** The one stream of the embedded server: RTMP in; RTMP, FLV and HLS out. */
export class MediaServer implements Disposable {
  /** The stream as HLS, for players that can't play FLV. */
  readonly hls: HlsOnDemand;

  private constructor(
    private readonly rtmp: RtmpServer,
    private readonly stream: LiveStream,
  ) {
    this.hls = new HlsOnDemand(stream);
  }

  /**
   * @param desk takes the publishers of ingests; without one there are none
   * @throws BulkheadError `port.inUse`
   */
  static async start(
    { rtmpPort, publishKey }: Pick<LiveServerStartParams, 'rtmpPort' | 'publishKey'>,
    desk: IngestDesk | undefined,
  ): Promise<MediaServer> {
    const stream = new LiveStream();
    const handler = handlerOf(stream, publishKey, desk);
    return new MediaServer(await RtmpServer.start(rtmpPort, handler, { fixed: desk !== undefined }), stream);
  }

  get rtmpPort(): number {
    return this.rtmp.port;
  }

  get publishUrl(): string {
    return `rtmp://${LOOPBACK}:${this.rtmpPort}/${APP}/${STREAM}`;
  }

  get ingestUrl(): string {
    return `rtmp://${LOOPBACK}:${this.rtmpPort}/${INGEST_APP}`;
  }

  /** Subscribes to the stream as FLV: its headers and last GOP at once, or when somebody publishes it. */
  openStream(signal: AbortSignal): Readable {
    return new FlvViewer(this.stream, signal);
  }

  dispose(): void {
    this.hls.dispose();
    this.rtmp.dispose();
    this.stream.dispose();
  }
}

function handlerOf(stream: LiveStream, key: KeyHash, desk: IngestDesk | undefined): RtmpServerHandler {
  return {
    checkApp: (app, session) => {
      if (app === APP || (app === INGEST_APP && desk !== undefined)) return;
      const code = 'NetConnection.Connect.InvalidApp';
      throw (
        desk?.wrongApp(app, code, session) ??
        new RtmpRefusal(code, `There is no such application. Available: "${APP}".`)
      );
    },
    publish: (request, session): RtmpSink | Promise<RtmpSink> => {
      if (request.app === INGEST_APP && desk !== undefined) return desk.publish(request, session);
      const { name, keys } = takeApart(request);
      const [given] = keys;
      if (name === STREAM && keys.length === 1 && given !== undefined && isKey(key, given))
        return stream.publish();
      const denied = 'NetStream.Publish.Denied';
      // Bulkhead's own output may present the key of the process before.
      if (name !== STREAM && desk !== undefined) throw desk.wrongApp(request.app, denied, session);
      throw new RtmpRefusal(denied, 'Only Bulkhead itself publishes here.');
    },
    play: (request, session) => {
      if (request.app !== APP || takeApart(request).name !== STREAM) {
        throw new RtmpRefusal('NetStream.Play.StreamNotFound', `The only stream is "${STREAM}".`);
      }
      return { end: stream.watch(new RtmpViewer(session)) };
    },
  };
}

/** A stream's name, and the keys in the query behind it. */
function takeApart({ name }: StreamRequest): { readonly name: string; readonly keys: readonly string[] } {
  const [path = '', query = ''] = name.split('?', 2);
  return { name: path, keys: new URLSearchParams(query).getAll('key') };
}
