import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FLV_PREAMBLE, type FlvInput, flvTag } from './flv.js';

/** A tag of a live stream, with its time on the stream's clock. */
export type LiveTag = FlvInput;

export interface LiveFlvOptions {
  /** In their order; the server's clock begins at 0 with the first client. */
  readonly tags: readonly LiveTag[];
  /** The timestamp that a tag is sent with, ms; its own if undefined. */
  readonly timestampOf?: (ms: number) => number;
  /** Whether a tag is sent. */
  readonly isSent?: (tag: LiveTag) => boolean;
  /** How much of the past a new client gets at once, ms. */
  readonly burstMs?: number;
  /** When the server is gone: clients lose their connection, and new ones get none. */
  readonly outage?: { readonly fromMs: number; readonly toMs: number };
}

const TICK_MS = 20;
const TAG_HEADER_BYTES = 11;
const KINDS = { 8: 'audio', 9: 'video', 18: 'script' } as const;

/** Splits an FLV file into tags. */
export function readTags(file: Buffer): LiveTag[] {
  const tags: LiveTag[] = [];
  for (let at = FLV_PREAMBLE.length; at + TAG_HEADER_BYTES <= file.length; ) {
    const length = file.readUIntBE(at + 1, 3);
    const kind = KINDS[(file[at] ?? 0) as keyof typeof KINDS];
    const ms = file.readUIntBE(at + 4, 3) + (file[at + 7] ?? 0) * 2 ** 24;
    const from = at + TAG_HEADER_BYTES;
    if (kind !== undefined) tags.push({ kind, ms, payload: file.subarray(from, from + length) });
    at = from + length + 4;
  }
  return tags;
}

const isHeader = ({ kind, payload }: LiveTag) => kind === 'script' || payload[1] === 0;
const isKeyframe = ({ kind, payload }: LiveTag) =>
  kind === 'video' && (payload[0] ?? 0) >> 4 === 1 && payload[1] === 1;

/** A live stream as FLV over HTTP: every client joins at a keyframe of the present, and gets each tag at its time. */
export class LiveFlvServer {
  private readonly server: Server;
  private readonly clients = new Set<ServerResponse>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private startedMs: number | undefined;
  private isAway = false;

  private constructor(private readonly options: LiveFlvOptions) {
    this.server = createServer((_request, response) => this.serve(response));
  }

  static async start(options: LiveFlvOptions): Promise<LiveFlvServer> {
    const server = new LiveFlvServer(options);
    await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/live.flv`;
  }

  /** From now on clients lose their connection, and new ones get none, while its clock goes on. */
  leave(): void {
    this.isAway = true;
  }

  comeBack(): void {
    this.isAway = false;
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    for (const client of this.clients) client.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private now(): number {
    this.startedMs ??= performance.now();
    return performance.now() - this.startedMs;
  }

  private get isGone(): boolean {
    const { outage } = this.options;
    const now = this.now();
    return this.isAway || (outage !== undefined && now >= outage.fromMs && now < outage.toMs);
  }

  private serve(response: ServerResponse): void {
    if (this.isGone) {
      response.destroy();
      return;
    }
    const { tags, burstMs = 0 } = this.options;
    this.clients.add(response);
    response.writeHead(200, { 'Content-Type': 'video/x-flv' }).write(FLV_PREAMBLE);
    const fromMs = this.now() - burstMs;
    const keyframe = tags.findIndex((tag) => tag.ms >= fromMs && isKeyframe(tag));
    let next = fromMs <= 0 ? 0 : keyframe === -1 ? tags.length : keyframe;
    if (next > 0) this.sendHeaders(response, next);
    const timer = setInterval(() => {
      if (this.isGone || next >= tags.length) {
        response.destroy();
        return;
      }
      const now = this.now();
      for (; (tags[next]?.ms ?? Number.POSITIVE_INFINITY) <= now; next++) this.send(response, tags[next]);
    }, TICK_MS);
    this.timers.add(timer);
    response.on('error', () => {});
    response.on('close', () => {
      clearInterval(timer);
      this.timers.delete(timer);
      this.clients.delete(response);
    });
  }

  /** Metadata and the headers of both codecs, as they are at the tag `next`. */
  private sendHeaders(response: ServerResponse, next: number): void {
    const { tags } = this.options;
    for (const kind of ['script', 'video', 'audio'] as const) {
      const header = tags.slice(0, next).findLast((tag) => tag.kind === kind && isHeader(tag));
      if (header !== undefined) this.send(response, { ...header, ms: tags[next]?.ms ?? header.ms });
    }
  }

  private send(response: ServerResponse, tag: LiveTag | undefined): void {
    const { isSent, timestampOf } = this.options;
    if (tag === undefined || (isSent !== undefined && !isHeader(tag) && !isSent(tag))) return;
    response.write(flvTag({ ...tag, ms: timestampOf?.(tag.ms) ?? tag.ms }));
  }
}
