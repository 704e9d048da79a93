/**
 * What a recording keeps for the recorder that finds it again, in elements that players pass over: where it begins on the broadcast's
 * timeline, and its chapters, which only {@link ContainerWriter.end} lists for players.
 */

export interface Chapter {
  /** In the file's own time. */
  readonly timestampMs: number;
  readonly title: string;
}

export type Note = { readonly startMs: number } | Chapter;

const MAGIC = 'bulkhead ';
export const MAX_NOTE_BYTES = 4096;
/** Of a chapter's title: as many as the shortest of the formats has room for. */
const MAX_TITLE_BYTES = 255;

export function encodeNote(note: Note): Buffer {
  return Buffer.from(MAGIC + JSON.stringify(note));
}

/** @returns undefined if it is none */
export function decodeNote(bytes: Buffer): Note | undefined {
  if (bytes.length > MAX_NOTE_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  try {
    const note: unknown = JSON.parse(bytes.toString('utf8', MAGIC.length));
    if (typeof note !== 'object' || note === null) return undefined;
    const { startMs, timestampMs, title } = note as Record<string, unknown>;
    if (isTime(startMs)) return { startMs };
    return isTime(timestampMs) && typeof title === 'string' ? { timestampMs, title } : undefined;
  } catch {
    return undefined;
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** The title in as many bytes as every format has room for, without half a character at its end. */
export function shortTitle(title: string): string {
  const bytes = Buffer.from(title);
  if (bytes.length <= MAX_TITLE_BYTES) return title;
  let end = MAX_TITLE_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
