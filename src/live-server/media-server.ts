import type { Readable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import type { KeyHash } from '../protocol/live-server.js';
import {
  RtmpRefusal,
  type RtmpServerHandler,
  type RtmpSink,
  type StreamRequest,
} from '../rtmp/rtmp-server-session.js';
import { FlvViewer } from './flv-viewer.js';
import { LOOPBACK } from './free-port.js';
import { LiveStream } from './live-stream.js';
import { RtmpServer } from './rtmp-server.js';
import { RtmpViewer } from './rtmp-viewer.js';
import { isKey } from './stream-key.js';

const APP = 'live';
const STREAM = 'stream';

/** The one stream of the embedded server: RTMP in; RTMP and FLV out. */
export class MediaServer implements Disposable {
  private constructor(
    private readonly rtmp: RtmpServer,
    private readonly stream: LiveStream,
  ) {}

  /**
   * @param key what a publisher has to give as `?key=`
   * @throws BulkheadError `port.inUse`
   */
  static async start(wantedRtmpPort: number, key: KeyHash): Promise<MediaServer> {
    const stream = new LiveStream();
    return new MediaServer(await RtmpServer.start(wantedRtmpPort, handlerOf(stream, key)), stream);
  }

  get rtmpPort(): number {
    return this.rtmp.port;
  }

  get publishUrl(): string {
    return `rtmp://${LOOPBACK}:${this.rtmpPort}/${APP}/${STREAM}`;
  }

  /** Subscribes to the stream as FLV: its headers and last GOP at once, or when somebody publishes it. */
  openStream(signal: AbortSignal): Readable {
    return new FlvViewer(this.stream, signal);
  }

  dispose(): void {
    this.rtmp.dispose();
    this.stream.dispose();
  }
}

function handlerOf(stream: LiveStream, key: KeyHash): RtmpServerHandler {
  return {
    checkApp: (app) => {
      if (app === APP) return;
      throw new RtmpRefusal('NetConnection.Connect.InvalidApp', `There is no application but "${APP}".`);
    },
    publish: (request): RtmpSink => {
      const { name, keys } = takeApart(request);
      const [given] = keys;
      if (name === STREAM && keys.length === 1 && given !== undefined && isKey(key, given))
        return stream.publish();
      throw new RtmpRefusal('NetStream.Publish.Denied', 'Only Bulkhead itself publishes here.');
    },
    play: (request, session) => {
      if (takeApart(request).name !== STREAM) {
        throw new RtmpRefusal('NetStream.Play.StreamNotFound', `There is no stream but "${STREAM}".`);
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
