import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Disposable } from 'vscode-jsonrpc';
import { ConnectionBounds } from './connection-bounds.js';
import { LOOPBACK, listenNear } from './free-port.js';

/** Opens the stream for one viewer; aborting the signal closes it. */
export type OpenStream = (signal: AbortSignal) => Promise<Readable>;

/** Opens nothing where there are too many viewers. */
type OpenIfRoom = (signal: AbortSignal) => Promise<Readable> | undefined;

export const STREAM_FILE = '/live/stream.flv';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const PAGE_HEADERS = {
  'Cache-Control': 'no-cache',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src blob:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** How long a client may take for what it sends, ms, and how large its headers may be, bytes. */
const HTTP_LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 8 * 1024,
} as const;

interface Asset {
  readonly body: Buffer;
  readonly contentType: string;
}

/** Serves the viewer page and, on the same origin, the stream it plays. */
export class PageServer implements Disposable {
  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  /** @throws BulkheadError `port.inUse` */
  static async start(pageDir: string, wantedPort: number, openStream: OpenStream): Promise<PageServer> {
    const assets = await readAssets(pageDir);
    const server = createServer(HTTP_LIMITS);
    const bounds = new ConnectionBounds(server);
    server.on('request', (request, response) => {
      void respond(request, response, assets, (signal) =>
        bounds.watch(request.socket) ? openStream(signal) : undefined,
      );
    });
    return new PageServer(server, await listenNear(server, wantedPort));
  }

  get httpPort(): number {
    return this.port;
  }

  get pageUrl(): string {
    return `http://${LOOPBACK}:${this.port}/`;
  }

  get playUrl(): string {
    return `http://${LOOPBACK}:${this.port}${STREAM_FILE}`;
  }

  dispose(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function readAssets(pageDir: string): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>();
  for (const name of await readdir(pageDir)) {
    const contentType = CONTENT_TYPES[extname(name)];
    if (contentType === undefined) continue;
    assets.set(name === 'index.html' ? '/' : `/${name}`, {
      body: await readFile(join(pageDir, name)),
      contentType,
    });
  }
  return assets;
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  assets: Map<string, Asset>,
  openStream: OpenIfRoom,
): Promise<void> {
  if (!isLocalName(request.headers.host))
    return refuse(response, 403, 'Open this page by its loopback address.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(response, 405, 'Only GET and HEAD.');
  }
  const path = request.url?.split('?', 1)[0] ?? '/';
  if (path === STREAM_FILE) return sendStream(request, response, openStream);
  const asset = assets.get(path);
  if (asset === undefined) return refuse(response, 404, 'Not found.');
  response.writeHead(200, {
    ...PAGE_HEADERS,
    'Content-Type': asset.contentType,
    'Content-Length': asset.body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : asset.body);
}

/** Pipes with back-pressure: what a slow viewer does not take piles up in the media server, which drops it. */
async function sendStream(
  request: IncomingMessage,
  response: ServerResponse,
  openStream: OpenIfRoom,
): Promise<void> {
  response.setHeader('Content-Type', 'video/x-flv');
  response.setHeader('Cache-Control', 'no-store');
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const viewer = new AbortController();
  response.once('close', () => viewer.abort());
  try {
    const stream = await openStream(viewer.signal);
    if (stream === undefined) refuse(response, 503, 'There are too many viewers.');
    else await pipeline(stream, response);
  } catch {
    // The viewer left or the media server ended it; with nothing sent yet, say so.
    if (!response.headersSent && !response.destroyed) refuse(response, 502, 'The live server has stopped.');
    else response.destroy();
  }
}

/** A page of another site that had its name point to 127.0.0.1 (DNS rebinding) is not let in. */
function isLocalName(host: string | undefined): boolean {
  return host === undefined || /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}
