import type { Contender } from '../contender.js';
import { birpc } from './birpc.js';
import { bulkhead } from './bulkhead.js';
import { echo } from './echo.js';
import { stock } from './stock.js';

/** The first one is what the others are compared with. */
export const contenders: readonly [Contender, ...Contender[]] = [echo, bulkhead, birpc, stock];

export function findContender(name: string | undefined): Contender {
  const contender = contenders.find((candidate) => candidate.name === name);
  if (contender === undefined) throw new Error(`No contender is called ${name}.`);
  return contender;
}
