/** What one message may be. */
export interface MessageLimits {
  /** Bytes of JSON. */
  readonly maxBytes: number;
  /** Objects and arrays within each other, the message itself included. */
  readonly maxDepth: number;
  /**
   * What parsing costs, in array elements: a string counts as two of them, a member of an object as five. Parsing 20,000
   * takes 1 to 2 ms, whatever they are (measured on Node 20); without a weight, 20,000 different keys take 15 to 35.
   */
  readonly maxElements: number;
}

/** For a peer that is trusted: children read what the core sends. */
export const GENEROUS_LIMITS: MessageLimits = {
  maxBytes: 16 * 1024 * 1024,
  maxDepth: 256,
  maxElements: Number.POSITIVE_INFINITY,
};

/**
 * Frames up to this size are parsed at once: that costs half a millisecond at most, and their depth is looked at after. In larger ones
 * each byte is looked at before, which for many small messages would take as long as parsing them.
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

/** Whether nothing in a value that was parsed is nested deeper than `maxDepth`. Of a value that is, no more than that is looked at. */
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
 * What about a frame's body is beyond the limits, as the rest of a sentence ("nested deeper than 64"); undefined when nothing
 * is. About 1 ns a byte. Of bytes that are not JSON it says nothing: the parser does.
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
