import { createServer, type Server, type Socket } from 'node:net';
import type { Disposable } from 'vscode-jsonrpc';
import { type RtmpServerHandler, RtmpServerSession } from '../rtmp/rtmp-server-session.js';
import { listenAt, listenNear } from './free-port.js';

export interface RtmpServerOptions {
  /** The address to listen on; this machine's own without it. */
  readonly host?: string | undefined;
  /** Whether to fail if the port is in use. */
  readonly fixed?: boolean;
  readonly limits?: RtmpConnectionLimits;
}

/** Maximum numbers of connections. */
export interface RtmpConnectionLimits {
  /**
   * Connections that neither publish nor play yet: beyond this number the oldest is closed to make room
   * for a new one.
   */
  readonly opening: number;
  /** All connections: further ones are closed. */
  readonly total: number;
}

const DEFAULT_LIMITS: RtmpConnectionLimits = { opening: 32, total: 160 };
const KEEP_ALIVE_MS = 10_000;

/** Listens for RTMP clients. Each has its own session, which cannot affect the others. */
export class RtmpServer implements Disposable {
  private readonly sessions = new Set<RtmpServerSession>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** @throws BulkheadError `port.inUse`, `config.invalid` for a host that this machine does not have */
  static async start(
    wantedPort: number,
    handler: RtmpServerHandler,
    { host, fixed = false, limits = DEFAULT_LIMITS }: RtmpServerOptions = {},
  ): Promise<RtmpServer> {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    const started = new RtmpServer(
      server,
      await (fixed ? listenAt(server, wantedPort, host) : listenNear(server, wantedPort, host, 'rtmpHost')),
    );
    server.on('connection', (socket) => started.accept(socket, handler, limits));
    // E.g. no descriptor for one more connection: the next one may succeed.
    server.on('error', () => {});
    return started;
  }

  dispose(): void {
    this.server.close();
    for (const session of this.sessions) session.dispose();
  }

  private accept(socket: Socket, handler: RtmpServerHandler, { opening, total }: RtmpConnectionLimits): void {
    if (this.sessions.size >= total) {
      socket.destroy();
      return;
    }
    const session = new RtmpServerSession(socket, handler);
    this.sessions.add(session);
    socket.once('close', () => this.sessions.delete(session));
    const waiting = [...this.sessions].filter(({ isOpening }) => isOpening);
    for (const oldest of waiting.slice(0, Math.max(0, waiting.length - opening))) oldest.dispose();
  }
}
