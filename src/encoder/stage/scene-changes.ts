import type { SceneConfig, TransitionConfig } from '../../config/schema.js';

/** One scene that is to replace another. */
interface Change {
  scene: SceneConfig;
  readonly transition: TransitionConfig;
  readonly sinceMs: number;
  /** Resolves when it is over, or another one is to replace the scene instead. */
  readonly finished: Promise<void>;
  readonly finish: () => void;
}

/** A transition that is being shown. */
export interface ShownTransition extends TransitionConfig {
  readonly from: SceneConfig;
  /** Number of the slot, from 0, and how many there are. */
  readonly slot: number;
  readonly slots: number;
}

interface Begun {
  readonly change: Change;
  shown: ShownTransition;
}

const CUT: TransitionConfig = { type: 'cut', durationMs: 0, direction: 'left' };

/** Which scene is on air: one follows the other, at once or over a number of slots. */
export class SceneChanges {
  private waiting: Change | undefined;
  private begun: Begun | undefined;

  constructor(
    private scene: SceneConfig,
    private readonly fps: number,
  ) {}

  /** The scene on air; in a transition, the one that is coming. */
  get onAir(): SceneConfig {
    return this.scene;
  }

  get transition(): ShownTransition | undefined {
    return this.begun?.shown;
  }

  /** The scene that waits to be on air, how long it has, ms, and the source of its transition. */
  get next():
    | { readonly scene: SceneConfig; readonly waitedMs: number; readonly sting?: string }
    | undefined {
    if (this.waiting === undefined) return undefined;
    const { scene, sinceMs, transition } = this.waiting;
    return { scene, waitedMs: performance.now() - sinceMs, ...stingOf(transition) };
  }

  /** Scenes of which frames or sound are needed. */
  get scenes(): readonly SceneConfig[] {
    const { scene, waiting, begun } = this;
    return [scene, waiting?.scene, begun?.shown.from].filter((one) => one !== undefined);
  }

  /** Source of the transition that is being shown. */
  get sting(): string | undefined {
    return this.begun && stingOf(this.begun.shown).sting;
  }

  /** Goes on with scenes as they are now. A scene that is no more stays as it was until another one is on air. */
  edit(scenes: readonly SceneConfig[]): void {
    const edited = (scene: SceneConfig) => scenes.find(({ id }) => id === scene.id) ?? scene;
    this.scene = edited(this.scene);
    if (this.waiting !== undefined) this.waiting.scene = edited(this.waiting.scene);
    if (this.begun === undefined) return;
    this.begun.shown = { ...this.begun.shown, from: edited(this.begun.shown.from) };
  }

  /** The scene that is wanted on air; it has to be ready before it is. */
  want(next: SceneConfig, transition = CUT): void {
    const coming = this.waiting?.scene ?? this.scene;
    if (next.id === coming.id) return;
    this.waiting?.finish();
    this.waiting = next.id === this.scene.id ? undefined : changeTo(next, transition);
  }

  /** When the last one that was wanted is on air, after its transition. */
  async settled(): Promise<void> {
    await (this.waiting ?? this.begun?.change)?.finished;
  }

  /** Whether the scene that waits replaces the other one from one slot to the next. */
  get isCut(): boolean {
    return this.waiting !== undefined && this.slotsOf(this.waiting.transition) === 0;
  }

  /** A slot is over. */
  advance(): void {
    const { begun } = this;
    if (begun === undefined) return;
    const { shown, change } = begun;
    begun.shown = { ...shown, slot: shown.slot + 1 };
    if (begun.shown.slot < shown.slots) return;
    this.begun = undefined;
    change.finish();
  }

  /** Puts the scene that waits on air, from the next slot on. */
  begin(): void {
    const { waiting: change, scene: from } = this;
    if (change === undefined) return;
    const slots = this.slotsOf(change.transition);
    this.scene = change.scene;
    this.waiting = undefined;
    if (slots > 0) this.begun = { change, shown: { ...change.transition, from, slots, slot: 0 } };
    else change.finish();
  }

  /** Nobody waits any more. */
  end(): void {
    this.waiting?.finish();
    this.begun?.change.finish();
  }

  /** How many frames are of both scenes. */
  private slotsOf({ type, durationMs }: TransitionConfig): number {
    return type === 'cut' ? 0 : Math.round((durationMs * this.fps) / 1000);
  }
}

/** How far a transition has gone, more than 0 and less than 1. */
export function progressOf({ slot, slots }: ShownTransition): number {
  return (slot + 1) / (slots + 1);
}

/** Whether a stinger has come to where it hides the cut from one scene to the other. */
export function isPastCut({ cutMs, durationMs, slot, slots }: ShownTransition): boolean {
  return slot >= (slots * (cutMs ?? durationMs / 2)) / Math.max(1, durationMs);
}

function stingOf({ type, source }: TransitionConfig): { readonly sting?: string } {
  return type === 'stinger' && source !== undefined ? { sting: source } : {};
}

function changeTo(scene: SceneConfig, transition: TransitionConfig): Change {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { scene, transition, sinceMs: performance.now(), finished, finish };
}
