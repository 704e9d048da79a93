import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Disposable } from 'vscode-jsonrpc';
import { importModule } from '../../base/import-module.js';
import { isSameText } from '../../base/is-same-text.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

export const CallbackAddresses = Symbol('CallbackAddresses');

/** An address on this computer that takes one request of the streamer's browser. Disposing closes it. */
export interface OpenCallback extends Disposable {
  readonly url: string;
  /** The query of its request, without the `?`; null if it was closed before. */
  readonly query: Promise<string | null>;
}

/** Opens addresses for answers that come by the streamer's browser, such as those of OAuth (RFC 8252, 7.3). */
export interface CallbackAddresses {
  /** @throws `port.inUse` if no port can be had */
  open(timeoutMs: number): Promise<OpenCallback>;
}

/** Bounds of what any program on this computer may do to an address while it is open. */
const LIMITS = {
  connections: 8,
  headerBytes: 16 * 1024,
  requestMs: 10_000,
  lingerMs: 1000,
} as const;
/** Most characters of a query. */
const MAX_QUERY = 8 * 1024;

const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
} as const;

/** Each on a free port of its own, on loopback only, behind a path that nobody can guess. */
export class LoopbackCallbacks implements CallbackAddresses {
  async open(timeoutMs: number): Promise<OpenCallback> {
    // Loaded when it is needed, to keep the core small.
    const { createServer } = await importModule<typeof import('node:http')>('node:http');
    const path = `/${randomBytes(32).toString('base64url')}`;
    let isTaken = false;
    let settle: (query: string | null) => void = () => {};
    const query = new Promise<string | null>((resolve) => {
      settle = resolve;
    });
    const server: Server = createServer(
      {
        maxHeaderSize: LIMITS.headerBytes,
        headersTimeout: LIMITS.requestMs,
        requestTimeout: LIMITS.requestMs,
        connectionsCheckingInterval: LIMITS.requestMs,
      },
      (request, response) => {
        const found = isTaken ? undefined : queryOf(request, path, portOf(server));
        if (found === undefined) {
          answer(response, 404, 'There is nothing here.');
          return;
        }
        answer(response, 200, 'You can close this window, and go back to Bulkhead.', () => {
          // Of others that are connected; the answer may still be on its way.
          setTimeout(() => server.closeAllConnections(), LIMITS.lingerMs).unref();
        });
        finish(found);
      },
    );
    server.maxConnections = LIMITS.connections;
    server.keepAliveTimeout = 1;
    await listen(server);
    const deadline = setTimeout(() => close(), timeoutMs);
    const finish = (found: string | null) => {
      isTaken = true;
      clearTimeout(deadline);
      server.close();
      settle(found);
    };
    const close = () => {
      finish(null);
      server.closeAllConnections();
    };
    return { url: `http://127.0.0.1:${portOf(server)}${path}`, query, dispose: close };
  }
}

/** Resolves when it listens. Later errors of a server of this kind do not matter: it is open for minutes. */
async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.on('error', (error) =>
      reject(
        new BulkheadError(ErrorCodes.portInUse, `no port of this computer can be had: ${error.message}`),
      ),
    );
    server.listen(0, '127.0.0.1', resolve);
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

/** Undefined if it is not the request that the address is for. Checking the host keeps pages of other names out (DNS rebinding). */
function queryOf(
  { method, url = '', headers: { host } }: IncomingMessage,
  path: string,
  port: number,
): string | undefined {
  const [asked = '', query = ''] = splitOnce(url, '?');
  const isRight =
    method === 'GET' &&
    (host === `127.0.0.1:${port}` || host === `localhost:${port}`) &&
    isSameText(asked, path) &&
    query.length <= MAX_QUERY;
  return isRight ? query : undefined;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function answer(response: ServerResponse, status: number, text: string, done: () => void = () => {}): void {
  response.on('error', () => {});
  response.writeHead(status, HEADERS);
  response.end(
    `<!doctype html><meta charset="utf-8"><title>Bulkhead</title><style>body{font:1.2em sans-serif;margin:4em;text-align:center}</style><p>${text}</p>\n`,
    done,
  );
}
