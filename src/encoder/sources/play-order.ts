/** In which order the items of a playlist are played, round by round. */
export interface PlayOrder {
  /** Number of the item at a place of a round, both from 0. */
  itemAt(round: number, place: number): number;
  placeOf(round: number, item: number): number;
}

/** As they are listed. */
export const LISTED_ORDER: PlayOrder = { itemAt: (_round, place) => place, placeOf: (_round, item) => item };

/**
 * Another order in each round, in which every item comes once, and none twice in a row at the seam of two rounds. The order follows
 * from the round's number alone, so that another process continues it.
 */
export function shuffledOrder(items: number): PlayOrder {
  let known: { readonly round: number; readonly order: readonly number[] } | undefined;
  const orderOf = (round: number) => {
    if (known?.round !== round) known = { round, order: orderOfRound(items, round) };
    return known.order;
  };
  return {
    itemAt: (round, place) => orderOf(round)[place] ?? 0,
    placeOf: (round, item) => Math.max(0, orderOf(round).indexOf(item)),
  };
}

function orderOfRound(items: number, round: number): number[] {
  // Of two, every other order would repeat one at the seam.
  if (items <= 2) return Array.from({ length: items }, (_, item) => item);
  const order = shuffled(items, round);
  const [first, second] = order as [number, number];
  // The last one stays where it is, since the next round counts on it.
  if (first === shuffled(items, round - 1).at(-1)) [order[0], order[1]] = [second, first];
  return order;
}

/** Fisher and Yates' shuffle. */
function shuffled(items: number, seed: number): number[] {
  const order = Array.from({ length: items }, (_, item) => item);
  const random = randomNumbers(seed);
  for (let place = items - 1; place > 0; place -= 1) {
    const other = Math.floor(random() * (place + 1));
    [order[place], order[other]] = [order[other] ?? 0, order[place] ?? 0];
  }
  return order;
}

/** "Mulberry32": neighbouring seeds give unrelated numbers, from 0 to below 1. */
function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
