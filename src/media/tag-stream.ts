import { STREAM_TAG_KINDS as KINDS, type StreamTag } from './stream-tag.js';

/**
 * Tags on the way to another process as they are in the core: FLV would lose their kinds, and the upper bits of their timestamps. Each is preceded by the
 * length of its payload (4 bytes), its kind and track (a byte each) and its timestamp (ms, a double).
 */
const HEADER_BYTES = 14;
const COMMAND = 255;
/** More than any tag that the core takes. */
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** A tag as it is sent. The payload is not copied. */
export function tagParts({ kind, track = 0, timestampMs, payload }: StreamTag): readonly [Buffer, Buffer] {
  return [headerOf(payload.length, KINDS.indexOf(kind), track, timestampMs), payload];
}

/** A value between tags, as it is sent. */
export function commandParts(command: object): readonly [Buffer, Buffer] {
  const payload = Buffer.from(JSON.stringify(command));
  return [headerOf(payload.length, COMMAND, 0, 0), payload];
}

function headerOf(length: number, kind: number, track: number, timestampMs: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32BE(length, 0);
  header[4] = kind;
  header[5] = track;
  header.writeDoubleBE(timestampMs, 6);
  return header;
}

export type StreamedItem = { readonly tag: StreamTag } | { readonly command: unknown };

/** Reads what {@link tagParts} and {@link commandParts} make, from chunks that are cut anywhere. */
export class TagStreamReader {
  private chunks: Buffer[] = [];
  private bytes = 0;

  /** Of an item that is not whole yet, bytes. */
  get rest(): number {
    return this.bytes;
  }

  /** @throws Error if it is something else: nothing after it can be read */
  push(chunk: Buffer): StreamedItem[] {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    if (this.bytes < this.wanted()) return [];
    let data = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    const items: StreamedItem[] = [];
    for (let next = itemBytes(data); next <= data.length; next = itemBytes(data)) {
      items.push(itemOf(data, next));
      data = data.subarray(next);
    }
    this.chunks = data.length === 0 ? [] : [data];
    this.bytes = data.length;
    return items;
  }

  /** Bytes from which on there is a whole item: so that the chunks of a large one are joined once. */
  private wanted(): number {
    const [first] = this.chunks;
    return first === undefined || first.length < HEADER_BYTES ? HEADER_BYTES : itemBytes(first);
  }
}

/** Of the item that begins here; of its header, while that is not complete. */
function itemBytes(data: Buffer): number {
  if (data.length < HEADER_BYTES) return HEADER_BYTES;
  const length = data.readUInt32BE(0);
  if (length > MAX_PAYLOAD_BYTES) throw new Error(`a tag of ${length} bytes`);
  return HEADER_BYTES + length;
}

function itemOf(data: Buffer, end: number): StreamedItem {
  const payload = data.subarray(HEADER_BYTES, end);
  const [code = 0, track = 0] = data.subarray(4, 6);
  if (code === COMMAND) return { command: JSON.parse(payload.toString()) };
  const kind = KINDS[code];
  if (kind === undefined) throw new Error(`a tag of the kind ${code}`);
  const timestampMs = data.readDoubleBE(6);
  return { tag: { kind, ...(track === 0 ? {} : { track }), timestampMs, payload, readAtMs: 0 } };
}
