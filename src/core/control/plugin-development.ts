import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import * as z from '../../base/zod.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { InspectorSchema } from '../../protocol/inspector-schema.js';
import {
  type DevelopedPlugin,
  DevelopmentLogNotification,
  DevelopPluginRequest,
  ReloadPluginRequest,
} from '../../protocol/plugin-development.js';
import type { CheckedChannel } from '../../rpc/checked-channel.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { answering } from '../disk/folders.js';
import { ExtensionHosts } from '../extension-hosts/hosts/extension-hosts.js';

const Develop = z.object({
  folder: z.string().min(1).max(4096),
  inspector: InspectorSchema.optional(),
});
const Reload = z.object({ id: z.string().min(1).max(400) });

/** Serves `bulkhead plugin dev`: a client's development ends with its connection. */
@injectable()
export class PluginDevelopment {
  constructor(@inject(ExtensionHosts) private readonly hosts: ExtensionHosts) {}

  /** @returns to be disposed of when the client disconnects. */
  serve(client: RpcConnection, channel: CheckedChannel): Disposable {
    const developed = new Map<string, Disposable>();
    const log = this.hosts.onDidLogInDevelopment((entry) => {
      if (developed.has(entry.plugin)) client.sendNotification(DevelopmentLogNotification.type, entry);
    });
    channel.serve(DevelopPluginRequest.type, Develop, ({ folder, inspector }) => {
      return this.timed(async () => {
        await answering(folder);
        const development = this.hosts.develop(folder, inspector);
        developed.set(development.plugin.id, development);
        return development.plugin.id;
      });
    });
    channel.serve(ReloadPluginRequest.type, Reload, ({ id }) => {
      if (!developed.has(id)) {
        throw new BulkheadError(ErrorCodes.pluginInvalid, `"${id}" is not in development in this core`, {
          where: id,
        });
      }
      return this.timed(async () => {
        const path = this.hosts.find(id)?.path;
        if (path !== undefined) await answering(path);
        await this.hosts.reload(id);
        return id;
      });
    });
    return {
      dispose: () => {
        log.dispose();
        for (const development of developed.values()) development.dispose();
      },
    };
  }

  /**
   * @param change Resolves when the plugin's host is being replaced; its activation is awaited here.
   */
  private async timed(change: () => Promise<string>): Promise<DevelopedPlugin> {
    const begin = performance.now();
    const id = await change();
    let error: BulkheadError | undefined;
    try {
      await this.hosts.activeAgain(id);
    } catch (thrown) {
      error = BulkheadError.from(thrown, ErrorCodes.pluginFailed);
    }
    const elapsedMs = Math.round(performance.now() - begin);
    const { version = '', warnings = [] } = this.hosts.find(id) ?? {};
    const about = { id, version, warnings, elapsedMs };
    if (error !== undefined) return { ...about, state: 'failed', error: error.toData() };
    return { ...about, state: this.hosts.isActivated(id) ? 'active' : 'waiting' };
  }
}
