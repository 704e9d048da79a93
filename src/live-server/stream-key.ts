import { createHash, timingSafeEqual } from 'node:crypto';
import type { KeyHash } from '../protocol/live-server.js';

/** Whether this is the key that the hash was made of; the time that takes says nothing about the key. */
export function isKey({ salt, hash }: KeyHash, key: string): boolean {
  const expected = Buffer.from(hash, 'hex');
  const actual = createHash('sha256').update(salt).update(key).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
