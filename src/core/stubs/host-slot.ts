import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import type { ExtensionHostStatus } from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { ExtensionHostStub } from './extension-host-stub.js';

/**
 * The place of one plugin's host. When the plugin becomes another one (a new version, other rights), its host is replaced:
 * the next one is started first, and its plugin activated when the one before has ended, so that there are never two.
 */
export class HostSlot implements Disposable {
  private host: ExtensionHostStub | undefined;
  /** What takes the host's place as soon as that has ended. */
  private next: ExtensionHostStub | undefined;
  private wanted: InstalledPlugin | undefined;
  /** Resolves when the host that ends has ended and the next one, if there is to be one, has been started. */
  private turn: Promise<void> | undefined;

  constructor(
    private readonly id: string,
    /** Makes a host that activates its plugin when `after` has come. */
    private readonly createHost: (plugin: InstalledPlugin, after?: Promise<void>) => ExtensionHostStub,
  ) {}

  /** What runs here, or will as soon as the one before has ended. */
  get plugin(): InstalledPlugin | undefined {
    return this.wanted;
  }

  /**
   * Runs this from now on; undefined ends it. What runs already goes on, unless something has changed that it is launched
   * by.
   */
  set(plugin: InstalledPlugin | undefined): void {
    const before = this.wanted;
    if (plugin !== undefined && before !== undefined && isSameLaunch(plugin, before)) {
      before.granted = plugin.granted;
    } else if (plugin !== before) {
      this.wanted = plugin;
      void this.replaceHost();
    }
  }

  /** Gives a host that has been given up another chance. */
  start(): void {
    if (this.turn === undefined) this.host?.start();
  }

  /** Ends the host and starts it anew. What had been activated is activated again. */
  restart(): void {
    if (this.turn !== undefined) return;
    const { host } = this;
    if (host === undefined) this.begin();
    else this.turn = this.restartHost(host);
  }

  fire(event: string, only?: string): void {
    this.host?.fire(event, only);
    this.next?.fire(event, only);
  }

  /**
   * Activates the plugin if it is not active.
   *
   * @throws why it is not active, at the latest when its deadline is over.
   */
  async activate(): Promise<void> {
    await this.turn;
    const { host, wanted } = this;
    if (host !== undefined && wanted !== undefined) return host.activatePlugin(wanted);
    throw new BulkheadError(ErrorCodes.pluginFailed, `the plugin "${this.id}" does not run`, {
      where: this.id,
    });
  }

  /** Whether something has activated the plugin; it is activated again after each restart. */
  get isActivated(): boolean {
    return this.host !== undefined && this.host.status().waiting === undefined;
  }

  /** Undefined without a host. */
  status(): ExtensionHostStatus | undefined {
    if (this.wanted === undefined || this.host === undefined) return undefined;
    const status = this.host.status();
    return this.turn === undefined ? status : { ...status, state: 'restarting' };
  }

  /** Resolves when no host is ending. */
  async settled(): Promise<void> {
    await this.turn;
  }

  dispose(): void {
    this.wanted = undefined;
    this.host?.dispose();
    this.next?.dispose();
  }

  private replaceHost(): Promise<void> {
    const { host } = this;
    if (host === undefined) this.begin();
    else this.turn ??= this.swap(host);
    return this.turn ?? Promise.resolve();
  }

  private async restartHost(host: ExtensionHostStub): Promise<void> {
    const { wanted } = this;
    await host.restart();
    if (wanted !== this.wanted) return this.swap(host);
    this.turn = undefined;
  }

  private async swap(host: ExtensionHostStub): Promise<void> {
    const { wanted, isActivated } = this;
    let release = () => {};
    const after = new Promise<void>((resolve) => {
      release = resolve;
    });
    const next = wanted === undefined ? undefined : this.createHost(wanted, after);
    this.next = next;
    next?.start();
    await next?.launched();
    await host.stop();
    host.dispose();
    this.host = undefined;
    this.next = undefined;
    this.turn = undefined;
    if (wanted !== this.wanted) next?.dispose();
    if (wanted !== this.wanted || next === undefined) this.begin();
    else this.host = next;
    release();
    // Whoever wants to know what comes of it asks by `activate`; a failure reports itself.
    if (isActivated && this.wanted !== undefined) this.host?.activatePlugin(this.wanted).catch(() => {});
  }

  private begin(): void {
    const { wanted } = this;
    if (wanted === undefined) return;
    this.host = this.createHost(wanted);
    this.host.start();
  }
}

/** Whether a host can stay: all is the same but the rights that the core itself checks, at each call. */
function isSameLaunch(one: InstalledPlugin, other: InstalledPlugin): boolean {
  const launchedBy = ({ granted, ...rest }: InstalledPlugin) => ({
    ...rest,
    network: granted.includes('network'),
  });
  return isDeepStrictEqual(launchedBy(one), launchedBy(other));
}
