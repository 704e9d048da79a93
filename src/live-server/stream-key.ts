import { createHash, timingSafeEqual } from 'node:crypto';
import type { KeyHash } from '../protocol/live-server.js';

/** Whether this is the hashed key; takes constant time. */
export function isKey({ salt, hash }: KeyHash, key: string): boolean {
  const expected = Buffer.from(hash, 'hex');
  const actual = createHash('sha256').update(salt).update(key).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
