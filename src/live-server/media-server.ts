import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import NodeMediaServer from 'node-media-server';
import nmsLogger from 'node-media-server/src/core/logger.js';
import type { Disposable } from 'vscode-jsonrpc';
import { findFreePort, LOOPBACK } from './free-port.js';
import { PublishGuard } from './publish-guard.js';
import { ViewerSessions } from './viewer-sessions.js';

/** The one stream of the embedded server. */
export const STREAM_PATH = '/live/stream';

/**
 * node-media-server: RTMP in, HTTP-FLV out. One in a process. Its HTTP side listens on a pipe, since it lets every web
 * page read, and publish; what viewers need of it is served by the page's own server.
 */
export class MediaServer implements Disposable {
  private constructor(
    readonly rtmpPort: number,
    private readonly server: NodeMediaServer,
    private readonly viewers: ViewerSessions,
    private readonly pipe: string,
  ) {}

  /**
   * @param publishKeyHash SHA-256 of the key that a publisher has to give as `?key=`, hex.
   * @throws BulkheadError `port.inUse`
   */
  static async start(wantedRtmpPort: number, publishKeyHash: string): Promise<MediaServer> {
    const guard = new PublishGuard(publishKeyHash, STREAM_PATH);
    const rtmpPort = await findFreePort(wantedRtmpPort);
    const pipe = pipeName();
    const server = new NodeMediaServer({
      bind: LOOPBACK,
      rtmp: { port: rtmpPort },
      http: { port: pipe },
      record: { auto: false },
      webadmin: { enable: false },
      auth: guard.auth,
    });
    server.on('prePublish', (session) => guard.judge(session));
    server.on('prePlay', (session) => guard.ignoreMedia(session));
    // It sets `debug` itself, and would log every viewer that comes and goes.
    nmsLogger.level = 'warn';
    const viewers = new ViewerSessions(server);
    // Not `server.run()`: that also opens a store on disk, for recordings and history nobody asked for.
    server.httpServer.run();
    server.rtmpServer.run();
    await Promise.all([
      once(server.httpServer.httpServer, 'listening'),
      once(server.rtmpServer.tcpServer, 'listening'),
    ]);
    return new MediaServer(rtmpPort, server, viewers, pipe);
  }

  get publishUrl(): string {
    return `rtmp://${LOOPBACK}:${this.rtmpPort}${STREAM_PATH}`;
  }

  /** Subscribes to the stream as FLV: its headers and last GOP at once, or when somebody publishes it. */
  async openStream(signal: AbortSignal): Promise<IncomingMessage> {
    // A connection of its own: the media server takes the end of the connection for the end of the viewer.
    const call = request({ socketPath: this.pipe, path: `${STREAM_PATH}.flv`, agent: false, signal });
    call.end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    return response;
  }

  dispose(): void {
    this.viewers.dispose();
    void this.server.stop();
  }
}

/** A name that needs no file on Linux (abstract socket) and Windows, so that a killed process leaves none behind. */
function pipeName(): string {
  const name = `bulkhead-live-${process.pid}-${randomUUID().slice(0, 8)}`;
  if (process.platform === 'linux') return `\0${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return join(tmpdir(), `${name}.sock`);
}
