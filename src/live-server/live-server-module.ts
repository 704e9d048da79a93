import type { Disposable } from 'vscode-jsonrpc';
import type { PartContext, PartModule } from '../process-host/part-module.js';
import { LiveServerStartRequest } from '../protocol/live-server.js';
import { LiveServer } from './live-server.js';

/** The live server as a part. It runs in a separate process: the core never processes what viewers and publishers send. */
export class LiveServerModule implements PartModule {
  readonly role = 'live-server';
  readonly initializeResult = { capabilities: {} };

  /** @param pageDir folder of the built viewer page */
  constructor(private readonly pageDir: string) {}

  activate({ connection }: PartContext): Disposable {
    let starting: Promise<LiveServer> | undefined;
    let running: LiveServer | undefined;
    let disposed = false;
    connection.onRequest(LiveServerStartRequest.type, async (wanted) => {
      starting ??= LiveServer.start(wanted, this.pageDir, connection);
      const started = await starting;
      if (disposed) started.dispose();
      else running = started;
      return started.addresses;
    });
    return {
      dispose: () => {
        disposed = true;
        // A core that has crashed is restarted: its viewers are disconnected, and connect again.
        if (!connection.closed) running?.endViewers();
        running?.dispose();
      },
    };
  }
}
