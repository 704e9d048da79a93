import { distance } from 'fastest-levenshtein';

/**
 * Maximum length of a word to compare, characters: a longer one is not a typing error, and slow to
 * compare.
 */
const MAX_WORD = 100;

/** The candidate most similar to `word`; undefined if none is similar. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_WORD) return undefined;
  const lower = word.toLowerCase();
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(lower, candidate.toLowerCase());
    if (best === undefined || edits < best.edits) best = { candidate, edits };
  }
  // Two edits are one transposition of letters; longer words may contain more errors.
  if (best === undefined || best.edits >= best.candidate.length) return undefined;
  return best.edits <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

/** `; did you mean "fps"?`, or the candidates themselves if none is similar. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return candidates.length > 0 ? `expected one of ${candidates.join(', ')}` : 'no key is expected here';
}
