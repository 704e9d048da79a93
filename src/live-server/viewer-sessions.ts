import type NodeMediaServer from 'node-media-server';
import type { Disposable } from 'vscode-jsonrpc';

/** About 25 s of a 2.5 Mbit/s stream: a viewer that far behind gains nothing from what still waits for it. */
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024;
const SWEEP_INTERVAL_MS = 500;

/**
 * The viewers of the media server, which forgets two things: it queues without limit for a viewer that reads too
 * slowly, and keeps viewers of a stream that has ended, only to feed them the next one with a clock that starts anew.
 */
export class ViewerSessions implements Disposable {
  private readonly sessions = new Set<NodeMediaServer.Session>();
  private readonly sweeper = setInterval(() => this.dropSlowOnes(), SWEEP_INTERVAL_MS);

  constructor(
    server: NodeMediaServer,
    private readonly maxBacklogBytes = MAX_BACKLOG_BYTES,
  ) {
    this.sweeper.unref();
    server.on('postPlay', (session) => this.sessions.add(session));
    server.on('donePlay', (session) => this.sessions.delete(session));
    server.on('donePublish', ({ streamPath }) => this.endStream(streamPath));
  }

  dispose(): void {
    clearInterval(this.sweeper);
    for (const session of this.sessions) connectionOf(session).destroy();
    this.sessions.clear();
  }

  /** The viewer connects again and starts at the live edge; closing in order would wait for the backlog. */
  private dropSlowOnes(): void {
    for (const session of this.sessions) {
      const { writableLength } = connectionOf(session);
      if (writableLength <= this.maxBacklogBytes) continue;
      console.warn(
        `Viewer ${session.id} reads too slowly: dropped with ${writableLength} bytes waiting for it`,
      );
      connectionOf(session).destroy();
    }
  }

  private endStream(streamPath: string): void {
    for (const session of this.sessions) {
      if (session.streamPath === streamPath) session.close();
    }
  }
}

function connectionOf(session: NodeMediaServer.Session): {
  readonly writableLength: number;
  destroy(): void;
} {
  return session.protocol === 'rtmp' ? session.socket : session.res;
}
