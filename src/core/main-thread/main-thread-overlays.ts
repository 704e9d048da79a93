import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import * as z from '../../base/zod.js';
import { boundedTree } from '../../protocol/bounded.js';
import {
  ChangeElementRequest,
  ChangeOverlayRequest,
  CreateOverlayRequest,
  DisposeOverlayRequest,
} from '../../protocol/plugin-overlays.js';
import {
  settingsChange as change,
  MAX_ELEMENT_VALUES,
  MAX_OVERLAY_VALUES,
} from '../broadcast/collection/change-params.js';
import { PluginOverlays } from '../broadcast/collection/plugin-overlays.js';
import { FromPluginSchema } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { withOwnFiles } from './own-files.js';
import { PluginStorage } from './plugin-storage.js';
import { requirePermission } from './require-permission.js';

/** The form of ids is checked with what else is in an overlay, so that a mistake is the author's `config.invalid`. */
const id = z.string().max(400);
const Create = boundedTree(
  FromPluginSchema.extend({ overlay: z.looseObject({ id }), whenPluginFails: z.unknown().optional() }),
  MAX_OVERLAY_VALUES,
);
const Change = boundedTree(FromPluginSchema.extend({ id, change }), MAX_OVERLAY_VALUES);
const ChangeElement = boundedTree(FromPluginSchema.extend({ overlay: id, id, change }), MAX_ELEMENT_VALUES);
const Id = FromPluginSchema.extend({ id });

/** Draws plugins' overlays. Its pair in the host is `ExtHostOverlays`. */
@injectable()
export class MainThreadOverlays implements MainThreadNamespace {
  constructor(
    @inject(PluginOverlays) private readonly overlays: PluginOverlays,
    @inject(PluginStorage) private readonly storage: Pick<PluginStorage, 'filesFolder'>,
  ) {}

  serve({ channel, plugins, lifecycle }: ServedHost): Disposable {
    const { overlays } = this;
    const use = (id: string) => {
      const { path } = requirePermission(plugins, id, 'overlays');
      const own = { folder: path, storage: this.storage.filesFolder(id) };
      overlays.restrict(id, [own.folder, own.storage]);
      return own;
    };
    channel.serve(CreateOverlayRequest.type, Create, async ({ plugin, overlay, whenPluginFails }) => {
      await overlays.create(plugin, withOwnFiles(overlay, plugin, use(plugin)), whenPluginFails);
      return null;
    });
    channel.serve(ChangeOverlayRequest.type, Change, async ({ plugin, id, change }) => {
      await overlays.set(plugin, id, withOwnFiles(change, plugin, use(plugin)));
      return null;
    });
    channel.serve(ChangeElementRequest.type, ChangeElement, async ({ plugin, overlay, id, change }) => {
      const [own] = withOwnFiles({ elements: [change] }, plugin, use(plugin)).elements;
      await overlays.setElement(plugin, overlay, id, own ?? {});
      return null;
    });
    // Without a permission that may have been revoked meanwhile.
    channel.serve(DisposeOverlayRequest.type, Id, async ({ plugin, id }) => {
      await overlays.remove(plugin, id);
      return null;
    });
    const activating = lifecycle.onWillActivate((plugin) => overlays.willActivate(plugin));
    return {
      dispose: () => {
        activating.dispose();
        for (const plugin of plugins) {
          if (lifecycle.hasFailed()) overlays.pluginFailed(plugin.id);
          else overlays.removeAll(plugin.id);
        }
      },
    };
  }

  release(plugin: string): void {
    this.overlays.removeAll(plugin);
  }
}
