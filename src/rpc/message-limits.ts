/** Limits of one message. */
export interface MessageLimits {
  /** Bytes of JSON. */
  readonly maxBytes: number;
  /** Nesting depth of objects and arrays, including the message itself. */
  readonly maxDepth: number;
  /**
   * Parsing cost, in array elements: a string counts as two, an object member as five. Parsing 20,000 takes 1 to 2 ms for any
   * mix (measured on Node 20); without weights, 20,000 different keys take 15 to 35 ms.
   */
  readonly maxElements: number;
}

/** For a trusted peer: child processes use them for messages from the core. */
export const GENEROUS_LIMITS: MessageLimits = {
  maxBytes: 16 * 1024 * 1024,
  maxDepth: 256,
  maxElements: Number.POSITIVE_INFINITY,
};

/**
 * Frames up to this size are parsed first, which costs half a millisecond at most, and their depth is checked afterwards.
 * Larger frames are scanned byte by byte before parsing; for many small messages that would take as long as parsing them.
 */
export const SMALL_BYTES = 8 * 1024;

const STRING_WEIGHT = 1;
const MEMBER_WEIGHT = 3;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Whether a parsed value is nested no deeper than `maxDepth`. Never recurses deeper than that. */
export function isWithinDepth(value: unknown, maxDepth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (maxDepth === 0) return false;
  if (Array.isArray(value)) {
    for (const element of value) if (!isWithinDepth(element, maxDepth - 1)) return false;
    return true;
  }
  for (const name in value) {
    if (!isWithinDepth((value as Readonly<Record<string, unknown>>)[name], maxDepth - 1)) return false;
  }
  return true;
}

/**
 * Which limit a frame's body exceeds, as the rest of a sentence ("nested deeper than 64"); undefined if none. About 1 ns a
 * byte. Invalid JSON is not reported here but by the parser.
 */
export function findExcess(
  body: Uint8Array,
  start: number,
  end: number,
  { maxDepth, maxElements }: MessageLimits,
): string | undefined {
  let depth = 0;
  let elements = 0;
  for (let at = start; at < end; at++) {
    switch (body[at]) {
      case QUOTE:
        elements += STRING_WEIGHT;
        at = endOfString(body, at + 1, end);
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        elements += 1;
        depth += 1;
        if (depth > maxDepth) return `nested deeper than ${maxDepth}`;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth -= 1;
        break;
      case COMMA:
        elements += 1;
        break;
      case COLON:
        elements += MEMBER_WEIGHT;
        break;
    }
    if (elements > maxElements) return `made of more than ${maxElements} elements`;
  }
  return undefined;
}

/** Index of the quote that ends a string, or `end`. */
function endOfString(body: Uint8Array, from: number, end: number): number {
  let at = from;
  for (; at < end; at++) {
    const byte = body[at];
    if (byte === QUOTE) break;
    if (byte === BACKSLASH) at += 1;
  }
  return at;
}
