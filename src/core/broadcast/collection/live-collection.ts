import { isDeepStrictEqual } from 'node:util';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../../base/event.js';
import { MAIN_CANVAS } from '../../../config/canvas-schema.js';
import type { StageConfig } from '../../../config/encode-settings.js';
import { stageOf } from '../../../config/scenes.js';
import type { BroadcastConfig, TransitionConfig } from '../../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { DEFAULT_SHOW } from '../../../protocol/outputs.js';
import type { LayerGlide, SavedParams, TransitionChange } from '../../../protocol/scenes.js';
import type { CanvasStatus } from '../../../protocol/status/canvas-status.js';
import { EditHistory } from '../../../scenes/edit-history.js';
import type { SceneCollection } from '../../../scenes/scene-collection.js';
import { Log } from '../../log/log.js';
import { NoticeSink } from '../../streamer/notice-sink.js';
import { EncoderStub } from '../../stubs/encoder-stub.js';
import {
  differences,
  type KeptCollection,
  keptCollection,
  NOTHING_KEPT,
  NOTHING_SAVED,
  type SavedEntries,
  withSaved,
} from '../kept/kept-collection.js';
import { ShowState } from '../kept/show-state.js';
import { misfit, noScenes, nothingTo, stingerElsewhere } from './collection-errors.js';
import { entryNamed } from './entry-named.js';
import { OverlayTimes } from './overlay-times.js';
import { PluginOverlays } from './plugin-overlays.js';
import {
  checkOnAir,
  collectionOf,
  type PreparedCollection,
  prepareCollection,
} from './prepare-collection.js';
import { Programmes, type Replacement } from './programmes.js';

const CUT: TransitionConfig = { type: 'cut', durationMs: 0, direction: 'left' };

/** Who changes scenes, sources or sound. */
export type Editor = 'streamer' | 'plugin';

/** What lasts as long as one broadcast. */
interface Session extends PreparedCollection {
  config: BroadcastConfig;
  configured: SceneCollection;
  readonly history: EditHistory<SceneCollection>;
  readonly programmes: Programmes;
  preview: string | undefined;
  edits: number;
  saved: SavedEntries;
  readonly times: OverlayTimes;
}

export interface EditOptions {
  /** How layers get to other places; at once without it. */
  readonly glide?: LayerGlide | undefined;
  /** Who makes it; the streamer without it. */
  readonly by?: Editor;
}

type CollectionStatus = Omit<CanvasStatus, 'id' | 'width' | 'height' | 'fps'>;

/**
 * The scenes and sources of the broadcast, as configured and as they are changed on air. What is changed is kept for the show, and restored
 * when the show is started again.
 */
@injectable()
export class LiveCollection implements Disposable {
  private session: Session | undefined;
  /** Whether there is a broadcast, with scenes or without. */
  private isOnAir = false;
  /** Path of the latest replay. */
  private replay: string | undefined;
  private readonly changeEmitter = new Emitter<void>();
  /** Something in `current` or `status` has changed. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;

  constructor(
    @inject(EncoderStub) private readonly encoder: Pick<EncoderStub, 'setStage'>,
    @inject(ShowState) private readonly state: ShowState,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Pick<Log, 'info' | 'warn'>,
    @inject(PluginOverlays) private readonly pluginOverlays: PluginOverlays,
  ) {
    pluginOverlays.onDidChange(({ waitUntil }) => waitUntil(this.restage()));
  }

  /** Applies what was changed on air before, as far as it fits the configuration. */
  prepare(config: BroadcastConfig, show: string, kept: KeptCollection): PreparedCollection {
    return prepareCollection(config, show, kept, (reason) =>
      this.tell('warning', `what was changed on air does not fit the configuration any more: ${reason}`),
    );
  }

  /** Begins a broadcast. */
  open(prepared: PreparedCollection): void {
    this.isOnAir = true;
    const { config, configured, isRestored } = prepared;
    const collection = collectionOf(config);
    const times = new OverlayTimes();
    times.note(config.overlays, Date.now());
    this.pluginOverlays.restartTimes();
    if (collection.scenes.length === 0) return;
    this.session = {
      ...prepared,
      ...{ history: new EditHistory(collection), preview: undefined, edits: 0, times },
      programmes: new Programmes(collection, config.startScene),
    };
    this.changeEmitter.fire();
    if (!isRestored) return;
    const count = differences(configured, collection);
    const what =
      count === 1 ? '1 change made on air was restored' : `${count} changes made on air were restored`;
    this.tell('info', `${what}. "bulkhead scene reset" goes back to the configuration.`);
  }

  /** Refuses changes from now on. What was changed is forgotten where nothing says which show it was. */
  async close(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    this.isOnAir = false;
    if (session !== undefined) this.changeEmitter.fire();
    if (session?.show === DEFAULT_SHOW) await this.keep(session, NOTHING_KEPT);
  }

  /** What is composed; undefined without scenes. */
  get stage(): StageConfig | undefined {
    return this.session && this.stageIn(this.session);
  }

  get status(): CollectionStatus | undefined {
    const { session } = this;
    if (session === undefined) return undefined;
    const { preview, programmes, edits } = session;
    return {
      ...{ ...programmes.statusOf(MAIN_CANVAS), edits },
      ...(preview === undefined ? {} : { preview }),
    };
  }

  /** Empty without scenes. */
  get sources(): SceneCollection['sources'] {
    return this.session?.history.current.sources ?? [];
  }

  /** The canvases besides the main one. */
  get sideCanvases(): readonly Omit<CanvasStatus, 'fps'>[] {
    const { session } = this;
    if (session === undefined) return [];
    const { history, programmes } = session;
    return history.current.canvases.map(({ id, width, height }) => ({
      ...{ id, width, height },
      ...programmes.statusOf(id),
    }));
  }

  /** What a canvas shows. @throws BulkheadError `broadcast.state` */
  programmeOf(canvas: string): Pick<CanvasStatus, 'programme' | 'transition'> {
    return this.opened().programmes.statusOf(canvas);
  }

  /** @throws BulkheadError `broadcast.state` */
  get current(): SceneCollection {
    return this.opened().history.current;
  }

  /** What can be undone and redone. @throws BulkheadError `broadcast.state` */
  get edits(): Pick<EditHistory<SceneCollection>, 'undoable' | 'redoable'> {
    return this.opened().history;
  }

  /** What the broadcast was started with. @throws BulkheadError `broadcast.state` */
  get config(): BroadcastConfig {
    return this.opened().config;
  }

  /**
   * Changes scenes or sources. Resolves when it is on air.
   *
   * @param what is changed, for people: `scene "main" removed`
   * @param by who changes it: the streamer's changes alone can be undone
   * @throws BulkheadError `broadcast.state`, or `config.invalid`: then nothing has changed
   */
  async edit(
    what: string,
    change: (now: SceneCollection) => SceneCollection,
    { by = 'streamer', glide }: EditOptions = {},
  ): Promise<void> {
    const session = this.opened();
    const next = change(session.history.current);
    checkOnAir(next, session.config);
    if (by === 'streamer') session.history.edit(next, what);
    else session.history.follow(next);
    await this.changed(session, what, glide);
  }

  async undo(): Promise<void> {
    await this.step('undo');
  }

  async redo(): Promise<void> {
    await this.step('redo');
  }

  async reset(): Promise<void> {
    const session = this.opened();
    if (differences(session.configured, session.history.current) === 0) return;
    const what = 'everything as configured';
    session.history.edit(session.configured, what);
    await this.changed(session, what);
  }

  /**
   * The configuration says something else now. What was changed on air stays where it says the same as before; the change can be undone.
   *
   * @throws ConfigError for scenes and sources that cannot be: then nothing has changed
   * @returns makes the change; resolves when it is on air, with whether it differs from what was
   */
  reconfigure(config: BroadcastConfig): () => Promise<boolean> {
    this.opened();
    checkOnAir(collectionOf(config), config);
    return async () => {
      const session = this.opened();
      const kept = keptCollection(session.configured, session.history.current, session.saved);
      const prepared = this.prepare(config, session.show, kept);
      const next = collectionOf(prepared.config);
      session.config = prepared.config;
      session.configured = prepared.configured;
      session.saved = NOTHING_SAVED;
      if (isDeepStrictEqual(session.history.current, next)) {
        await this.keepChanges(session);
        return false;
      }
      const what = 'as the configuration file says now';
      session.history.edit(next, what);
      await this.changed(session, what);
      return true;
    };
  }

  /** Resolves when the scene is on air, after its transition. */
  async switchTo(id: string, change: TransitionChange | undefined, canvas = MAIN_CANVAS): Promise<void> {
    const session = this.opened();
    const isSide = canvas !== MAIN_CANVAS;
    if (isSide && change?.type === 'stinger') throw stingerElsewhere();
    const transition = this.transitionIn(session, change);
    await this.show(session, [[canvas, id]], isSide && transition.type === 'stinger' ? CUT : transition);
  }

  private transitionIn(session: Session, change: TransitionChange | undefined): TransitionConfig {
    const given = Object.entries(change ?? {}).filter(([, value]) => value !== undefined);
    const transition: TransitionConfig = { ...session.config.transition, ...Object.fromEntries(given) };
    const { sources } = session.history.current;
    if (transition.type === 'stinger')
      entryNamed(transition.source ?? '', sources, {
        ...{ what: 'source', where: 'transition.source', code: ErrorCodes.sourceNotFound },
      });
    return transition;
  }

  /** @param id undefined for none */
  async preview(id: string | undefined): Promise<void> {
    const session = this.opened();
    session.preview = id;
    this.changeEmitter.fire();
    await this.encoder.setStage(this.stageIn(session));
  }

  /** @returns the scene that was previewed, which is wanted on air now; undefined if there was none */
  async take(change: TransitionChange | undefined): Promise<string | undefined> {
    const session = this.opened();
    const { preview, programmes } = session;
    if (preview === undefined) return undefined;
    session.preview = programmes.wantedOn(MAIN_CANVAS);
    await this.switchTo(preview, change);
    return preview;
  }

  /** Sources of the type `replay` show this one from now on. @param path undefined if there is none */
  async showReplay(path: string | undefined): Promise<void> {
    if (path === this.replay) return;
    this.replay = path;
    const { current } = this.session?.history ?? {};
    if (current?.sources.some(({ type }) => type === 'replay') === true) await this.restage();
  }

  /** An entry stands in the configuration now as it is on air: what is changed of it from now on is a change of that. */
  async noteSaved(entry: SavedParams): Promise<void> {
    const session = this.opened();
    session.saved = withSaved(session.saved, entry, session.history.current);
    await this.keepChanges(session);
  }

  /** What plugins draw goes on with the next broadcast, where nothing is encoded. */
  private async restage(): Promise<void> {
    const { session } = this;
    if (session === undefined) return;
    try {
      await this.encoder.setStage(this.stageIn(session));
    } catch (error) {
      if (BulkheadError.from(error).code !== ErrorCodes.broadcastState) throw error;
    }
  }

  private async step(way: 'undo' | 'redo'): Promise<void> {
    const session = this.opened();
    const { history, config } = session;
    const [what, next] =
      way === 'undo' ? [history.undoable, history.undone] : [history.redoable, history.redone];
    if (what === undefined) throw nothingTo(way);
    try {
      checkOnAir(next, config);
    } catch (error) {
      throw misfit(way, what, error);
    }
    history[way]();
    await this.changed(session, `${way}: ${what}`);
  }

  private async changed(session: Session, what: string, glide?: LayerGlide): Promise<void> {
    const { scenes, overlays } = session.history.current;
    session.edits += 1;
    session.times.note(overlays, Date.now());
    if (!scenes.some(({ id }) => id === session.preview)) session.preview = undefined;
    this.log.info(`scenes: ${what}`);
    this.changeEmitter.fire();
    // Undone or reset, a scene on air may be no more.
    const replacements = session.programmes.replacements(session.history.current);
    await Promise.all([
      replacements.length === 0
        ? this.encoder.setStage(this.stageIn(session), undefined, glide)
        : this.show(session, replacements, CUT),
      this.keepChanges(session),
    ]);
  }

  private async show(
    session: Session,
    replacements: readonly Replacement[],
    transition: TransitionConfig,
  ): Promise<void> {
    const ends = replacements.map((replacement) => session.programmes.begin(replacement, transition));
    this.changeEmitter.fire();
    try {
      await this.encoder.setStage(this.stageIn(session), transition);
    } finally {
      for (const end of ends) end();
      if (this.session === session) this.changeEmitter.fire();
    }
  }

  private opened(): Session {
    if (this.session !== undefined) return this.session;
    throw noScenes(this.isOnAir);
  }

  private keepChanges(session: Session): Promise<void> {
    const { configured, history, saved } = session;
    return this.keep(session, keptCollection(configured, history.current, saved));
  }

  /** A change that cannot be kept has been made all the same. */
  private async keep({ show }: Session, collection: KeptCollection): Promise<void> {
    try {
      await this.state.write(show, { collection });
    } catch (error) {
      this.tell('warning', BulkheadError.from(error, ErrorCodes.storageFailed).sentence);
    }
  }

  private tell(severity: 'info' | 'warning', message: string): void {
    this.notices.notice({ severity, source: 'scenes', message });
    this.log[severity === 'warning' ? 'warn' : 'info'](`scenes: ${message}`);
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }

  private stageIn({ history, programmes, preview, config, times }: Session): StageConfig {
    const programme = programmes.wantedOn(MAIN_CANVAS);
    const stage = stageOf(history.current, programme, config.liveServer, ({ id }) => times.sinceMs(id));
    if (stage === undefined) throw new Error('a broadcast with scenes has lost them all');
    const overlays = [...stage.overlays, ...this.pluginOverlays.staged];
    const sources = stage.sources.map((source) =>
      source.input.type === 'replay' ? { ...source, input: { ...source.input, file: this.replay } } : source,
    );
    const canvases = history.current.canvases.map(({ id, width, height, scenes }) => ({
      ...{ id, width, height, scenes, programme: programmes.wantedOn(id) },
    }));
    return {
      ...{ ...stage, sources, overlays },
      ...(canvases.length === 0 ? {} : { canvases }),
      ...(preview === undefined ? {} : { preview }),
    };
  }
}
