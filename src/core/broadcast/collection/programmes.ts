import { MAIN_CANVAS } from '../../../config/canvas-schema.js';
import type { TransitionConfig } from '../../../config/schema.js';
import type { CanvasStatus } from '../../../protocol/status/canvas-status.js';
import { type SceneCollection, scenesOn } from '../../../scenes/scene-collection.js';

interface Programme {
  /** Id of the scene that is wanted on air. */
  readonly wanted: string;
  /** Id of the one that is, while another one is about to be. */
  readonly onAir: string;
  /** How the one replaces the other; undefined when that is over. */
  readonly transition?: TransitionConfig;
}

/** A scene to be on air, by the canvas that shows it. */
export type Replacement = readonly [canvas: string, scene: string];

/** What the canvases of one broadcast show. */
export class Programmes {
  private readonly all: Map<string, Programme>;

  /** @param startScene of the main canvas */
  constructor(
    collection: SceneCollection,
    private readonly startScene: string | undefined,
  ) {
    const ids = [MAIN_CANVAS, ...collection.canvases.map(({ id }) => id)];
    this.all = new Map(
      ids.map((canvas) => {
        const first = this.firstOn(canvas, collection);
        return [canvas, { wanted: first, onAir: first }];
      }),
    );
  }

  /** Id of the scene that is wanted on air. */
  wantedOn(canvas: string): string {
    return this.all.get(canvas)?.wanted ?? '';
  }

  statusOf(canvas: string): Pick<CanvasStatus, 'programme' | 'transition'> {
    const { wanted = '', onAir = '', transition } = this.all.get(canvas) ?? {};
    return {
      programme: onAir,
      ...(transition === undefined ? {} : { transition: { ...transition, to: wanted } }),
    };
  }

  /** @returns to be called when the scene is on air, after the transition */
  begin([canvas, wanted]: Replacement, transition: TransitionConfig): () => void {
    const begun = { wanted, onAir: this.all.get(canvas)?.onAir ?? wanted, transition };
    this.all.set(canvas, begun);
    return () => {
      // Unless another one is wanted by then.
      if (this.all.get(canvas) === begun) this.all.set(canvas, { wanted, onAir: wanted });
    };
  }

  /** What has to replace scenes that are no more. */
  replacements(collection: SceneCollection): readonly Replacement[] {
    return [...this.all].flatMap(([canvas, { wanted }]): Replacement[] => {
      const isThere = scenesOn(collection, canvas).some(({ id }) => id === wanted);
      return isThere ? [] : [[canvas, this.firstOn(canvas, collection)]];
    });
  }

  private firstOn(canvas: string, collection: SceneCollection): string {
    const scenes = scenesOn(collection, canvas);
    const startScene =
      canvas === MAIN_CANVAS
        ? this.startScene
        : collection.canvases.find(({ id }) => id === canvas)?.startScene;
    return (scenes.find(({ id }) => id === startScene) ?? scenes[0])?.id ?? '';
  }
}
