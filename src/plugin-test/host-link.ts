import type { Disposable } from 'vscode-jsonrpc';
import { HostSession } from '../core/extension-hosts/hosts/host-session.js';
import type { Log } from '../core/log/log.js';
import type { MainThreadNamespace } from '../core/main-thread/main-thread-namespace.js';
import { DEFAULT_PLUGIN_DEADLINES, deadlineFor, isDebugged } from '../core/main-thread/plugin-deadlines.js';
import { exportsIn } from '../core/main-thread/plugin-exports.js';
import { createExtensionHostPart } from '../extension-host/extension-host-part.js';
import { describePlugin, type InstalledPlugin } from '../plugins/installed-plugin.js';
import { servePart } from '../process-host/serve-part.js';
import { TO_CORE_LIMITS } from '../protocol/channel-limits.js';
import { ActivatePluginRequest, DeactivatePluginRequest } from '../protocol/extension-host.js';
import { RpcConnection } from '../rpc/rpc-connection.js';
import { Channel } from './channel.js';

export interface HostLinkOptions {
  readonly plugin: InstalledPlugin;
  /** Creates the folder that the plugin may write to. @returns its path */
  readonly makeFolder: () => Promise<string>;
  readonly namespaces: readonly MainThreadNamespace[];
  readonly log: Log;
  /** The host has ended by itself. */
  readonly onDidEnd: () => void;
}

/** One extension host with the plugin, and the core's session with it. */
export class HostLink implements Disposable {
  readonly channel = new Channel();
  private readonly connection: RpcConnection;
  private readonly session: HostSession;
  private readonly part: Disposable;
  private activating: Promise<unknown> | undefined;
  private active = false;
  /** By the test's clock; the values of the core. */
  private readonly activateMs: number;
  private readonly deactivateMs: number;

  constructor(private readonly options: HostLinkOptions) {
    const { plugin, namespaces, log, onDidEnd } = options;
    this.activateMs = deadlineFor([plugin], DEFAULT_PLUGIN_DEADLINES.activateMs);
    this.deactivateMs = deadlineFor([plugin], DEFAULT_PLUGIN_DEADLINES.deactivateMs);
    const inspected = isDebugged([plugin]);
    this.connection = new RpcConnection(this.channel.core, {
      peer: 'extension-host',
      receive: TO_CORE_LIMITS,
    });
    if (inspected) this.connection.waitWithoutDeadlines();
    this.session = new HostSession(this.connection, [plugin], log, namespaces, this.channel.coreFrames);
    this.connection.listen();
    this.part = servePart(createExtensionHostPart({ ownsProcess: false, inspected }), {
      control: this.channel.host,
      frames: this.channel.hostFrames,
      pid: process.pid,
      exit: () => {
        this.session.noteFailure();
        this.active = false;
        // Its last messages may still be in transit.
        void this.channel.quiet().then(() => {
          this.dispose();
          onDidEnd();
        });
      },
    });
  }

  /** Permissions of the plugin have changed. */
  regrant(): void {
    this.session.regrant();
  }

  get isActive(): boolean {
    return this.active;
  }

  /** @throws the error of the plugin's activation, or what has ended its host meanwhile. */
  async activate(): Promise<void> {
    const { plugin, makeFolder } = this.options;
    this.activating ??= makeFolder().then(async (folder) => {
      this.session.willActivate(plugin);
      const answer = await this.connection.sendRequest(
        ActivatePluginRequest.type,
        { plugin: describePlugin(plugin, folder, 'none', { mode: 'test' }), deadlineMs: this.activateMs },
        { deadlineMs: 2 * this.activateMs },
      );
      this.session.markActive(plugin, exportsIn(answer, plugin.id));
    });
    try {
      await this.activating;
      this.active = true;
    } catch (error) {
      this.activating = undefined;
      throw this.session.fatalFault ?? error;
    }
  }

  /**
   * @returns What the plugin has registered and not disposed of.
   * @throws the error of the plugin's deactivation.
   */
  async deactivate(): Promise<readonly string[]> {
    if (!this.active) return [];
    this.active = false;
    this.activating = undefined;
    const { plugin } = this.options;
    const { id } = plugin;
    this.session.willDeactivate(plugin);
    const { left } = await this.connection.sendRequest(
      DeactivatePluginRequest.type,
      { id, deadlineMs: this.deactivateMs },
      { deadlineMs: 2 * this.deactivateMs },
    );
    return left;
  }

  dispose(): void {
    if (this.active) this.session.noteFailure();
    this.active = false;
    this.part.dispose();
    this.session.dispose();
    this.connection.dispose();
    this.channel.destroy();
  }
}
