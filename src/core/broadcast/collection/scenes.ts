import { inject, injectable } from 'inversify';
import { MAIN_CANVAS } from '../../../config/canvas-schema.js';
import { parseEntry, withSettings } from '../../../config/parse-entry.js';
import type { LayerConfig, SceneConfig } from '../../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import type {
  AddLayerParams,
  CanvasParams,
  LayerGlide,
  LayerIdParams,
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
  scenesOn,
  withEntry,
  withEntryAt,
  withoutEntry,
  withScenesOn,
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

  async list({ canvas = MAIN_CANVAS }: CanvasParams = {}): Promise<SceneList> {
    const scenes = this.scenesOn(canvas);
    const { programme } = this.collection.programmeOf(canvas);
    const preview = canvas === MAIN_CANVAS ? this.collection.status?.preview : undefined;
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

  async switchTo({ id, transition, canvas }: SwitchSceneParams): Promise<SceneList> {
    this.scene(id, canvas);
    await this.collection.switchTo(id, transition, canvas);
    return this.list({ canvas });
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

  async add({ scene, canvas }: SceneParams): Promise<SceneList> {
    const where = placeOf(canvas);
    refuseTaken(scene.id, this.scenesOn(canvas), 'scene', where.path, 'bulkhead scene set');
    return this.put(parsed(scene, canvas), `scene "${scene.id}"${where.name} added`, { canvas });
  }

  async set({ scene, canvas }: SceneParams): Promise<SceneList> {
    this.scene(scene.id, canvas);
    return this.put(parsed(scene, canvas), `scene "${scene.id}"${placeOf(canvas).name} changed`, { canvas });
  }

  async remove({ id, canvas = MAIN_CANVAS }: SceneIdParams): Promise<SceneList> {
    this.scene(id, canvas);
    const { path, name } = placeOf(canvas);
    const { programme, transition } = this.collection.programmeOf(canvas);
    if (id === programme || id === transition?.to) {
      throw new BulkheadError(ErrorCodes.configInvalid, `the scene "${id}" is on air${name}`, {
        where: `${path}.${id}`,
        remedy: 'Switch to another one first.',
      });
    }
    const users = this.scenesOn(canvas).filter(({ layers }) => layers.some((layer) => layer.scene === id));
    if (users.length > 0) {
      const shown = users.map((scene) => `"${scene.id}"`).join(', ');
      throw new BulkheadError(ErrorCodes.configInvalid, `the scene "${id}" is shown in ${shown}`, {
        where: `${path}.${id}`,
        remedy: 'Take it out there first.',
      });
    }
    return this.edit(`scene "${id}"${name} removed`, (scenes) => withoutEntry(scenes, id), { canvas });
  }

  async addLayer({ scene: sceneId, layer, at, canvas }: AddLayerParams): Promise<SceneList> {
    const scene = this.scene(sceneId, canvas);
    const id = String(layer.id);
    const { path, name } = placeOf(canvas);
    refuseTaken(id, scene.layers, 'layer', `${path}.${sceneId}.layers`, 'bulkhead scene set --layer');
    const changed = parsed({ ...scene, layers: withEntryAt(scene.layers, layer, at) }, canvas);
    return this.put(changed, `layer "${id}" of scene "${sceneId}"${name} added`, { canvas });
  }

  async setLayer({ scene: sceneId, id, change, at, canvas }: SetLayerParams): Promise<SceneList> {
    const scene = this.scene(sceneId, canvas);
    const { path, name } = placeOf(canvas);
    refuseOtherId(id, change, `${path}.${sceneId}.layers`);
    const layer = withSettings(layerOf(scene, id, canvas), change) as LayerConfig;
    const changed = parsed({ ...scene, layers: withEntryAt(scene.layers, layer, at) }, canvas);
    return this.put(changed, `layer "${id}" of scene "${sceneId}"${name} changed`, { canvas });
  }

  async moveLayers({ scene: sceneId, changes, durationMs, easing }: MoveLayersParams): Promise<SceneList> {
    const scene = this.scene(sceneId);
    const layers = Object.entries(changes).reduce<readonly LayerConfig[]>((now, [id, change]) => {
      refuseOtherId(id, change, `scenes.${sceneId}.layers`);
      return withEntry(now, withSettings(layerOf(scene, id), change) as LayerConfig);
    }, scene.layers);
    const glide = { durationMs, easing };
    return this.put(parsed({ ...scene, layers: [...layers] }), `layers of scene "${sceneId}" moved`, {
      glide,
    });
  }

  async removeLayer({ scene: sceneId, id, canvas }: LayerIdParams): Promise<SceneList> {
    const scene = this.scene(sceneId, canvas);
    layerOf(scene, id, canvas);
    const without = { ...scene, layers: withoutEntry(scene.layers, id) };
    const { name } = placeOf(canvas);
    return this.put(without, `layer "${id}" of scene "${sceneId}"${name} removed`, { canvas });
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

  async noteSaved(entry: SavedParams): Promise<SceneList> {
    await this.collection.noteSaved(entry);
    return this.list({ canvas: entry.canvas });
  }

  private put(scene: SceneConfig, what: string, options: PutOptions): Promise<SceneList> {
    return this.edit(what, (scenes) => withEntry(scenes, scene), options);
  }

  private async edit(
    what: string,
    change: (scenes: readonly SceneConfig[]) => readonly SceneConfig[],
    { canvas = MAIN_CANVAS, glide }: PutOptions,
  ): Promise<SceneList> {
    const changed = (now: SceneCollection) => withScenesOn(now, canvas, change(scenesOn(now, canvas)));
    await this.collection.edit(what, changed, { by: this.by, glide });
    return this.list({ canvas });
  }

  private scene(id: string, canvas?: string): SceneConfig {
    const { path, name } = placeOf(canvas);
    return entryNamed(id, this.scenesOn(canvas), {
      ...{ what: 'scene', where: path, inside: name, code: ErrorCodes.sceneNotFound },
    });
  }

  /** @throws BulkheadError `scene.notFound` if there is no such canvas */
  private scenesOn(canvas = MAIN_CANVAS): readonly SceneConfig[] {
    const { current } = this.collection;
    if (canvas !== MAIN_CANVAS) {
      entryNamed(canvas, current.canvases, {
        ...{ what: 'canvas', where: 'canvases', code: ErrorCodes.sceneNotFound },
      });
    }
    return scenesOn(current, canvas);
  }
}

interface PutOptions extends CanvasParams {
  readonly glide?: LayerGlide;
}

/** Where the scenes of a canvas stand, and what is said of them after their names. */
function placeOf(canvas = MAIN_CANVAS): { readonly path: string; readonly name: string } {
  if (canvas === MAIN_CANVAS) return { path: 'scenes', name: '' };
  return { path: `canvases.${canvas}.scenes`, name: ` on the canvas "${canvas}"` };
}

/** With every default filled in. @throws ConfigError */
function parsed(scene: SceneConfig, canvas?: string): SceneConfig {
  return parseEntry('scenes', scene, `${placeOf(canvas).path}.${scene.id}`);
}

function layerOf({ id: scene, layers }: SceneConfig, id: string, canvas?: string): LayerConfig {
  const { path, name } = placeOf(canvas);
  return entryNamed(id, layers, {
    ...{ what: 'layer', inside: ` in the scene "${scene}"${name}`, where: `${path}.${scene}.layers` },
    code: ErrorCodes.sceneNotFound,
  });
}
