import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { METRICS_CONTENT_TYPE } from './metrics-text.js';

const PATH = '/metrics';
const MAX_CONNECTIONS = 20;
const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  maxHeaderSize: 8 * 1024,
} as const;

export interface MetricsServer {
  /** Such as `http://127.0.0.1:9465/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves metrics at `/metrics`. There is nothing secret in them, and nothing can be changed.
 *
 * @param read the text; must not reject
 * @throws `config.invalid` if it cannot listen there
 */
export async function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  read: () => Promise<string>,
): Promise<MetricsServer> {
  const server = createServer(LIMITS, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://metrics');
    if (pathname !== PATH) response.writeHead(404).end(`See ${PATH}\n`);
    else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    } else {
      void read().then((text) => {
        response.writeHead(200, { 'Content-Type': METRICS_CONTENT_TYPE, 'Cache-Control': 'no-store' });
        response.end(request.method === 'HEAD' ? undefined : text);
      });
    }
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, host, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}${PATH}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another program uses it' : message;
    throw new BulkheadError(ErrorCodes.configInvalid, `cannot listen on ${host}, port ${port}: ${why}`, {
      where: '--port',
      remedy: 'Choose another port.',
    });
  }
}
