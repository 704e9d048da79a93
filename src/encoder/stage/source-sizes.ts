import type { Size } from '../../base/geometry.js';
import type { SourceConfig } from '../../config/schema.js';
import type { SourceUse } from '../../scenes/scene-layers.js';

/** A source whose layer grows by less is scaled up: nobody sees it. */
const ENLARGE_FROM = 1.25;

/** Sources that are made in any size. */
const WITHOUT_SIZE: ReadonlySet<SourceConfig['type']> = new Set([
  ...(['test-pattern', 'colour', 'text', 'microphone', 'desktop-audio'] as const),
]);

export function hasOwnSize({ type }: SourceConfig): boolean {
  return !WITHOUT_SIZE.has(type);
}

/** How large the frames of sources are. One that is too small is opened anew for the canvas' size, so that it happens once. */
export class SourceSizes {
  private readonly opened = new Map<string, SourceUse>();
  private readonly enlarged = new Set<string>();

  constructor(private readonly canvas: Size) {}

  /** What to open a source for. */
  toOpen(id: string, needed: SourceUse): SourceUse {
    const use = this.enlarged.has(id) && !needed.isNative ? { ...needed, ...this.canvas } : needed;
    this.opened.set(id, use);
    return use;
  }

  /** Whether it was opened for frames as large as they are. */
  isNative(id: string): boolean {
    return this.opened.get(id)?.isNative === true;
  }

  /** @param enlarge opens it anew, if that is possible now */
  enlargeIfNeeded(id: string, needed: SourceUse, enlarge: () => boolean): void {
    const size = this.opened.get(id);
    if (size === undefined || needed.isNative || this.enlarged.has(id)) return;
    if (needed.width <= ENLARGE_FROM * size.width && needed.height <= ENLARGE_FROM * size.height) return;
    this.enlarged.add(id);
    if (!enlarge()) this.enlarged.delete(id);
  }

  forget(id: string): void {
    this.opened.delete(id);
    this.enlarged.delete(id);
  }
}
