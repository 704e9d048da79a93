import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Answers are a few kB. */
const MAX_BODY_BYTES = 256 * 1024;

export interface HttpCall {
  readonly method: 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Authorities to trust, PEM. */
  readonly ca?: readonly string[] | undefined;
  /** For all of it, ms. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The server has not answered in time. */
export class SilentServerError extends Error {}
/** Its answer is longer than any of this kind. */
export class LongAnswerError extends Error {}

/** One request with its whole answer, on a connection of its own. Rejects with what Node says, or an error of this file. */
export function httpCall({
  method,
  url,
  headers,
  body,
  ca,
  deadlineMs,
  signal,
}: HttpCall): Promise<HttpAnswer> {
  const isSecure = url.protocol === 'https:';
  const options = {
    method,
    agent: false as const,
    signal,
    headers: {
      ...headers,
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    },
  };
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) sent.destroy(new LongAnswerError());
      });
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers: received } = response;
        resolve({ status, headers: received, body: Buffer.concat(chunks).toString() });
      });
    };
    const sent = isSecure
      ? httpsRequest(url, ca === undefined ? options : { ...options, ca: [...ca] }, take)
      : httpRequest(url, options, take);
    const timer = setTimeout(() => sent.destroy(new SilentServerError()), deadlineMs);
    sent.on('error', reject).on('close', () => clearTimeout(timer));
    sent.end(body);
  });
}
