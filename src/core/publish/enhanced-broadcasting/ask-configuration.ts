import { type IncomingMessage, request } from 'node:http';
import { openSocket } from '../rtmp/open-socket.js';
import { Refusals } from '../rtmp/refusals.js';
import type { RtmpTarget } from '../rtmp/rtmp-target.js';

/** How long the platform may take, ms. */
const ANSWER_MS = 5000;
/** Largest answer, bytes; a real one has some thousand. */
const MAX_BYTES = 64 << 10;

/** Why there is no answer. The message may be shown. */
export class NoConfigurationError extends Error {
  override readonly name = 'NoConfigurationError';
}

/**
 * Sends the request's body to a platform, by HTTPS, and returns the answer as it came. Follows no redirects: the body has the stream key in it.
 *
 * @param publishing where the output publishes to, whose authorities and source address count here too
 * @throws NoConfigurationError; the signal's reason if it is aborted
 */
export async function askConfiguration(
  address: string,
  body: string,
  publishing: RtmpTarget,
  signal: AbortSignal,
): Promise<string> {
  const url = new URL(address);
  const port = url.port === '' ? 443 : Number(url.port);
  const target = { ...publishing, secure: true, host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port };
  const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  try {
    const socket = await openSocket(target, within);
    try {
      return await exchange(url, body, within, () => socket);
    } finally {
      socket.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NoConfigurationError) throw error;
    if (within.aborted)
      throw new NoConfigurationError(`${url.host} has not answered within ${ANSWER_MS / 1000} s`);
    throw new NoConfigurationError(new Refusals(target, '').from(error, 'connecting').message);
  }
}

function exchange(
  { host, pathname, search }: URL,
  body: string,
  signal: AbortSignal,
  createConnection: () => Awaited<ReturnType<typeof openSocket>>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...{ Host: host, Connection: 'close', Accept: 'application/json', 'Content-Type': 'application/json' },
      'Content-Length': Buffer.byteLength(body),
    };
    const sent = request(
      { method: 'POST', path: pathname + search, headers, createConnection, signal },
      (response) => {
        const { statusCode } = response;
        if (statusCode === 200) read(response).then(resolve, reject);
        else reject(new NoConfigurationError(`${host} has answered with the HTTP status ${statusCode}`));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new NoConfigurationError('the answer is far too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
