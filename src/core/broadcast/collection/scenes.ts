import { inject, injectable } from 'inversify';
import { type CanvasConfig, MAIN_CANVAS } from '../../../config/canvas-schema.js';
import { parseEntry, withSettings } from '../../../config/parse-entry.js';
import type { LayerConfig, SceneConfig } from '../../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import type {
  AddLayerParams,
  LayerGlide,
  LayerIdParams,
  ListScenesParams,
  MoveLayersParams,
  PreviewSceneParams,
  SavedParams,
  SceneIdParams,
  SceneList,
  SceneManagement,
  SceneParams,
  SetLayerParams,
  SwitchSceneParams,
  TakeSceneParams,
} from '../../../protocol/scenes.js';
import {
  type SceneCollection,
  withEntry,
  withEntryAt,
  withoutEntry,
} from '../../../scenes/scene-collection.js';
import { entryNamed, refuseOtherId, refuseTaken } from './entry-named.js';
import { type Editor, LiveCollection } from './live-collection.js';

/** The scenes of the broadcast, as they are changed by the streamer. */
@injectable()
export class Scenes implements SceneManagement {
  private by: Editor = 'streamer';

  constructor(@inject(LiveCollection) private readonly collection: LiveCollection) {}

  /** The same, for changes that the streamer does not undo. */
  forPlugins(): Scenes {
    const scenes = new Scenes(this.collection);
    scenes.by = 'plugin';
    return scenes;
  }

  async list({ canvas }: ListScenesParams = {}): Promise<SceneList> {
    if (canvas !== undefined && canvas !== MAIN_CANVAS) return this.listOf(canvas);
    const { scenes } = this.collection.current;
    const { programme, preview } = this.collection.status ?? {};
    const { undoable, redoable } = this.collection.edits;
    return {
      scenes: scenes.map(({ id, layers }) => ({
        ...{ id, layers },
        ...{ isOnAir: id === programme, isPreviewed: id === preview },
      })),
      ...(undoable === undefined ? {} : { undo: undoable }),
      ...(redoable === undefined ? {} : { redo: redoable }),
    };
  }

  private listOf(canvas: string): SceneList {
    const { scenes } = this.canvas(canvas);
    const { programme } = this.collection.sideCanvases.find(({ id }) => id === canvas) ?? {};
    const shown = scenes.map(({ id, layers }) => ({
      ...{ id, layers, isOnAir: id === programme, isPreviewed: false },
    }));
    return { scenes: shown };
  }

  async switchTo({ id, transition, canvas }: SwitchSceneParams): Promise<SceneList> {
    if (canvas !== undefined && canvas !== MAIN_CANVAS) {
      sceneNamed(id, this.canvas(canvas).scenes, `canvases.${canvas}.scenes`);
      await this.collection.switchOn(canvas, id, transition);
      return this.listOf(canvas);
    }
    this.scene(id);
    await this.collection.switchTo(id, transition);
    return this.list();
  }

  async preview({ id }: PreviewSceneParams): Promise<SceneList> {
    if (id !== null) this.scene(id);
    await this.collection.preview(id ?? undefined);
    return this.list();
  }

  async take({ transition }: TakeSceneParams): Promise<SceneList> {
    const taken = await this.collection.take(transition);
    if (taken !== undefined) return this.list();
    throw new BulkheadError(ErrorCodes.broadcastState, 'no scene is previewed that could be taken', {
      remedy: 'Choose one with "bulkhead scene preview" first.',
    });
  }

  async add({ scene }: SceneParams): Promise<SceneList> {
    const added = parsed(scene);
    refuseTaken(added.id, this.collection.current.scenes, 'scene', 'scenes', 'bulkhead scene set');
    return this.put(added, `scene "${added.id}" added`);
  }

  async set({ scene }: SceneParams): Promise<SceneList> {
    const changed = parsed(scene);
    this.scene(changed.id);
    return this.put(changed, `scene "${changed.id}" changed`);
  }

  async remove({ id }: SceneIdParams): Promise<SceneList> {
    this.scene(id);
    const { programme, transition } = this.collection.status ?? {};
    if (id === programme || id === transition?.to) {
      throw new BulkheadError(ErrorCodes.configInvalid, `the scene "${id}" is on air`, {
        where: `scenes.${id}`,
        remedy: 'Switch to another one first.',
      });
    }
    const users = this.collection.current.scenes.filter(({ layers }) =>
      layers.some((layer) => layer.scene === id),
    );
    if (users.length > 0) {
      const shown = users.map((scene) => `"${scene.id}"`).join(', ');
      throw new BulkheadError(ErrorCodes.configInvalid, `the scene "${id}" is shown in ${shown}`, {
        where: `scenes.${id}`,
        remedy: 'Take it out there first.',
      });
    }
    const remove = (now: SceneCollection) => ({ ...now, scenes: withoutEntry(now.scenes, id) });
    await this.collection.edit(`scene "${id}" removed`, remove, { by: this.by });
    return this.list();
  }

  async addLayer({ scene: sceneId, layer, at }: AddLayerParams): Promise<SceneList> {
    const scene = this.scene(sceneId);
    const id = String(layer.id);
    refuseTaken(id, scene.layers, 'layer', `scenes.${sceneId}.layers`, 'bulkhead scene set --layer');
    return this.put(withLayer(scene, layer, at), `layer "${id}" of scene "${sceneId}" added`);
  }

  async setLayer({ scene: sceneId, id, change, at }: SetLayerParams): Promise<SceneList> {
    const scene = this.scene(sceneId);
    refuseOtherId(id, change, `scenes.${sceneId}.layers`);
    const layer = withSettings(layerOf(scene, id), change) as LayerConfig;
    return this.put(withLayer(scene, layer, at), `layer "${id}" of scene "${sceneId}" changed`);
  }

  async moveLayers({ scene: sceneId, changes, durationMs, easing }: MoveLayersParams): Promise<SceneList> {
    const scene = this.scene(sceneId);
    const layers = Object.entries(changes).reduce<readonly LayerConfig[]>((now, [id, change]) => {
      refuseOtherId(id, change, `scenes.${sceneId}.layers`);
      return withEntry(now, withSettings(layerOf(scene, id), change) as LayerConfig);
    }, scene.layers);
    return this.put(parsed({ ...scene, layers: [...layers] }), `layers of scene "${sceneId}" moved`, {
      durationMs,
      easing,
    });
  }

  async removeLayer({ scene: sceneId, id }: LayerIdParams): Promise<SceneList> {
    const scene = this.scene(sceneId);
    layerOf(scene, id);
    const without = { ...scene, layers: withoutEntry(scene.layers, id) };
    return this.put(without, `layer "${id}" of scene "${sceneId}" removed`);
  }

  async undo(): Promise<SceneList> {
    await this.collection.undo();
    return this.list();
  }

  async redo(): Promise<SceneList> {
    await this.collection.redo();
    return this.list();
  }

  async reset(): Promise<SceneList> {
    await this.collection.reset();
    return this.list();
  }

  async noteSaved({ list, id }: SavedParams): Promise<SceneList> {
    await this.collection.noteSaved(list, id);
    return this.list();
  }

  private async put(scene: SceneConfig, what: string, glide?: LayerGlide): Promise<SceneList> {
    const put = (now: SceneCollection) => ({ ...now, scenes: withEntry(now.scenes, scene) });
    await this.collection.edit(what, put, { by: this.by, glide });
    return this.list();
  }

  private scene(id: string): SceneConfig {
    return sceneNamed(id, this.collection.current.scenes, 'scenes');
  }

  private canvas(id: string): CanvasConfig {
    return entryNamed(id, this.collection.config.canvases, {
      ...{ what: 'canvas', where: 'canvases', code: ErrorCodes.sceneNotFound },
    });
  }
}

function sceneNamed(id: string, scenes: readonly SceneConfig[], where: string): SceneConfig {
  return entryNamed(id, scenes, { what: 'scene', where, code: ErrorCodes.sceneNotFound });
}

/** With every default filled in. @throws ConfigError */
function parsed(scene: SceneConfig): SceneConfig {
  return parseEntry('scenes', scene, `scenes.${scene.id}`);
}

function withLayer(scene: SceneConfig, layer: LayerConfig, at: number | undefined): SceneConfig {
  return parsed({ ...scene, layers: withEntryAt(scene.layers, layer, at) });
}

function layerOf({ id: scene, layers }: SceneConfig, id: string): LayerConfig {
  return entryNamed(id, layers, {
    ...{ what: 'layer', inside: ` in the scene "${scene}"`, where: `scenes.${scene}.layers` },
    code: ErrorCodes.sceneNotFound,
  });
}
