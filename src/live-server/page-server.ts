import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { ConnectionBounds } from './connection-bounds.js';
import { LOOPBACK, listenNear } from './free-port.js';

/** Opens the stream for one viewer; aborting the signal closes it. */
export type OpenStream = (signal: AbortSignal) => Readable;

/** Opens nothing where there are too many viewers. */
type OpenIfRoom = (signal: AbortSignal) => Readable | undefined;

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
/**
 * After the publisher has gone, how long its viewers' responses stay open, ms: when the core has died, which ends the publisher
 * first, the viewers are cut off meanwhile.
 */
const END_AFTER_MS = 200;

interface Asset {
  readonly body: Buffer;
  readonly contentType: string;
}

interface Served {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly openStream: OpenIfRoom;
  /** The responses that carry the stream, until they are closed. */
  readonly viewers: Set<ServerResponse>;
}

/** Serves the viewer page and, on the same origin, the stream it plays. */
export class PageServer implements Disposable {
  private constructor(
    private readonly server: Server,
    private readonly port: number,
    private readonly viewers: ReadonlySet<ServerResponse>,
  ) {}

  /** @throws BulkheadError `port.inUse` */
  static async start(pageDir: string, wantedPort: number, openStream: OpenStream): Promise<PageServer> {
    const assets = await readAssets(pageDir);
    const viewers = new Set<ServerResponse>();
    const server = createServer(HTTP_LIMITS);
    const bounds = new ConnectionBounds(server);
    server.on('request', (request, response) => {
      const openIfRoom: OpenIfRoom = (signal) =>
        bounds.watch(request.socket) ? openStream(signal) : undefined;
      void respond(request, response, { assets, openStream: openIfRoom, viewers });
    });
    return new PageServer(server, await listenNear(server, wantedPort), viewers);
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

  /** Tells the viewers that the broadcast has ended: their responses end in order. */
  endViewers(): void {
    for (const response of this.viewers) response.end();
  }

  /** Cuts off the viewers that are left. */
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
  { assets, openStream, viewers }: Served,
): Promise<void> {
  if (!isLocalName(request.headers.host))
    return refuse(response, 403, 'Open this page by its loopback address.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(response, 405, 'Only GET and HEAD.');
  }
  const path = request.url?.split('?', 1)[0] ?? '/';
  if (path === STREAM_FILE) return sendStream(request, response, openStream, viewers);
  const asset = assets.get(path);
  if (asset === undefined) return refuse(response, 404, 'Not found.');
  response.writeHead(200, {
    ...PAGE_HEADERS,
    'Content-Type': asset.contentType,
    'Content-Length': asset.body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : asset.body);
}

/**
 * Pipes with back-pressure: what a slow viewer does not take piles up in the media server, which drops it. A response that
 * ends in order says that the stream has ended; one that is cut off says that something broke.
 */
async function sendStream(
  request: IncomingMessage,
  response: ServerResponse,
  openStream: OpenIfRoom,
  viewers: Set<ServerResponse>,
): Promise<void> {
  response.setHeader('Content-Type', 'video/x-flv');
  response.setHeader('Cache-Control', 'no-store');
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const viewer = new AbortController();
  let ending: NodeJS.Timeout | undefined;
  viewers.add(response);
  response.once('close', () => {
    viewers.delete(response);
    clearTimeout(ending);
    viewer.abort();
  });
  try {
    const stream = openStream(viewer.signal);
    if (stream === undefined) {
      refuse(response, 503, 'There are too many viewers.');
      return;
    }
    // Also when the viewer leaves, which aborts the stream.
    stream.on('error', () => response.destroy());
    stream.once('close', () => {
      if (!stream.readableEnded) response.destroy();
    });
    stream.once('end', () => {
      ending = setTimeout(() => response.end(), END_AFTER_MS);
    });
    if (response.writableEnded) stream.destroy();
    else stream.pipe(response, { end: false });
  } catch {
    // The viewer has left, or the media server could not be asked.
    if (!response.headersSent && !response.destroyed) refuse(response, 502, 'The live server has stopped.');
    else if (!response.writableEnded) response.destroy();
  }
}

/** A page of another site that had its name point to 127.0.0.1 (DNS rebinding) is not let in. */
function isLocalName(host: string | undefined): boolean {
  return host === undefined || /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}
