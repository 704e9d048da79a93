import type { Contender } from '../contender.js';
import { birpc } from './birpc.js';
import { bulkhead } from './bulkhead.js';
import { echo } from './echo.js';
import { stock } from './stock.js';

/** The first one is what the others are compared with. */
export const contenders: readonly [Contender, ...Contender[]] = [echo, bulkhead, birpc, stock];
