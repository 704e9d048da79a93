import type { AudioLevels } from '@bulkhead/extension-api';
import type { Disposable } from 'vscode-jsonrpc';
import { Throttle } from '../base/throttle.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { HeldPeaks } from '../protocol/held-peaks.js';
import {
  LEVELS_INTERVAL_MS,
  PluginFollowsAudioRequest,
  PluginLevelsNotification,
} from '../protocol/plugin-audio.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { deepFreeze } from './deep-freeze.js';
import type { PluginScope } from './plugin-scope.js';

/** How much earlier than asked for levels may be passed on, ms. */
const EARLY_MS = 25;

interface Follower {
  readonly scope: PluginScope;
  readonly intervalMs: number;
  readonly hear: (levels: AudioLevels) => void;
}

/** The levels of sound, for this host's plugins. Its pair in the core is `MainThreadAudio`. */
export class ExtHostAudio implements Disposable {
  private readonly followers = new Set<Follower>();

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(PluginLevelsNotification.type, (levels) => {
      for (const { hear } of [...this.followers]) hear(levels);
    });
  }

  followLevels(
    scope: PluginScope,
    intervalMs: number,
    listener: (levels: AudioLevels) => unknown,
  ): Disposable {
    scope.checkActive();
    const { least, most } = LEVELS_INTERVAL_MS;
    // Not a number either.
    if (!(intervalMs >= least && intervalMs <= most)) {
      throw new BulkheadError(
        ErrorCodes.configInvalid,
        `levels can come every ${least} to ${most} ms, not every ${String(intervalMs)}`,
        { where: scope.id },
      );
    }
    const what = 'a listener of audio.followLevels';
    const throttle = new Throttle(EARLY_MS);
    const peaks = new HeldPeaks();
    const follower: Follower = {
      ...{ scope, intervalMs },
      hear: (levels) => {
        peaks.hear(levels);
        if (throttle.take(intervalMs)) scope.call(what, () => listener(deepFreeze(peaks.take() ?? levels)));
      },
    };
    this.followers.add(follower);
    scope.track('listening to levels', this.ask(scope));
    const dispose = () => {
      this.followers.delete(follower);
      // A closed connection sends none any more.
      this.ask(scope).catch(() => {});
    };
    return scope.hold({ dispose }, what);
  }

  /** Asks for the levels as often as one of the plugin's listeners wants them. */
  private async ask(scope: PluginScope): Promise<void> {
    const own = [...this.followers].filter((follower) => follower.scope === scope);
    const intervalMs = own.length === 0 ? null : Math.min(...own.map((follower) => follower.intervalMs));
    await this.connection.sendRequest(PluginFollowsAudioRequest.type, { plugin: scope.id, intervalMs });
  }

  dispose(): void {
    this.followers.clear();
  }
}
