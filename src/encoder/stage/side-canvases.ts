import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import type { StageCanvas } from '../../config/encode-settings.js';
import type { SceneConfig, TransitionConfig } from '../../config/schema.js';
import { SceneLayers, type SourceUse } from '../../scenes/scene-layers.js';
import type { CanvasFrames, Frame, FrameLayout } from '../canvas/frame-pool.js';
import type { Compositor } from '../compositor/compositor.js';
import { SceneChanges } from './scene-changes.js';
import { ScenePainter } from './scene-painter.js';
import type { StageSources } from './stage-sources.js';

export interface SideCanvasesOptions {
  readonly fps: number;
  readonly sources: Pick<StageSources, 'get' | 'shown' | 'hasAll' | 'fallbackOf'>;
  readonly layoutOf: (frame: Frame) => FrameLayout;
  readonly compositorOf: (canvas: string) => Pick<Compositor, 'compose' | 'fade'> | undefined;
}

/** How long the scene on air waits for the sources of the one that follows it, and the first one for its own, ms. */
const PATIENCE_MS = 3000;

/** The canvases besides the main one, which those are composed of that somebody takes. Their sizes are those of the beginning. */
export class SideCanvases implements Disposable {
  private readonly all: readonly SideCanvas[];
  private composed: ReadonlySet<string> = new Set();

  constructor(canvases: readonly StageCanvas[], options: SideCanvasesOptions) {
    this.all = canvases.flatMap((canvas) => {
      const compositor = options.compositorOf(canvas.id);
      return compositor === undefined ? [] : [new SideCanvas(canvas, compositor, options)];
    });
  }

  private get active(): readonly SideCanvas[] {
    return this.all.filter(({ id }) => this.composed.has(id));
  }

  /** Composes these, and no others. */
  compose(ids: ReadonlySet<string>): void {
    // One that nobody saw meanwhile shows the scene that is wanted now.
    for (const canvas of this.all) if (this.composed.has(canvas.id) !== ids.has(canvas.id)) canvas.rest();
    this.composed = ids;
  }

  /** @returns resolves when the scenes that are wanted are on air, after their transition */
  async set(canvases: readonly StageCanvas[], transition: TransitionConfig | undefined): Promise<void> {
    const changes = this.all.map((canvas) => {
      const next = canvases.find(({ id }) => id === canvas.id);
      return next && canvas.set(next, this.composed.has(canvas.id), transition);
    });
    await Promise.all(changes);
  }

  /** Sources that are seen. */
  get sourcesOnAir(): readonly string[] {
    return this.active.flatMap((canvas) => canvas.sourcesOnAir);
  }

  /** Those, and the ones of scenes that wait to be on air. */
  get neededSources(): readonly string[] {
    return this.active.flatMap((canvas) => canvas.neededSources);
  }

  /**
   * How large a source has to be.
   *
   * @param main for the main canvas
   */
  useOf(id: string, main: SourceUse): SourceUse {
    return this.active.reduce((use, canvas) => larger(use, canvas.useOf(id)), main);
  }

  /** To be called once for each slot. */
  take(): CanvasFrames | undefined {
    let frames: Map<string, Frame> | undefined;
    for (const canvas of this.active) {
      const frame = canvas.take();
      if (frame === undefined) continue;
      frames ??= new Map();
      frames.set(canvas.id, frame);
    }
    return frames;
  }

  dispose(): void {
    for (const canvas of this.all) canvas.rest();
  }
}

class SideCanvas {
  readonly id: string;
  private layers: SceneLayers;
  private scenes: SceneChanges;
  private readonly painter: ScenePainter;
  private changes = 0;
  private painted = '';
  private hasBegun = false;
  /** When the first scene was asked for. */
  private askedMs: number | undefined;

  constructor(
    private config: StageCanvas,
    compositor: Pick<Compositor, 'compose' | 'fade'>,
    private readonly options: SideCanvasesOptions,
  ) {
    this.id = config.id;
    this.layers = new SceneLayers(config.scenes, config);
    this.scenes = new SceneChanges(this.programme, options.fps);
    this.painter = new ScenePainter({ ...options, size: config, compositor });
  }

  private get programme(): SceneConfig {
    const { scenes, programme: id } = this.config;
    return scenes.find((scene) => scene.id === id) ?? { id, layers: [] };
  }

  /** Nobody sees it, or did: what was about to be on air is. */
  rest(): void {
    this.scenes.end();
    this.scenes = new SceneChanges(this.programme, this.options.fps);
    this.painted = '';
    this.hasBegun = false;
    this.askedMs = undefined;
  }

  async set(next: StageCanvas, isComposed: boolean, transition: TransitionConfig | undefined): Promise<void> {
    const { width, height } = this.config;
    if (!isDeepStrictEqual(next.scenes, this.config.scenes)) {
      this.layers = new SceneLayers(next.scenes, { width, height });
      this.scenes.edit(next.scenes);
      this.changes += 1;
    }
    this.config = { ...next, width, height };
    if (!isComposed) this.rest();
    else this.scenes.want(this.programme, transition);
    if (isComposed && transition !== undefined) await this.scenes.settled();
  }

  get sourcesOnAir(): readonly string[] {
    const { onAir, transition } = this.scenes;
    const shown = transition === undefined ? [onAir] : [onAir, transition.from];
    return shown.flatMap((scene) => [...this.layers.sourcesOf(scene)]);
  }

  get neededSources(): readonly string[] {
    return this.scenes.scenes.flatMap((scene) => [...this.layers.sourcesOf(scene)]);
  }

  useOf(id: string): SourceUse {
    return this.layers.useOf(id);
  }

  /** @returns undefined while it shows what it did before, or waits for the sources of its first scene: what is not there yet would be black */
  take(): Frame | undefined {
    const { scenes } = this;
    this.hasBegun ||= this.isReady();
    if (!this.hasBegun) return undefined;
    const begins = this.canBegin();
    const frame = this.paint();
    scenes.advance();
    if (begins) {
      scenes.begin();
      this.changes += 1;
    }
    return frame;
  }

  private isReady(): boolean {
    this.askedMs ??= performance.now();
    const hasWaited = performance.now() - this.askedMs >= PATIENCE_MS;
    return hasWaited || this.options.sources.hasAll(this.sourcesOnAir);
  }

  private paint(): Frame | undefined {
    const { sources } = this.options;
    const shown = this.sourcesOnAir.map((id) => {
      const source = sources.get(id);
      return `${id} ${source?.version} ${source?.showsFallback} ${sources.fallbackOf(id)?.version}`;
    });
    const painted = `${this.changes} ${this.scenes.transition?.slot ?? ''} ${shown}`;
    if (painted === this.painted) return undefined;
    const frame = this.painter.paint(this.scenes, this.layers);
    if (frame !== undefined) this.painted = painted;
    return frame;
  }

  private canBegin(): boolean {
    const { next, transition } = this.scenes;
    if (next === undefined || transition !== undefined) return false;
    return this.options.sources.hasAll(this.layers.sourcesOf(next.scene)) || next.waitedMs >= PATIENCE_MS;
  }
}

/** One that is enough for both. */
function larger(a: SourceUse, b: SourceUse): SourceUse {
  return {
    width: Math.max(a.width, b.width),
    height: Math.max(a.height, b.height),
    covers: a.covers || b.covers,
    isNative: a.isNative || b.isNative,
  };
}
