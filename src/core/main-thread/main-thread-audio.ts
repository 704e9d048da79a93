import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Throttle } from '../../base/throttle.js';
import * as z from '../../base/zod.js';
import type { MixLevels } from '../../protocol/audio.js';
import { boundedTree } from '../../protocol/bounded.js';
import { HeldPeaks } from '../../protocol/held-peaks.js';
import {
  LEVELS_INTERVAL_MS,
  PluginFollowsAudioRequest,
  PluginLevelsNotification,
  PluginListsAudioRequest,
  PluginSetsAudioRequest,
} from '../../protocol/plugin-audio.js';
import { BroadcastView } from '../broadcast/broadcast-view.js';
import { entryId, MAX_LAYER_VALUES, settingsChange } from '../broadcast/collection/change-params.js';
import { CallRates } from './call-rates.js';
import { FromPluginSchema } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { PluginAudio } from './plugin-edits.js';
import { requirePermission } from './require-permission.js';

/** Levels come every 50 ms, give or take a slot. */
const EARLY_MS = 25;

const { least, most } = LEVELS_INTERVAL_MS;
const Change = boundedTree(
  FromPluginSchema.extend({ id: entryId, change: settingsChange }),
  MAX_LAYER_VALUES,
);
const Follow = FromPluginSchema.extend({ intervalMs: z.number().min(least).max(most).nullable() });

/** Lets plugins hear and change how sources are mixed, if permitted. Its pair in the host is `ExtHostAudio`. */
@injectable()
export class MainThreadAudio implements MainThreadNamespace {
  constructor(
    @inject(PluginAudio) private readonly audio: PluginAudio,
    @inject(BroadcastView) private readonly broadcast: Pick<BroadcastView, 'onDidMeasure'>,
  ) {}

  serve({ channel, plugins }: ServedHost): Disposable {
    const { audio, broadcast } = this;
    const rates = new CallRates();
    const require = (plugin: string) => requirePermission(plugins, plugin, 'audio');
    channel.serve(PluginListsAudioRequest.type, FromPluginSchema, async ({ plugin }) => {
      require(plugin);
      rates.other(plugin);
      return (await audio.list()).sources;
    });
    channel.serve(PluginSetsAudioRequest.type, Change, async ({ plugin, id, change }) => {
      require(plugin);
      rates.change(plugin);
      await audio.set({ id, change });
      return null;
    });

    /** The interval of each plugin that follows, ms. */
    const following = new Map<string, number>();
    const throttle = new Throttle(EARLY_MS);
    const peaks = new HeldPeaks();
    let measuring: Disposable | undefined;
    const send = (levels: MixLevels) => {
      // The permission may have been revoked.
      const may = plugins.filter(({ granted }) => granted.includes('audio'));
      const intervalMs = Math.min(...may.map(({ id }) => following.get(id) ?? Number.POSITIVE_INFINITY));
      peaks.hear(levels);
      if (throttle.take(intervalMs))
        channel.sendNotification(PluginLevelsNotification.type, peaks.take() ?? levels);
    };
    const stop = () => {
      measuring?.dispose();
      measuring = undefined;
      peaks.take();
    };
    channel.serve(PluginFollowsAudioRequest.type, Follow, ({ plugin, intervalMs }) => {
      if (intervalMs === null) following.delete(plugin);
      else {
        require(plugin);
        following.set(plugin, intervalMs);
      }
      if (following.size === 0) stop();
      else measuring ??= broadcast.onDidMeasure(send);
      return null;
    });
    return { dispose: stop };
  }
}
