import { inject, injectable } from 'inversify';
import type { Disposable, RequestType } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import type * as z from '../../base/zod.js';
import { withAbsolutePath } from '../../config/paths.js';
import type { NamedSource } from '../../config/schema.js';
import { boundedTree } from '../../protocol/bounded.js';
import type { FromPlugin } from '../../protocol/extension-host.js';
import {
  FollowSourcesRequest,
  PluginAddsMissingSourceRequest,
  PluginAddsSourceRequest,
  PluginListsSourcesRequest,
  PluginOffersFrameRequest,
  PluginPlaysSourceRequest,
  PluginRemovesSourceRequest,
  PluginRestartsSourceRequest,
  PluginSetsSourceRequest,
  SourceListChangedNotification,
  SourcesChangedNotification,
} from '../../protocol/plugin-sources.js';
import { entry, entryId, MAX_SOURCE_VALUES, settingsChange } from '../broadcast/collection/change-params.js';
import { PluginFrames } from '../broadcast/collection/plugin-frames.js';
import { CallRates } from './call-rates.js';
import { FrameIntake } from './frame-intake.js';
import { FromPluginSchema } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { PluginSources } from './plugin-edits.js';
import { requirePermission } from './require-permission.js';
import { SourceFeed } from './source-feed.js';
import { SourceListFeed } from './source-list-feed.js';

const Id = FromPluginSchema.extend({ id: entryId });
const Add = boundedTree(FromPluginSchema.extend({ source: entry<NamedSource>() }), MAX_SOURCE_VALUES);
const Change = boundedTree(Id.extend({ change: settingsChange }), MAX_SOURCE_VALUES);

/** Lets plugins see and change the scenes' sources, if permitted. Its pair in the host is `ExtHostSources`. */
@injectable()
export class MainThreadSources implements MainThreadNamespace {
  constructor(
    @inject(PluginSources) private readonly sources: PluginSources,
    @inject(SourceFeed) private readonly feed: Pick<SourceFeed, 'states' | 'onDidChangeStates'>,
    @inject(SourceListFeed) private readonly listFeed: Pick<SourceListFeed, 'onDidChange'>,
    @inject(PluginFrames) private readonly frames: PluginFrames,
  ) {}

  serve({ channel, frames: stream, plugins }: ServedHost): Disposable {
    const { sources, feed, listFeed, frames } = this;
    const rates = new CallRates();
    const require = (plugin: string) => requirePermission(plugins, plugin, 'sources');
    const serve = <P extends FromPlugin, C extends P>(
      type: RequestType<P, null, void>,
      schema: z.ZodType<C>,
      kind: 'change' | 'other',
      call: (params: C, folder: string) => Promise<unknown>,
    ) =>
      channel.serve(type, schema, async (params) => {
        const { path } = require(params.plugin);
        rates[kind](params.plugin);
        await call(params, path);
        return null;
      });
    channel.serve(PluginListsSourcesRequest.type, FromPluginSchema, async ({ plugin }) => {
      require(plugin);
      rates.other(plugin);
      const states = feed.states();
      const list = await sources.list();
      return list.sources.map((source) => ({ ...source, ...(states.get(source.id) ?? { state: 'cold' }) }));
    });
    const added = ({ plugin, source }: { plugin: string; source: NamedSource }, folder: string) => ({
      source: { ...withAbsolutePath(source, folder), addedBy: plugin },
    });
    serve(PluginAddsSourceRequest.type, Add, 'change', (params, folder) =>
      sources.add(added(params, folder)),
    );
    channel.serve(PluginAddsMissingSourceRequest.type, Add, async (params) => {
      const { path } = require(params.plugin);
      rates.change(params.plugin);
      return sources.addIfMissing(added(params, path));
    });
    serve(PluginSetsSourceRequest.type, Change, 'change', ({ id, change }, folder) => {
      // Who has added it is not for plugins to say.
      const { addedBy: _, ...settings } = withAbsolutePath(change, folder);
      return sources.set({ id, change: settings });
    });
    serve(PluginRemovesSourceRequest.type, Id, 'change', ({ id }) => sources.remove({ id }));
    serve(PluginRestartsSourceRequest.type, Id, 'other', ({ id }) => sources.restart({ id }));
    serve(PluginPlaysSourceRequest.type, Id, 'other', ({ id }) => sources.play({ id }));

    channel.serve(PluginOffersFrameRequest.type, Id, ({ plugin, id }) => {
      require(plugin);
      rates.frame(plugin);
      return { isWanted: frames.isWanted(plugin, id) };
    });

    const following = new Set<string>();
    channel.serve(FollowSourcesRequest.type, FromPluginSchema, ({ plugin }) => {
      require(plugin);
      following.add(plugin);
      return null;
    });
    // The permission may have been revoked.
    const isFollowed = () =>
      plugins.some(({ id, granted }) => following.has(id) && granted.includes('sources'));
    return new DisposableStore([
      feed.onDidChangeStates((changes) => {
        if (isFollowed()) channel.sendNotification(SourcesChangedNotification.type, { changes });
      }),
      listFeed.onDidChange((change) => {
        if (isFollowed()) channel.sendNotification(SourceListChangedNotification.type, change);
      }),
      this.takeFrames(channel, stream, plugins),
    ]);
  }

  /** As long as the host runs. */
  private takeFrames(
    channel: ServedHost['channel'],
    stream: ServedHost['frames'],
    plugins: ServedHost['plugins'],
  ): Disposable {
    const { frames } = this;
    const onMisuse = (what: string) => channel.reportMisuse(`it sends frames that are not valid: ${what}`);
    const intake = stream && new FrameIntake(stream, { plugins, frames, onMisuse });
    for (const { id } of plugins) frames.hostBegan(id);
    return {
      dispose: () => {
        intake?.dispose();
        for (const { id } of plugins) frames.hostEnded(id);
      },
    };
  }
}
