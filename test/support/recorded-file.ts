import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ContainerSink, ReadableFile } from '../../src/media/containers/container.js';
import { readPacket } from '../../src/media/containers/packets.js';
import type { StreamTag } from '../../src/media/stream-tag.js';

/** A file in memory, as a recorder writes and reads it. */
export class MemoryFile implements ContainerSink, ReadableFile {
  /** Where it ended after each `append`. */
  readonly ends: number[] = [];

  /** @param patches how many of them come to the disk */
  constructor(
    public bytes: Buffer = Buffer.alloc(0),
    private patches = Number.POSITIVE_INFINITY,
  ) {}

  get size(): number {
    return this.bytes.length;
  }

  append(bytes: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    this.ends.push(this.bytes.length);
  }

  patch(position: number, bytes: Buffer): void {
    if (position + bytes.length > this.bytes.length) throw new RangeError('a patch beyond the end');
    if (this.patches-- > 0) bytes.copy(this.bytes, position);
  }

  async read(position: number, length: number): Promise<Buffer> {
    return Buffer.from(this.bytes.subarray(position, position + length));
  }

  cut(bytes: number): MemoryFile {
    return new MemoryFile(Buffer.from(this.bytes.subarray(0, bytes)));
  }
}

/** A packet of a file as ffmpeg reads it. */
export interface FilePacket {
  readonly stream: number;
  readonly ptsMs: number;
  readonly bytes: number;
  /** Adler-32, as ffmpeg's `framecrc` begins it. */
  readonly sum: number;
}

/** All packets of a file, each stream in its order. */
export async function packetsOf(ffmpeg: string, file: string): Promise<FilePacket[]> {
  const { stdout, stderr } = await promisify(execFile)(
    ffmpeg,
    [
      ...['-v', 'error', '-copyts', '-i', file, '-map', '0', '-c', 'copy', '-copyinkf'],
      ...['-f', 'framecrc', 'pipe:1'],
    ],
    { maxBuffer: 64 << 20 },
  );
  if (stderr !== '') throw new Error(`ffmpeg: ${stderr}`);
  const timeBases = new Map<number, number>();
  const packets: FilePacket[] = [];
  for (const line of stdout.split('\n')) {
    const timeBase = /^#tb (\d+): (\d+)\/(\d+)/.exec(line);
    if (timeBase !== null) timeBases.set(Number(timeBase[1]), Number(timeBase[2]) / Number(timeBase[3]));
    if (line === '' || line.startsWith('#')) continue;
    const [stream = 0, , pts = 0, , bytes = 0] = line.split(',').map(Number);
    const sum = Number(/0x[0-9a-f]{8}/.exec(line)?.[0]);
    packets.push({ stream, ptsMs: pts * (timeBases.get(stream) ?? 0) * 1000, bytes, sum });
  }
  return packets;
}

/** The packets that these tags should become. @param stream of each tag in the file; undefined for none */
export function expectedPackets(
  tags: readonly StreamTag[],
  stream: (tag: StreamTag) => number | undefined,
): FilePacket[] {
  const startMs = Math.min(
    ...tags.filter((tag) => readPacket(tag)?.isHeader === false).map((t) => t.timestampMs),
  );
  return tags.flatMap((tag) => {
    const packet = readPacket(tag);
    const number = stream(tag);
    if (packet === undefined || packet.isHeader || number === undefined) return [];
    const ptsMs = tag.timestampMs + packet.compositionMs - startMs;
    return [{ stream: number, ptsMs, bytes: packet.data.length, sum: adler32(packet.data) }];
  });
}

/** Decodes everything. @returns what ffmpeg says, which should be nothing */
export async function decodeErrors(ffmpeg: string, file: string): Promise<string> {
  const { stderr } = await promisify(execFile)(
    ffmpeg,
    ['-v', 'error', '-i', file, '-map', '0', '-f', 'null', '-'],
    { maxBuffer: 64 << 20 },
  );
  return stderr;
}

/** The PTS of the first frame that a player shows which begins at this time, ms. */
export async function soughtMs(ffmpeg: string, file: string, seconds: number): Promise<number | undefined> {
  const { stdout } = await promisify(execFile)(ffmpeg, [
    ...['-v', 'error', '-copyts', '-ss', String(seconds), '-i', file, '-map', '0:v:0', '-c', 'copy'],
    ...['-frames:v', '1', '-f', 'framecrc', 'pipe:1'],
  ]);
  const timeBase = /^#tb 0: (\d+)\/(\d+)/m.exec(stdout);
  const line = stdout.split('\n').find((text) => text !== '' && !text.startsWith('#'));
  if (line === undefined || timeBase === null) return undefined;
  return (Number(line.split(',')[2]) * Number(timeBase[1]) * 1000) / Number(timeBase[2]);
}

/** As ffprobe shows them. */
export interface ProbedFile {
  readonly format: { readonly duration?: string; readonly format_name: string };
  readonly streams: readonly Record<string, unknown>[];
  readonly chapters: readonly { readonly start_time: string; readonly tags?: { readonly title?: string } }[];
}

export async function probeFile(file: string): Promise<ProbedFile> {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-of', 'json', '-show_format', '-show_streams', '-show_chapters', file],
  ]);
  return JSON.parse(stdout) as ProbedFile;
}

function adler32(bytes: Buffer): number {
  let [a, b] = [0, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}
