import type { Disposable } from 'vscode-jsonrpc';
import type { SourceConfig } from '../../config/schema.js';
import type { SourcePosition } from '../../protocol/encoder.js';
import type { StageSource } from './stage-source.js';

/** Those that can be open twice at once: no device, no port and no server that serves one reader alone. */
const TWICE: ReadonlySet<SourceConfig['type']> = new Set([
  ...(['file', 'image', 'playlist', 'replay', 'browser', 'test-pattern'] as const),
]);
/** How long one is waited for, ms; after that it takes the place of the other one as it is. */
const PATIENCE_MS = 10_000;
/** What is passed over in one slot to reach the place where the other one is: no more than is read ahead. */
const MOST_PASSED_OVER = 15;

/** A source that is to take the place of an open one. */
interface Successor {
  readonly source: StageSource;
  /** Whether it goes on from where the other one is. */
  readonly goesOn: boolean;
  readonly sinceMs: number;
  /** The position of the one before when this was opened: it is before that if it has begun again. */
  readonly from: SourcePosition | undefined;
}

/** Whether a source goes on until the one that takes its place delivers. */
export function goesOnMeanwhile({ input, source }: StageSource): boolean {
  return TWICE.has(input.type) && source.state === 'live';
}

/** Sources that were opened anew, and wait for their first frame while the ones before are still shown. */
export class SourceSuccessors implements Disposable {
  private readonly waiting = new Map<string, Successor>();

  has(id: string): boolean {
    return this.waiting.has(id);
  }

  add(source: StageSource, before: StageSource, goesOn: boolean): void {
    this.remove(source.id);
    const from = before.source.position;
    this.waiting.set(source.id, { source, goesOn, from, sinceMs: performance.now() });
  }

  remove(id: string): void {
    this.waiting.get(id)?.source.dispose();
    this.waiting.delete(id);
  }

  /**
   * To be called once for each slot.
   *
   * @param samples of the slot
   * @returns those that take the places of the ones before now
   */
  takeReady(before: (id: string) => StageSource | undefined, samples: number): readonly StageSource[] {
    return [...this.waiting].flatMap(([id, successor]) => {
      const { source, sinceMs } = successor;
      const isLate = performance.now() - sinceMs >= PATIENCE_MS;
      if (!isLate && !source.isMissing && !isThere(successor, before(id), samples)) return [];
      this.waiting.delete(id);
      return [source];
    });
  }

  dispose(): void {
    for (const id of [...this.waiting.keys()]) this.remove(id);
  }
}

/** Whether it can be shown, from the place where the other one is. */
function isThere(
  { source, goesOn, from }: Successor,
  before: StageSource | undefined,
  samples: number,
): boolean {
  if (!source.isReady) return false;
  const target = before?.source.position;
  if (!goesOn || target === undefined) return true;
  // It has begun again, or goes on with another file.
  if (from === undefined || target.item !== from.item || target.positionMs < from.positionMs) return true;
  for (let passed = 0; ; passed += 1) {
    const now = source.source.position;
    if (now === undefined || now.item !== target.item || now.positionMs >= target.positionMs) return true;
    if (passed >= MOST_PASSED_OVER || !source.source.isReady) return false;
    source.source.take(samples).frame?.release();
  }
}
