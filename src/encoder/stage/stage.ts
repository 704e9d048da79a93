import type { Disposable } from 'vscode-jsonrpc';
import { largestOf, type Size } from '../../base/geometry.js';
import type { StageConfig, StageSource as StageSourceConfig } from '../../config/encode-settings.js';
import type { SceneConfig, TransitionConfig } from '../../config/schema.js';
import type { MixLevels } from '../../protocol/audio.js';
import type { SourcePosition } from '../../protocol/encoder.js';
import type { LayerGlide } from '../../protocol/scenes.js';
import { SceneLayers, type SourceUse } from '../../scenes/scene-layers.js';
import type { Frame, FrameLayout } from '../canvas/frame-pool.js';
import type { ProgrammeSlot } from '../canvas/programme.js';
import type { Compositor } from '../compositor/compositor.js';
import { Mixer } from '../mixer/mixer.js';
import type { AudioFormat } from '../tracks/audio-encoder.js';
import { FedSources } from './fed-sources.js';
import { besideFrames, slotsOfDelay } from './frame-delay.js';
import { LayerGlides } from './layer-glides.js';
import { isPastCut, SceneChanges } from './scene-changes.js';
import { ScenePainter } from './scene-painter.js';
import { SideCanvases } from './side-canvases.js';
import type { FrameCopy } from './snapshot.js';
import { hasOwnSize, SourceSizes } from './source-sizes.js';
import { type OverlayDrawer, StageOverlays } from './stage-overlays.js';
import type { StageSource } from './stage-source.js';
import { StageSources } from './stage-sources.js';

export interface StageOptions {
  readonly config: StageConfig;
  readonly size: Size;
  readonly fps: number;
  readonly format: AudioFormat;
  readonly compositor: Pick<Compositor, 'compose' | 'fade'>;
  /** That of a canvas besides the main one. */
  readonly compositorOf?: (canvas: string) => Pick<Compositor, 'compose' | 'fade'> | undefined;
  /** Opens a source at a position, for frames as large as it is shown. */
  readonly open: (source: StageSourceConfig, use: SourceUse, start: SourcePosition) => StageSource;
  /** Ids of sources of which encodes are made alone: see `feedAlone`. */
  readonly alone?: readonly string[];
  /** Where sources were when the encoder before ended, by their ids. */
  readonly positions?: ReadonlyMap<string, SourcePosition>;
  /** Levels were measured, 20 times a second. */
  readonly onLevels?: (levels: MixLevels) => void;
  /** Sound for the streamer's ears, and the device to play it on; undefined if there is none. */
  readonly onMonitor?: (device: string | undefined, pcm: () => Buffer) => void;
  /** Layout of a source's frame. */
  readonly layoutOf: (frame: Frame) => FrameLayout;
  readonly drawer: OverlayDrawer;
}

/** How long the scene on air waits for the sources of the one that follows it, ms. */
const PATIENCE_MS = 3000;
/** The same for the first scene, as long as nothing of it can be shown: less than a broadcast has for its first frame. */
const LONGEST_PATIENCE_MS = 8000;
/** How often it is looked which sources have to be open, ms. */
const LOOK_MS = 100;

/** What is on air of all scenes and their sources: composes a frame and mixes the sound of each slot. */
export class Stage implements Disposable {
  readonly ended = false;
  private config: StageConfig;
  /** As they are in this slot. */
  private layers: SceneLayers;
  private readonly glides: LayerGlides;
  private readonly scenes: SceneChanges;
  private readonly sources: StageSources;
  private readonly mixer: Mixer;
  private readonly overlays: StageOverlays;
  /** Sources that are played once, whatever is on air. */
  private readonly played = new Set<string>();
  /** Replays that are seen or heard. */
  private readonly replays = new Set<string>();
  private readonly sizes: SourceSizes;
  private readonly painter: ScenePainter;
  private readonly sides: SideCanvases;
  private painted = '';
  private composesCleanFeed = false;
  private readonly fed: FedSources;
  private changes = 0;
  private lookedMs = 0;
  private readonly openedMs = performance.now();

  constructor(private readonly options: StageOptions) {
    const { config, size, fps, format, positions } = options;
    this.config = config;
    this.layers = new SceneLayers(config.scenes, size);
    this.glides = new LayerGlides(size, fps);
    this.sizes = new SourceSizes(largestOf([size, ...(config.canvases ?? [])]));
    this.mixer = new Mixer(besideFrames(config.mixer, fps), format);
    this.overlays = new StageOverlays(options);
    this.overlays.set(config.overlays);
    this.scenes = new SceneChanges(this.sceneOf(config.programme), fps);
    this.sources = new StageSources(config.sources, {
      positions,
      open: (source, start) => this.open(source, start),
      onRemove: (id) => {
        this.mixer.remove(id);
        this.played.delete(id);
        this.sizes.forget(id);
      },
    });
    this.fed = new FedSources(
      this.sources,
      options.layoutOf,
      (id) => this.isWhole(id) && !this.sizes.isNative(id) && this.sources.enlarge(id),
    );
    this.fed.set(options.alone ?? []);
    this.painter = new ScenePainter({ ...options, sources: this.sources });
    this.sides = new SideCanvases(config.canvases ?? [], {
      ...{ fps, sources: this.sources, layoutOf: options.layoutOf },
      compositorOf: options.compositorOf ?? (() => undefined),
    });
    this.openSources();
  }

  /** Id of the scene on air. */
  get programme(): string {
    return this.scenes.onAir.id;
  }

  /** Those that are open; the lowest one on air first. */
  get openSourcesInOrder(): readonly StageSource[] {
    const lowest = this.layers.of(this.scenes.onAir)[0]?.source;
    return this.sources.all.toSorted((a, b) => Number(b.id === lowest) - Number(a.id === lowest));
  }

  /** Whether the programme can begin: with all of its scene, or what there is of it after a while. */
  get isReady(): boolean {
    const ids = [...this.layers.sourcesOf(this.scenes.onAir)];
    if (this.sources.hasAll(ids)) return true;
    const hasSome = ids.some((id) => this.sources.get(id)?.isReady === true);
    return performance.now() - this.openedMs >= (hasSome ? PATIENCE_MS : LONGEST_PATIENCE_MS);
  }

  /**
   * Continues with other scenes and sources. The scene on air stays until the next one can be shown.
   *
   * @param transition to another scene; without one, nobody waits for it
   * @param glide how layers get to other places; at once without it
   * @returns resolves when that is on air, and its transition is over, or when no layer is on its way any more
   */
  async set(config: StageConfig, transition?: TransitionConfig, glide?: LayerGlide): Promise<void> {
    const glided = this.glides.begin(this.layers.scenes, config.scenes, glide);
    this.config = config;
    this.layers = new SceneLayers(config.scenes, this.options.size);
    this.changes += 1;
    this.sources.set(config.sources);
    this.mixer.set(besideFrames(config.mixer, this.options.fps));
    for (const source of this.sources.all) this.delayFramesOf(source);
    this.overlays.set(config.overlays);
    this.scenes.edit(config.scenes);
    this.scenes.want(this.sceneOf(config.programme), transition);
    const sidesSettled = this.sides.set(config.canvases ?? [], transition);
    this.openSources();
    this.enlargeSources();
    if (transition !== undefined) await Promise.all([this.scenes.settled(), sidesSettled]);
    await glided;
  }

  private enlargeSources(): void {
    for (const { id } of this.sources.all)
      this.sizes.enlargeIfNeeded(id, this.useOf(id), () => this.sources.enlarge(id));
  }

  /** Opens a source anew, from its beginning. */
  restart(id: string): void {
    this.sources.restart(id);
  }

  /** Plays a source once from its beginning, and has it heard until its end whatever is on air. */
  play(id: string): void {
    this.sources.restart(id);
    this.played.add(id);
    this.openSources();
  }

  /** Whether what is without the overlays is composed as well, for a clean feed. */
  set composesClean(composes: boolean) {
    if (composes !== this.composesCleanFeed) this.painted = '';
    this.composesCleanFeed = composes;
  }

  /** These sources are open, as large as they are, and each slot has what they deliver, for encodes of them alone. */
  feedAlone(ids: readonly string[]): void {
    if (this.fed.set(ids)) this.openSources();
  }

  /** Ids of the canvases besides the main one that are composed as well. Those that nobody takes cost nothing. */
  set composedCanvases(ids: ReadonlySet<string>) {
    this.sides.compose(ids);
    this.openSources();
    this.enlargeSources();
  }

  take(samples: number): ProgrammeSlot {
    this.glide();
    const onAir = this.sourcesOnAir();
    for (const source of this.sources.all) {
      const { id } = source;
      source.take(samples, onAir.has(id) || this.isHeardAnyway(id));
      // One that fails is not to be heard when it is back at some time.
      const isOver = source.source.state === 'ended' || source.isMissing;
      if (isOver && !this.sources.isBeingReplaced(id)) this.played.delete(id);
    }
    this.sources.replace(samples);
    this.overlays.take();
    if (performance.now() - this.lookedMs >= LOOK_MS) this.openSources();
    const begins = this.canBegin();
    const sound = this.mix(samples, begins);
    const feeds = this.fed.take();
    const { frame, clean } = this.paint(onAir);
    const canvases = this.sides.take();
    this.advance();
    this.rewindReplays();
    if (begins) {
      this.scenes.begin();
      this.changes += 1;
    }
    return { frame, clean, canvases, sound, feeds, buses: this.mixer.mixedBuses() };
  }

  private isHeardAnyway(id: string): boolean {
    return this.mixer.isAlwaysHeard(id) || this.played.has(id);
  }

  /** Moves layers that are on their way. */
  private glide(): void {
    if (!this.glides.isMoving) return;
    const scenes = this.glides.take(this.config.scenes);
    this.layers = new SceneLayers(scenes, this.options.size);
    this.scenes.edit(scenes);
    this.changes += 1;
  }

  /** With those that are shown in the place of others. */
  private sourcesOnAir(): ReadonlySet<string> {
    const { onAir, transition, sting } = this.scenes;
    const ids = new Set(this.layers.sourcesOf(onAir));
    if (transition !== undefined) for (const id of this.layers.sourcesOf(transition.from)) ids.add(id);
    if (sting !== undefined) ids.add(sting);
    for (const id of this.sides.sourcesOnAir) ids.add(id);
    for (const id of [...ids]) {
      const fallback = this.sources.fallbackOf(id);
      if (fallback !== undefined) ids.add(fallback.id);
    }
    return ids;
  }

  private advance(): void {
    const { sting } = this.scenes;
    this.scenes.advance();
    // It plays from its beginning the next time.
    if (sting !== undefined && this.scenes.sting === undefined) this.sources.rewind(sting);
  }

  /** Each plays from its beginning when it gets on air again. */
  private rewindReplays(): void {
    const onAir = this.sourcesOnAir();
    for (const { id, input } of this.sources.all) {
      if (input.type !== 'replay') continue;
      if (onAir.has(id) || this.isHeardAnyway(id)) this.replays.add(id);
      else if (this.replays.delete(id)) this.sources.rewind(id);
    }
  }

  /** Whether the scene that waits can be on air from the next slot on. */
  private canBegin(): boolean {
    const { next, transition } = this.scenes;
    if (next === undefined || transition !== undefined) return false;
    const needed = [...this.layers.sourcesOf(next.scene), ...(next.sting === undefined ? [] : [next.sting])];
    return this.sources.hasAll(needed) || next.waitedMs >= PATIENCE_MS;
  }

  private paint(onAir: ReadonlySet<string>): Pick<ProgrammeSlot, 'frame' | 'clean'> {
    const { transition } = this.scenes;
    const shown = [...onAir].map((id) => {
      const source = this.sources.get(id);
      return `${id} ${source?.version} ${source?.showsFallback}`;
    });
    const painted = `${this.changes} ${transition?.slot ?? ''} ${shown} ${this.overlays.key}`;
    if (painted === this.painted) return { frame: undefined };
    const overlays = this.overlays.layers;
    const frame = this.painter.paint(this.scenes, this.layers, overlays);
    if (frame !== undefined) this.painted = painted;
    if (!this.composesCleanFeed) return { frame };
    return {
      frame,
      clean: overlays.length > 0 ? this.painter.paint(this.scenes, this.layers) : frame?.retain(),
    };
  }

  /** @param begins whether the scene that waits is on air from the next slot on */
  private mix(samples: number, begins: boolean): Buffer {
    const share = this.shares(begins);
    const inputs = this.sources.all.map((source) => {
      const { id } = source;
      const fallback = source.showsFallback ? this.sources.fallbackOf(id) : undefined;
      return { id, pcm: (fallback ?? source).pcm, share: this.isHeardAnyway(id) ? 1 : share(id) };
    });
    const { version } = this.mixer;
    const mixed = this.mixer.mix(inputs, samples);
    if (this.mixer.version !== version) this.options.onLevels?.(this.mixer.levels);
    this.options.onMonitor?.(this.mixer.monitorDevice, () => this.mixer.monitored());
    return mixed;
  }

  /** How much of each source is heard at the end of this slot, 0 to 1. */
  private shares(begins: boolean): (id: string) => number {
    const { onAir, transition, next, isCut, sting } = this.scenes;
    const now = this.layers.heardIn(onAir);
    if (transition !== undefined) {
      const before = this.layers.heardIn(transition.from);
      const done =
        transition.type === 'stinger'
          ? Number(isPastCut(transition))
          : (transition.slot + 1) / transition.slots;
      return (id) => {
        if (id === sting) return 1;
        if (now.has(id)) return before.has(id) ? 1 : done;
        return before.has(id) ? 1 - done : 0;
      };
    }
    // What a cut takes away is faded out in the slot before it, and what it brings fades in in its first one.
    const after = begins && isCut && next !== undefined ? this.layers.heardIn(next.scene) : now;
    return (id) => Number(now.has(id) && after.has(id));
  }

  /** Opens what is needed, and closes what has not been for a while. */
  private openSources(): void {
    this.lookedMs = performance.now();
    const { preview, sources } = this.config;
    const { scenes, sting, next } = this.scenes;
    const shown = [...scenes, ...(preview === undefined ? [] : [this.sceneOf(preview)])];
    this.sources.keep(
      new Set([
        ...shown.flatMap((scene) => [...this.layers.sourcesOf(scene)]),
        ...this.sides.neededSources,
        ...[sting, next?.sting].filter((id) => id !== undefined),
        ...this.fed.ids,
        ...sources.flatMap(({ id, warm }) => (warm || this.isHeardAnyway(id) ? [id] : [])),
      ]),
    );
  }

  private open(source: StageSourceConfig, start: SourcePosition): StageSource {
    const use = this.sizes.toOpen(source.id, this.useOf(source.id));
    const opened = this.options.open(source, use, start);
    this.delayFramesOf(opened);
    return opened;
  }

  /** A stinger's video is as large as the canvas, whether a layer shows it or not. */
  private useOf(id: string): SourceUse {
    const { sting, next } = this.scenes;
    // As large as they will be where layers are on their way.
    const layers = this.glides.isMoving
      ? new SceneLayers(this.config.scenes, this.options.size)
      : this.layers;
    const use = this.isWhole(id) ? layers.nativeUse : this.largestUseOf(id, layers.useOf(id));
    return id === sting || id === next?.sting ? { ...use, ...this.options.size, isNative: false } : use;
  }

  /** With the other canvases. What is made in any size keeps the shape that it has in the main one. */
  private largestUseOf(id: string, main: SourceUse): SourceUse {
    const { input } = this.config.sources.find((source) => source.id === id) ?? {};
    const isShaped = this.layers.has(id) && input !== undefined && !hasOwnSize(input);
    return isShaped ? main : this.sides.useOf(id, main);
  }

  /** Whether it is opened as large as it is, for an encode of it alone. What is made in any size stays as scenes show it. */
  private isWhole(id: string): boolean {
    if (!this.fed.ids.has(id)) return false;
    const { input } = this.config.sources.find((source) => source.id === id) ?? {};
    return !this.layers.has(id) || (input !== undefined && hasOwnSize(input));
  }

  private delayFramesOf(source: StageSource): void {
    const { delayMs } = this.config.mixer.sources[source.id] ?? { delayMs: 0 };
    source.delayFrames(slotsOfDelay(delayMs, this.options.fps));
  }

  /** A copy of what a source shows; undefined while it is not open, or before its first frame. */
  copyOf(id: string): FrameCopy | undefined {
    const frame = this.sources.get(id)?.current;
    return frame && { bytes: Buffer.from(frame.bytes), layout: this.options.layoutOf(frame) };
  }

  private sceneOf(id: string): SceneConfig {
    return this.config.scenes.find((scene) => scene.id === id) ?? { id, layers: [] };
  }

  dispose(): void {
    this.scenes.end();
    this.glides.end();
    this.sides.dispose();
    this.sources.dispose();
    this.overlays.dispose();
  }
}
