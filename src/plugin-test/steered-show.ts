import type { SourceSettings } from '@bulkhead/extension-api';
import type {
  FakeAudio,
  FakeScenes,
  FakeSources,
  SourceStep,
  StartOptions,
} from '@bulkhead/extension-api/testing';
import type { Container } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { checkConfigText, parseConfig } from '../config/load-config.js';
import type { NamedSource } from '../config/schema.js';
import { targetOf } from '../core/broadcast/broadcast-target.js';
import { LiveCollection } from '../core/broadcast/collection/live-collection.js';
import { PluginFrames } from '../core/broadcast/collection/plugin-frames.js';
import { PluginOverlays } from '../core/broadcast/collection/plugin-overlays.js';
import { SceneAudio } from '../core/broadcast/collection/scene-audio.js';
import { SceneSources } from '../core/broadcast/collection/scene-sources.js';
import { Scenes } from '../core/broadcast/collection/scenes.js';
import { NO_CHANGES, ShowState } from '../core/broadcast/kept/show-state.js';
import type { Log } from '../core/log/log.js';
import type { KnownState } from '../core/main-thread/source-feed.js';
import type { NoticeSink } from '../core/streamer/notice-sink.js';
import { ErrorCodes } from '../protocol/errors.js';
import { DEFAULT_SHOW } from '../protocol/outputs.js';
import type { BroadcastState } from '../protocol/status/status.js';
import { SentFrames } from './sent-frames.js';
import { SILENCE, type SteeredBroadcast } from './steered-broadcast.js';

/** What is changed on air is forgotten with the test. */
const FORGETFUL: ShowState = {
  read: async () => ({ changes: NO_CHANGES }),
  write: async () => {},
};

/** The core's scenes and overlays, composed by no encoder. */
export class SteeredShow implements Disposable {
  readonly overlays = new PluginOverlays();
  private readonly sentFrames = new SentFrames(() => this.report());
  private readonly steps: SourceStep[] = [];
  private readonly encoder = {
    setStage: async () => {},
    restartSource: async (id: string) => void this.steps.push({ kind: 'restart', id }),
    playSource: async (id: string) => void this.steps.push({ kind: 'play', id }),
    snapshot: async () => '',
  };
  private readonly collection: LiveCollection;
  private readonly frames: PluginFrames;
  private readonly management: Scenes;
  private readonly sourceManagement: SceneSources;
  private readonly audioManagement: SceneAudio;
  /** Of the sources that the test has steered. */
  private readonly states = new Map<string, KnownState>();
  /** The sources as last looked at; undefined without a broadcast. */
  private known: readonly NamedSource[] | undefined;
  private config = parsed({});

  constructor(
    private readonly air: SteeredBroadcast,
    notices: NoticeSink,
    log: Log,
  ) {
    this.collection = new LiveCollection(this.encoder, FORGETFUL, notices, log, this.overlays);
    this.frames = new PluginFrames(this.collection, {
      sources: () => air.status().sources.filter(({ state }) => state !== 'cold'),
      onDidReportSources: air.onDidReportSources,
      frames: this.sentFrames,
    });
    this.management = new Scenes(this.collection);
    this.sourceManagement = new SceneSources(this.collection, this.encoder);
    this.audioManagement = new SceneAudio(this.collection);
    air.onDidChangeState((state) => this.follow(state));
    this.collection.onDidChange(() => {
      this.noteSteps();
      this.report();
    });
  }

  bind(container: Container): void {
    container.bind(ShowState).toConstantValue(FORGETFUL);
    container.bind(PluginOverlays).toConstantValue(this.overlays);
    container.bind(PluginFrames).toConstantValue(this.frames);
    container.bind(LiveCollection).toConstantValue(this.collection);
    container.bind(Scenes).toConstantValue(this.management);
    container.bind(SceneAudio).toConstantValue(this.audioManagement);
    container.bind(SceneSources).toConstantValue(this.sourceManagement);
  }

  /** What the next broadcast shows. @throws ConfigError */
  preset(show: NonNullable<StartOptions['show']>): void {
    this.config = parsed(show);
    this.air.presetTarget(targetOf(this.config));
  }

  private follow(state: BroadcastState): void {
    const { collection } = this;
    if (state === 'starting') {
      this.sentFrames.clear();
      collection.open(collection.prepare(this.config, DEFAULT_SHOW, NO_CHANGES.collection));
    }
    if (state === 'stopping') void collection.close();
  }

  /** @param settle Resolves when the plugin has been notified. */
  scenes(settle: () => Promise<void>): FakeScenes {
    const { collection, management } = this;
    const then = thenSettled(settle);
    return {
      get onAir() {
        return collection.status?.programme;
      },
      get previewed() {
        return collection.status?.preview;
      },
      list: async () => (await management.list()).scenes,
      switchTo: (id, transition) => then(management.switchTo({ id, transition })),
      preview: (id) => then(management.preview({ id })),
      take: (transition) => then(management.take({ transition })),
      add: (scene) => then(management.add({ scene: scene as never })),
      set: (scene) => then(management.set({ scene: scene as never })),
      remove: (id) => then(management.remove({ id })),
      addLayer: (scene, layer, at) => then(management.addLayer({ scene, layer: layer as never, at })),
      setLayer: (scene, id, change, at) => then(management.setLayer({ scene, id, change, at })),
      moveLayers: (scene, changes, { durationMs = 300, easing = 'ease-in-out' } = {}) =>
        then(management.moveLayers({ scene, changes, durationMs, easing })),
      removeLayer: (scene, id) => then(management.removeLayer({ scene, id })),
      undo: () => then(management.undo()),
      redo: () => then(management.redo()),
    };
  }

  /** @param settle Resolves when the plugin has been notified. */
  sources(settle: () => Promise<void>): FakeSources {
    const { collection, sourceManagement, steps, sentFrames } = this;
    const then = thenSettled(settle);
    return {
      steps,
      settingsOf: (id) =>
        collection.status &&
        (collection.current.sources.find((source) => source.id === id) as SourceSettings),
      frames: (id) => sentFrames.of(id),
      list: async () => {
        const { sources } = await sourceManagement.list();
        return sources.map((source) => ({ ...source, ...this.stateOf(source) }));
      },
      addIfMissing: async (source) => {
        const isAdded = await sourceManagement.addIfMissing({ source: source as never });
        await settle();
        return isAdded;
      },
      add: (source) => then(sourceManagement.add({ source: source as never })),
      set: (id, change) => then(sourceManagement.set({ id, change })),
      remove: (id) => then(sourceManagement.remove({ id })),
      restart: (id) => then(sourceManagement.restart({ id })),
      play: (id) => then(sourceManagement.play({ id })),
      setState: async (id, state, error) => {
        this.states.set(id, { state, ...(error === undefined ? {} : { error }) });
        this.report();
        await settle();
      },
    };
  }

  /** @param settle Resolves when the plugin has been notified. */
  audio(settle: () => Promise<void>): FakeAudio {
    const { air, audioManagement } = this;
    const then = thenSettled(settle);
    return {
      list: async () => (await audioManagement.list()).sources,
      set: (id, change) => then(audioManagement.set({ id, change })),
      setLevels: ({ mix = {}, sources = {} }) => {
        const { levels } = air;
        const changed = Object.entries(sources).map(([id, change]) => {
          return [id, { ...SILENCE, ...levels.sources[id], ...change }] as const;
        });
        air.levels = {
          mix: { ...levels.mix, ...mix },
          sources: { ...levels.sources, ...Object.fromEntries(changed) },
        };
      },
    };
  }

  private stateOf({ id, type }: { readonly id: string; readonly type: string }): KnownState {
    const state = type === 'plugin' ? this.sentFrames.stateOf(id) : 'live';
    return this.states.get(id) ?? { state };
  }

  private noteSteps(): void {
    const { collection, known } = this;
    const sources = collection.status && collection.current.sources;
    this.known = sources;
    // Those of a broadcast that begins, or has ended, are nobody's doing.
    if (known === undefined || sources === undefined) return;
    for (const source of sources) {
      const before = known.find(({ id }) => id === source.id);
      if (before !== source) this.steps.push({ kind: before === undefined ? 'add' : 'set', id: source.id });
    }
    for (const { id } of known)
      if (!sources.some((source) => source.id === id)) this.steps.push({ kind: 'remove', id });
  }

  private report(): void {
    const { collection } = this;
    if (collection.status === undefined) return;
    this.air.reportSources(
      collection.current.sources.map(({ id, type }) => {
        const { state, error: message } = this.stateOf({ id, type });
        const error = message === undefined ? {} : { error: { code: ErrorCodes.inputNotFound, message } };
        return { id, type, state, item: 0, positionMs: 0, pid: 0, ...error };
      }),
    );
  }

  dispose(): void {
    this.frames.dispose();
    this.collection.dispose();
    this.overlays.dispose();
  }
}

function thenSettled(settle: () => Promise<void>): (step: Promise<unknown>) => Promise<void> {
  return async (step) => {
    await step;
    await settle();
  };
}

function parsed(show: NonNullable<StartOptions['show']>) {
  const text = JSON.stringify(show);
  checkConfigText('show', text);
  return parseConfig('show', text).config;
}
