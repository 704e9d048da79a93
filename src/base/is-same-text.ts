import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares secrets: how long it takes says nothing of where they differ, nor of their lengths. */
export function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
