import type { Disposable } from 'vscode-jsonrpc';
import type { LiveServerStartParams, LiveServerStartResult } from '../protocol/live-server.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { LOOPBACK } from './free-port.js';
import { IngestDesk } from './ingest-desk.js';
import { MediaServer } from './media-server.js';
import { PageServer } from './page-server.js';

/**
 * The embedded live server: receives the broadcast over RTMP and shows it on a page, and accepts publishers for the
 * core.
 */
export class LiveServer implements Disposable {
  private constructor(
    private readonly media: MediaServer,
    private readonly page: PageServer,
    private readonly desk: IngestDesk | undefined,
  ) {}

  /** @throws BulkheadError `port.inUse`, `config.invalid` for a host that is not an address of this machine */
  static async start(
    wanted: LiveServerStartParams,
    pageDir: string,
    connection: RpcConnection,
  ): Promise<LiveServer> {
    const { httpPort, host = LOOPBACK, viewToken } = wanted;
    const desk = wanted.ingests.length === 0 ? undefined : new IngestDesk(connection, wanted.ingests);
    const media = await MediaServer.start(wanted, desk);
    try {
      const page = await PageServer.start(
        pageDir,
        { host, port: httpPort, token: viewToken },
        { open: (signal) => media.openStream(signal), hls: media.hls },
      );
      return new LiveServer(media, page, desk);
    } catch (error) {
      media.dispose();
      throw error;
    }
  }

  get addresses(): LiveServerStartResult {
    return {
      publishUrl: this.media.publishUrl,
      pageUrl: this.page.pageUrl,
      playUrl: this.page.playUrl,
      ingestUrl: this.media.ingestUrl,
      rtmpPort: this.media.rtmpPort,
      httpPort: this.page.httpPort,
    };
  }

  /** Tells the viewers that the broadcast has ended. */
  endViewers(): void {
    this.page.endViewers();
  }

  dispose(): void {
    this.page.dispose();
    this.media.dispose();
    this.desk?.dispose();
  }
}
