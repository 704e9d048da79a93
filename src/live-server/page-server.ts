import type { EventEmitter } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import { extname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { WebSocketServer } from 'ws';
import type { KeyHash } from '../protocol/live-server.js';
import { ConnectionBounds } from './connection-bounds.js';
import { listenNear, reachableAddress, urlHost } from './free-port.js';
import type { HlsOnDemand } from './hls/hls-on-demand.js';
import { hasToken, isOwnName, isSameOrigin } from './request-checks.js';
import { type OpenStream, type StreamViewer, sendByHttp, sendByWebSocket } from './send-stream.js';

export const STREAM_FILE = '/live/stream.flv';
const PLAYLIST = '/live/stream.m3u8';
const HLS_FOLDER = '/live/hls/';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const PAGE_HEADERS = {
  'Cache-Control': 'no-cache',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const LIVE_HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** How long a client may take to send a request, ms, and the maximum size of its headers, bytes. */
const HTTP_LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 8 * 1024,
} as const;
/** Viewers have no need to send messages, bytes. */
const MAX_VIEWER_MESSAGE = 1024;

interface Asset {
  readonly body: Buffer;
  readonly contentType: string;
  readonly isLive?: boolean;
}

/** The stream played by the page. */
export interface ServedStream {
  readonly open: OpenStream;
  readonly hls: Pick<HlsOnDemand, 'playlist' | 'file'>;
}

export interface PageServerOptions {
  readonly host: string;
  /** If it is in use, the next free port is taken. */
  readonly port: number;
  /** Hash of the token in viewers' links; undefined if only this machine can reach the server. */
  readonly token?: KeyHash | undefined;
}

interface Served extends Pick<ServedStream, 'hls'> {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly token: KeyHash | undefined;
  readonly sockets: WebSocketServer;
  /** Undefined if there are too many viewers; else a function that starts sending the stream. */
  watch(socket: Socket): Begin | undefined;
}

/** @param carrier what to close when the viewer disconnects */
type Begin = (send: (openStream: OpenStream) => StreamViewer, carrier: EventEmitter) => void;

/** Serves the viewer page and, on the same origin, its stream. */
export class PageServer implements Disposable {
  private readonly viewers = new Set<StreamViewer>();

  private constructor(
    private readonly server: Server,
    private readonly sockets: WebSocketServer,
    readonly httpPort: number,
    private readonly host: string,
  ) {}

  /**
   * @throws BulkheadError `port.inUse`, `config.invalid` for a host that is not an address of this
   * machine
   */
  static async start(
    pageDir: string,
    { host, port, token }: PageServerOptions,
    { open, hls }: ServedStream,
  ): Promise<PageServer> {
    const assets = await readAssets(pageDir);
    const server = createServer(HTTP_LIMITS);
    const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_VIEWER_MESSAGE, autoPong: false });
    const bounds = new ConnectionBounds(server);
    const started = new PageServer(server, sockets, await listenNear(server, port, host), host);
    const begin: Begin = (send, carrier) => {
      const viewer = send(open);
      started.viewers.add(viewer);
      carrier.once('close', () => started.viewers.delete(viewer));
    };
    const served: Served = {
      assets,
      hls,
      token,
      sockets,
      watch: (socket) => (bounds.watch(socket) ? begin : undefined),
    };
    server.on('request', (request, response) => void respond(request, response, served));
    server.on('upgrade', (request, socket, head) => upgrade(request, socket, head, served));
    return started;
  }

  get pageUrl(): string {
    return `${this.origin}/`;
  }

  get playUrl(): string {
    return `${this.origin}${STREAM_FILE}`;
  }

  /** Tells the viewers that the broadcast has ended: their responses end in order. */
  endViewers(): void {
    for (const viewer of this.viewers) viewer.end();
  }

  /** Disconnects the remaining viewers. */
  dispose(): void {
    this.server.close();
    this.server.closeAllConnections();
    for (const socket of this.sockets.clients) socket.terminate();
  }

  private get origin(): string {
    return `http://${urlHost(reachableAddress(this.host))}:${this.httpPort}`;
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

async function respond(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  const path = pathOf(request);
  const refusal = refusalOf(request, path, served);
  if (refusal !== undefined) {
    refuse(response, refusal);
    return;
  }
  if (path === STREAM_FILE) {
    respondWithStream(request, response, served);
    return;
  }
  const asset = served.assets.get(path) ?? (await hlsFile(request, path, served));
  if (asset === undefined) {
    refuse(response, NOT_FOUND);
    return;
  }
  response.writeHead(200, {
    ...(asset.isLive === true ? LIVE_HEADERS : PAGE_HEADERS),
    'Content-Type': asset.contentType,
    'Content-Length': asset.body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : asset.body);
}

/** A file of the stream as HLS. */
async function hlsFile(
  { url = '' }: IncomingMessage,
  path: string,
  { hls, token }: Served,
): Promise<Asset | undefined> {
  if (path === PLAYLIST) {
    // The playlist's files need the token of its request.
    const query = token === undefined ? '' : (url.slice(path.length).match(/^\?token=[\w-]*$/)?.[0] ?? '');
    const text = await hls.playlist(query);
    if (text === undefined) return undefined;
    return { body: Buffer.from(text), contentType: 'application/vnd.apple.mpegurl', isLive: true };
  }
  if (!path.startsWith(HLS_FOLDER)) return undefined;
  const body = hls.file(path.slice(HLS_FOLDER.length));
  return body === undefined ? undefined : { body, contentType: 'video/mp4', isLive: true };
}

function respondWithStream(request: IncomingMessage, response: ServerResponse, { watch }: Served): void {
  const isHead = request.method === 'HEAD';
  const begin = isHead ? undefined : watch(request.socket);
  if (!isHead && begin === undefined) {
    refuse(response, TOO_MANY);
    return;
  }
  response.setHeader('Content-Type', 'video/x-flv');
  response.setHeader('Cache-Control', 'no-store');
  if (begin === undefined) response.end();
  else begin((openStream) => sendByHttp(response, openStream), response);
}

/** Handles a request to upgrade to a WebSocket with the stream. */
function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, served: Served): void {
  socket.on('error', () => {});
  const path = pathOf(request);
  const refusal = refusalOf(request, path, served) ?? (path === STREAM_FILE ? undefined : NOT_FOUND);
  const begin = refusal === undefined ? served.watch(request.socket) : undefined;
  if (begin === undefined) {
    const { status } = refusal ?? TOO_MANY;
    const reason = STATUS_CODES[status];
    socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    return;
  }
  served.sockets.handleUpgrade(request, socket, head, (opened) =>
    begin((openStream) => sendByWebSocket(opened, openStream), opened),
  );
}

interface Refusal {
  readonly status: number;
  readonly message: string;
}

const NOT_FOUND: Refusal = { status: 404, message: 'Not found.' };
const TOO_MANY: Refusal = { status: 503, message: 'Too many viewers.' };

/** Why a request is refused; undefined if it is allowed. */
function refusalOf(request: IncomingMessage, path: string, { token }: Served): Refusal | undefined {
  if (!isOwnName(request.headers.host)) return { status: 403, message: 'Open this page by its IP address.' };
  if (!isSameOrigin(request)) return { status: 403, message: 'Other sites may not show this stream.' };
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, message: 'Only GET and HEAD.' };
  if ((path === '/' || path.startsWith('/live/')) && !hasToken(request, token)) {
    return {
      status: 403,
      message: 'The link has no token, or its token is no longer valid: ask for a new link.',
    };
  }
  return undefined;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}

function refuse(response: ServerResponse, { status, message }: Refusal): void {
  if (status === 405) response.setHeader('Allow', 'GET, HEAD');
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}
