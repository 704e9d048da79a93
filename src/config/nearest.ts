import { distance } from 'fastest-levenshtein';

/** What is longer is no slip of the hand, and slow to compare, characters. */
const MAX_WORD = 100;

/** The candidate that `word` was most likely meant to be; undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_WORD) return undefined;
  const lower = word.toLowerCase();
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(lower, candidate.toLowerCase());
    if (best === undefined || edits < best.edits) best = { candidate, edits };
  }
  // Two edits are one transposed pair of letters; longer words may hold more mistakes.
  if (best === undefined || best.edits >= best.candidate.length) return undefined;
  return best.edits <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

/** `; did you mean "fps"?`, or the candidates themselves when none is near. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return candidates.length > 0 ? `expected one of ${candidates.join(', ')}` : 'no key is expected here';
}
