import { readFileSync } from 'node:fs';
import { readFile, truncate } from 'node:fs/promises';
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { PLAYLIST } from '../protocol/relay.js';
import { segmentsOf } from './segment-folder.js';

/** How often it is looked for new segments, ms. */
const LOOK_MS = 200;
/** How long a server may neither read nor answer, ms. */
const REQUEST_MS = 10_000;
/** How often a file is tried, and the pause in between, ms. */
const TRIES = 3;
const PAUSE_MS = 500;
/** As long as an upload is late, segments fall out of the playlist; of those uploaded no more than these are remembered. */
const MAX_UPLOADED = 1000;

const TYPES: Readonly<Record<string, string>> = {
  ts: 'video/mp2t',
  m3u8: 'application/vnd.apple.mpegurl',
};

export interface HlsUploadOptions {
  /** Where ffmpeg writes. */
  readonly folder: string;
  /** Of the playlist; the other files go beside it. May be secret. */
  readonly url: string;
  readonly authorization?: string | undefined;
  /** PEM file of an authority to trust besides the system's. */
  readonly caFile?: string | undefined;
  /** A segment and the playlist with it have been uploaded. */
  readonly onUpload: () => void;
  /** Host and port, for messages. */
  readonly server: string;
}

/** Uploads a playlist and its segments by HTTP PUT, as they appear in a folder, and deletes what the playlist no longer names. */
export class HlsUpload {
  /** Rejects when the server does not take it. */
  readonly failed: Promise<never>;
  private readonly running: Promise<void>;
  private readonly agent: HttpAgent;
  private readonly stopping = new AbortController();
  private uploaded = new Set<string>();
  private last = '';
  private finishing = false;

  constructor(private readonly options: HlsUploadOptions) {
    const { url, caFile } = options;
    const ca = caFile === undefined ? {} : { ca: [...rootCertificates, readFileSync(caFile, 'utf8')] };
    const keeping = { keepAlive: true, maxSockets: 2 };
    this.agent = url.startsWith('https:') ? new HttpsAgent({ ...keeping, ...ca }) : new HttpAgent(keeping);
    this.running = this.run();
    this.failed = new Promise((_, reject) => {
      this.running.catch(reject);
    });
    this.failed.catch(() => {});
  }

  /** Uploads what is left. @throws BulkheadError */
  async finish(): Promise<void> {
    this.finishing = true;
    await this.running;
    this.agent.destroy();
  }

  dispose(): void {
    this.stopping.abort();
    this.agent.destroy();
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const isLast = this.finishing;
      const playlist = await readFile(join(this.options.folder, PLAYLIST), 'utf8').catch(() => '');
      if (playlist !== '' && playlist !== this.last) await this.upload(playlist);
      if (isLast) return;
      await delay(LOOK_MS, undefined, { signal: this.stopping.signal }).catch(() => {});
    }
  }

  private async upload(playlist: string): Promise<void> {
    const named = segmentsOf(playlist);
    for (const name of named.filter((segment) => !this.uploaded.has(segment))) {
      const file = join(this.options.folder, name);
      const bytes = await readFile(file).catch(() => undefined);
      // It has fallen out of the playlist meanwhile.
      if (bytes === undefined) continue;
      if (bytes.length > 0) await this.put(name, bytes);
      this.uploaded.add(name);
      // So another relay that goes on with this folder knows of it.
      await truncate(file).catch(() => {});
    }
    await this.put(PLAYLIST, Buffer.from(playlist));
    this.last = playlist;
    this.options.onUpload();
    const gone = [...this.uploaded].filter((name) => !named.includes(name));
    for (const name of gone) void this.delete(name);
    this.uploaded = new Set([...this.uploaded].filter((name) => named.includes(name)).slice(-MAX_UPLOADED));
  }

  private async put(name: string, bytes: Buffer): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const status = await this.send('PUT', name, bytes);
        if (status < 300) return;
        const refusal = refused(status, this.options.server);
        if (status < 500 && status !== 408 && status !== 429) throw refusal;
        if (tries === TRIES) throw refusal;
      } catch (error) {
        const isLast = tries === TRIES || error instanceof SilentServerError;
        if (error instanceof BulkheadError || isLast) throw failure(error, this.options.server);
      }
      await delay(PAUSE_MS, undefined, { signal: this.stopping.signal });
    }
  }

  /** Servers need not allow it. */
  private async delete(name: string): Promise<void> {
    await this.send('DELETE', name).catch(() => {});
  }

  private send(method: 'PUT' | 'DELETE', name: string, body?: Buffer): Promise<number> {
    const { url, authorization } = this.options;
    const target = new URL(name === PLAYLIST ? url : segmentUrl(url, name));
    const options: RequestOptions = {
      method,
      agent: this.agent,
      signal: this.stopping.signal,
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined
          ? {}
          : { 'content-length': body.length, 'content-type': TYPES[name.split('.').at(-1) ?? ''] }),
      },
    };
    const make = target.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const sent = make(target, options, (response: IncomingMessage) => {
        response.resume().on('error', () => {});
        resolve(response.statusCode ?? 0);
      });
      sent.setTimeout(REQUEST_MS, () => sent.destroy(new SilentServerError()));
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

/** The address of a segment: the playlist's name is replaced, also where it stands in the query. */
export function segmentUrl(url: string, name: string): string {
  return url.replace(/[^/=&?#]*\.m3u8(?!.*\.m3u8)/is, () => name);
}

class SilentServerError extends Error {}

function refused(status: number, server: string): BulkheadError {
  if (status === 401 || status === 403) {
    return new BulkheadError(
      ErrorCodes.outputAuthFailed,
      `${server} has refused the upload: HTTP ${status}`,
      {
        remedy: 'Check the "username" and the "password" of the output, or the key in its address.',
      },
    );
  }
  const isMoved = status >= 300 && status < 400;
  return new BulkheadError(
    status >= 500 ? ErrorCodes.outputUnreachable : ErrorCodes.outputRefused,
    isMoved
      ? `${server} redirects uploads to another address: HTTP ${status}`
      : `${server} does not take the upload: HTTP ${status}`,
    {
      remedy: isMoved
        ? 'Write the address to which it redirects.'
        : 'Check the address, and that the server takes files by PUT.',
    },
  );
}

function failure(error: unknown, server: string): BulkheadError {
  if (error instanceof BulkheadError) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL/.test(code)) {
    return new BulkheadError(
      ErrorCodes.outputTls,
      `the certificate of ${server} cannot be trusted (${code})`,
      {
        remedy: 'Check the host and the date; for a server of your own, set "tlsCaFile".',
      },
    );
  }
  const reason = code === 'ECONNREFUSED' ? 'nothing is listening there' : code;
  return new BulkheadError(
    ErrorCodes.outputUnreachable,
    error instanceof SilentServerError
      ? `${server} has not answered for ${REQUEST_MS / 1000} s`
      : `cannot upload to ${server}: ${reason}`,
    { remedy: 'Check the address and the network. Bulkhead keeps trying.' },
  );
}
