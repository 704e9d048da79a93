import { inject, injectable } from 'inversify';
import { type Disposable, type RequestType } from 'vscode-jsonrpc';
import * as z from '../../base/zod.js';
import type { LayerConfig, SceneConfig } from '../../config/schema.js';
import { boundedTree } from '../../protocol/bounded.js';
import type { FromPlugin } from '../../protocol/extension-host.js';
import {
  FollowScenesRequest,
  PluginAddsLayerRequest,
  PluginAddsSceneRequest,
  PluginListsScenesRequest,
  PluginMovesLayersRequest,
  PluginPreviewsSceneRequest,
  PluginRemovesLayerRequest,
  PluginRemovesSceneRequest,
  PluginSetsLayerRequest,
  PluginSetsSceneRequest,
  PluginSwitchesSceneRequest,
  PluginTakesSceneRequest,
  ScenesChangedNotification,
} from '../../protocol/plugin-scenes.js';
import {
  entry,
  entryId,
  entryPlace,
  MAX_LAYER_VALUES,
  MAX_SCENE_VALUES,
  moveLayers,
  parseTransition,
  settingsChange,
} from '../broadcast/collection/change-params.js';
import { CallRates } from './call-rates.js';
import { FromPluginSchema } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { PluginScenes } from './plugin-edits.js';
import { requirePermission } from './require-permission.js';
import { SceneFeed } from './scene-feed.js';

const Id = FromPluginSchema.extend({ id: entryId });
const transition = z.unknown().optional();
const Switch = boundedTree(Id.extend({ transition }), MAX_LAYER_VALUES);
const Preview = FromPluginSchema.extend({ id: entryId.nullable() });
const Take = boundedTree(FromPluginSchema.extend({ transition }), MAX_LAYER_VALUES);
const Scene = boundedTree(FromPluginSchema.extend({ scene: entry<SceneConfig>() }), MAX_SCENE_VALUES);
const InScene = { scene: entryId, at: entryPlace };
const AddLayer = boundedTree(
  FromPluginSchema.extend({ ...InScene, layer: entry<LayerConfig>() }),
  MAX_LAYER_VALUES,
);
const SetLayer = boundedTree(Id.extend({ ...InScene, change: settingsChange }), MAX_LAYER_VALUES);
const MoveLayers = boundedTree(FromPluginSchema.extend({ scene: entryId, ...moveLayers }), MAX_SCENE_VALUES);
const RemoveLayer = Id.extend({ scene: entryId });

/** Lets plugins see and change the scenes, if permitted. Its pair in the host is `ExtHostScenes`. */
@injectable()
export class MainThreadScenes implements MainThreadNamespace {
  constructor(
    @inject(PluginScenes) private readonly scenes: PluginScenes,
    @inject(SceneFeed) private readonly feed: Pick<SceneFeed, 'now' | 'onDidChange'>,
  ) {}

  serve({ channel, plugins }: ServedHost): Disposable {
    const { scenes, feed } = this;
    const rates = new CallRates();
    const require = (plugin: string) => requirePermission(plugins, plugin, 'scenes');
    const serve = <P extends FromPlugin, C extends P>(
      type: RequestType<P, null, void>,
      schema: z.ZodType<C>,
      kind: 'change' | 'other',
      call: (params: C) => Promise<unknown>,
    ) =>
      channel.serve(type, schema, async (params) => {
        require(params.plugin);
        rates[kind](params.plugin);
        await call(params);
        return null;
      });
    channel.serve(PluginListsScenesRequest.type, FromPluginSchema, async ({ plugin }) => {
      require(plugin);
      rates.other(plugin);
      return (await scenes.list()).scenes;
    });
    serve(PluginSwitchesSceneRequest.type, Switch, 'other', async ({ id, transition = {} }) =>
      scenes.switchTo({ id, transition: parseTransition(transition) }),
    );
    serve(PluginPreviewsSceneRequest.type, Preview, 'other', ({ id }) => scenes.preview({ id }));
    serve(PluginTakesSceneRequest.type, Take, 'other', async ({ transition = {} }) =>
      scenes.take({ transition: parseTransition(transition) }),
    );
    serve(PluginAddsSceneRequest.type, Scene, 'change', ({ scene }) => scenes.add({ scene }));
    serve(PluginSetsSceneRequest.type, Scene, 'change', ({ scene }) => scenes.set({ scene }));
    serve(PluginRemovesSceneRequest.type, Id, 'change', ({ id }) => scenes.remove({ id }));
    serve(PluginAddsLayerRequest.type, AddLayer, 'change', (params) => scenes.addLayer(params));
    serve(PluginSetsLayerRequest.type, SetLayer, 'change', (params) => scenes.setLayer(params));
    // Each is sent to the encoder by itself, unlike changes without a time, which are combined.
    serve(PluginMovesLayersRequest.type, MoveLayers, 'other', (params) => scenes.moveLayers(params));
    serve(PluginRemovesLayerRequest.type, RemoveLayer, 'change', (params) => scenes.removeLayer(params));

    const following = new Set<string>();
    channel.serve(FollowScenesRequest.type, FromPluginSchema, ({ plugin }) => {
      require(plugin);
      following.add(plugin);
      return feed.now();
    });
    return feed.onDidChange((onAir) => {
      // The permission may have been revoked.
      const isFollowed = plugins.some(({ id, granted }) => following.has(id) && granted.includes('scenes'));
      if (isFollowed) channel.sendNotification(ScenesChangedNotification.type, onAir);
    });
  }
}
