import type { StageCanvas } from '../../../config/encode-settings.js';
import type { BroadcastConfig, TransitionConfig } from '../../../config/schema.js';
import type { CanvasStatus } from '../../../protocol/status/canvas-status.js';

interface SideProgramme {
  /** Id of the scene that is wanted on air. */
  readonly programme: string;
  /** The one on air before it, and how it is replaced; undefined when that is over. */
  change: { readonly from: string; readonly transition: TransitionConfig } | undefined;
}

/** What canvases besides the main one show, in one broadcast. */
export class SideProgrammes {
  /** What was switched to, by the canvases' ids. */
  private readonly switched = new Map<string, SideProgramme>();

  /** With the scene that is wanted on air: the one at first where that is no more. */
  staged({ canvases }: Pick<BroadcastConfig, 'canvases'>): readonly StageCanvas[] {
    return canvases.map(({ id, width, height, scenes, startScene }) => {
      const has = (wanted: string | undefined) => scenes.some((scene) => scene.id === wanted);
      const wanted = [this.switched.get(id)?.programme, startScene].find(has);
      return { id, width, height, scenes, programme: wanted ?? scenes[0]?.id ?? '' };
    });
  }

  status(config: Pick<BroadcastConfig, 'canvases'>): readonly Omit<CanvasStatus, 'fps'>[] {
    return this.staged(config).map(({ id, width, height, programme }) => {
      const { from, transition } = this.switched.get(id)?.change ?? {};
      const size = { id, width, height };
      if (from === undefined || transition === undefined) return { ...size, programme };
      return { ...size, programme: from, transition: { ...transition, to: programme } };
    });
  }

  /** @returns to be called when the scene is on air, after the transition */
  begin(
    config: Pick<BroadcastConfig, 'canvases'>,
    canvas: string,
    programme: string,
    transition: TransitionConfig,
  ): () => void {
    const { programme: from = programme } = this.staged(config).find(({ id }) => id === canvas) ?? {};
    const side: SideProgramme = { programme, change: { from, transition } };
    this.switched.set(canvas, side);
    return () => {
      side.change = undefined;
    };
  }
}
