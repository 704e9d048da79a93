import type { Random } from './random.js';

const INTERESTING = [
  0, 1, 2, 3, 5, 8, 9, 10, 17, 18, 20, 0x22, 0x2c, 0x5b, 0x7b, 0x7f, 0x80, 0xfe, 0xff,
] as const;
const LENGTHS = [
  0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x10000, 0xffffff, 0x1000000, 0x7fffffff, 0xffffffff,
] as const;

/** A changed copy of some bytes, at most `maxBytes` long. */
export function mutateBytes(bytes: Buffer, other: Buffer, random: Random, maxBytes: number): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let count = 1 + random.size(7); count > 0; count -= 1) result = step(result, other, random);
  // Seldom, since it is slow: what is harmless once may not be a thousand times.
  if (random.once(2000)) result = repeat(result, random, maxBytes);
  return result.length > maxBytes ? result.subarray(0, maxBytes) : result;
}

function step(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const inside = Math.min(at, bytes.length - 1);
  switch (random.below(9)) {
    case 0:
      if (inside >= 0) bytes[inside] = (bytes[inside] ?? 0) ^ (1 << random.below(8));
      return bytes;
    case 1:
      if (inside >= 0) bytes[inside] = random.pick(INTERESTING);
      return bytes;
    case 2:
      if (inside >= 0) bytes[inside] = random.below(256);
      return bytes;
    case 3:
      return insert(bytes, at, Buffer.from([random.pick(INTERESTING)]));
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.size(16))]);
    case 5: {
      const width = random.pick([1, 2, 3, 4] as const);
      if (bytes.length >= width) {
        bytes.writeUIntBE(
          random.pick(LENGTHS) % 2 ** (8 * width),
          random.below(bytes.length - width + 1),
          width,
        );
      }
      return bytes;
    }
    case 6: {
      const from = random.below(bytes.length);
      return insert(bytes, at, bytes.subarray(from, from + 1 + random.size(64)));
    }
    case 7: {
      const from = random.below(other.length);
      return insert(bytes, at, other.subarray(from, from + 1 + random.size(256)));
    }
    default:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random.below(other.length))]);
  }
}

function insert(bytes: Buffer, at: number, inserted: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
}

/** One piece of it until it is as long as it may be. */
function repeat(bytes: Buffer, random: Random, maxBytes: number): Buffer {
  if (bytes.length === 0) return bytes;
  const from = random.below(bytes.length);
  const piece = bytes.subarray(from, from + 1 + random.size(64));
  const room = random.size(Math.max(0, maxBytes - bytes.length));
  const filling = Buffer.alloc(room, piece);
  return Buffer.concat([bytes.subarray(0, from), filling, bytes.subarray(from)]);
}
