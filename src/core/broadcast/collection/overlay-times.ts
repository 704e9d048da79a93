import { isDeepStrictEqual } from 'node:util';
import type { OverlayConfig } from '../../../config/schema.js';

interface Shown {
  readonly sinceMs: number;
  readonly animation: OverlayConfig['animation'];
}

/** From when the times of overlays count: since they were shown, or got another animation. An encoder that is replaced knows it from here. */
export class OverlayTimes {
  private readonly shown = new Map<string, Shown>();

  /** To be called when overlays have changed. @param nowMs ms since 1970 */
  note(overlays: readonly OverlayConfig[], nowMs: number): void {
    const visible = overlays.filter((overlay) => overlay.visible);
    for (const id of this.shown.keys())
      if (visible.every((overlay) => overlay.id !== id)) this.shown.delete(id);
    for (const { id, animation } of visible) {
      const known = this.shown.get(id);
      if (known === undefined || !isDeepStrictEqual(known.animation, animation))
        this.shown.set(id, { sinceMs: nowMs, animation });
    }
  }

  /** Ms since 1970; 0 for one that is not shown. */
  sinceMs(id: string): number {
    return this.shown.get(id)?.sinceMs ?? 0;
  }
}
