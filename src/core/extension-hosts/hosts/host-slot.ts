import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import { onUnexpectedError } from '../../../base/unexpected-error.js';
import type { InstalledPlugin } from '../../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { scopesOf } from '../../../protocol/permissions/permissions.js';
import type { ExtensionHostStatus } from '../../../protocol/status/extension-host-status.js';
import { networkAccess } from '../isolation/granted-network.js';
import type { ExtensionHostStub } from './extension-host-stub.js';

/** Plugins that have run in another host until now. */
export interface Arrivals {
  /** Resolves when their previous hosts have ended. */
  readonly after: Promise<void>;
  /** Ids of those that had been activated. */
  readonly activated: readonly string[];
}

/** The parts of a host that a slot uses. */
export type SlotHost = Pick<
  ExtensionHostStub,
  | 'plugins'
  | 'start'
  | 'launched'
  | 'restart'
  | 'stop'
  | 'fire'
  | 'regrant'
  | 'giveUp'
  | 'activatePlugin'
  | 'isActivated'
  | 'isOutdated'
  | 'status'
  | 'dispose'
>;

/**
 * The slot of one host: of one plugin, or of a group. When its plugins change (a new version, other permissions, one more or
 * less), the host is replaced: the next one is started first, and its plugins are activated when the one before has ended,
 * so that none ever runs twice.
 */
export class HostSlot<Host extends SlotHost = ExtensionHostStub> implements Disposable {
  private host: Host | undefined;
  /** Takes the host's place when that has ended. */
  private next: Host | undefined;
  private wanted: readonly InstalledPlugin[] = [];
  private arrivals: Arrivals[] = [];
  /** Resolves when the current host has ended and the next one, if any, has been started. */
  private turn: Promise<void> | undefined;

  constructor(
    /** Creates a host that activates its plugins when `after` has resolved. */
    private readonly createHost: (plugins: readonly InstalledPlugin[], after?: Promise<void>) => Host,
  ) {}

  /** The plugins that run here, or will once the host before has ended. */
  get plugins(): readonly InstalledPlugin[] {
    return this.wanted;
  }

  find(id: string): InstalledPlugin | undefined {
    return this.wanted.find((plugin) => plugin.id === id);
  }

  /** Whether the plugin's process is here, even if it is about to end. */
  holds(id: string): boolean {
    return this.find(id) !== undefined || this.host?.plugins.some((plugin) => plugin.id === id) === true;
  }

  /**
   * Sets the plugins to run; an empty list ends the host. The host is kept unless something has changed that it is launched
   * with.
   */
  set(plugins: readonly InstalledPlugin[], arrivals?: Arrivals): void {
    const before = this.wanted;
    const pairs = plugins.map((plugin, index) => [plugin, before[index]] as const);
    if (
      plugins.length === before.length &&
      pairs.every(([now, then]) => then !== undefined && isSameLaunch(now, then))
    ) {
      this.regrant(pairs);
      return;
    }
    this.wanted = plugins;
    if (this.turn === undefined) this.arrivals = [];
    if (arrivals !== undefined) this.arrivals.push(arrivals);
    void this.replaceHost();
  }

  private regrant(pairs: readonly (readonly [InstalledPlugin, InstalledPlugin | undefined])[]): void {
    let changed = false;
    for (const [now, then] of pairs) {
      if (then === undefined || isDeepStrictEqual(then.granted, now.granted)) continue;
      then.granted = now.granted;
      changed = true;
    }
    if (changed) for (const host of this.hosts) host.regrant();
  }

  /** Gives a host that has been given up another chance. */
  start(): void {
    if (this.turn === undefined) this.host?.start();
  }

  /** Ends the host because this plugin must not run any more. It stays off until it is started or restarted. */
  giveUp(id: string, failure: BulkheadError): void {
    const plugin = this.find(id);
    if (plugin !== undefined) this.host?.giveUp(plugin, failure);
  }

  /** Restarts the host. Activated plugins are activated again. */
  restart(): void {
    if (this.turn !== undefined) return;
    const { host } = this;
    if (host === undefined) this.begin();
    else this.turn = this.restartHost(host);
  }

  /** Replaces a host whose plugins could read what they must not any more. */
  async replaceOutdated(): Promise<void> {
    while (this.turn !== undefined) await this.turn;
    if (this.wanted.length > 0 && this.host?.isOutdated === true) await this.replaceHost();
  }

  fire(event: string, only?: string): void {
    this.host?.fire(event, only);
    this.next?.fire(event, only);
  }

  /**
   * Activates one of the plugins if it is not active.
   *
   * @throws why it is not active, at its deadline at the latest.
   */
  async activate(id: string): Promise<void> {
    await this.turn;
    const { host } = this;
    const plugin = this.find(id);
    if (host !== undefined && plugin !== undefined) return host.activatePlugin(plugin);
    throw new BulkheadError(ErrorCodes.pluginFailed, `the plugin "${id}" does not run`, { where: id });
  }

  /** Whether the plugin has been activated; it is activated again after each restart. */
  isActivated(id: string): boolean {
    return this.host?.isActivated(id) === true;
  }

  /** Its host, and the one that will replace it. */
  get hosts(): readonly Host[] {
    return [this.host, this.next].filter((host) => host !== undefined);
  }

  /** Undefined without a host. */
  status(): ExtensionHostStatus | undefined {
    if (this.wanted.length === 0 || this.host === undefined) return undefined;
    const status = this.host.status();
    return this.turn === undefined ? status : { ...status, state: 'restarting' };
  }

  /** Resolves when no host is ending. */
  async settled(): Promise<void> {
    await this.turn;
  }

  dispose(): void {
    this.wanted = [];
    this.host?.dispose();
    this.next?.dispose();
  }

  private replaceHost(): Promise<void> {
    const { host } = this;
    if (host === undefined) this.begin();
    else this.turn ??= this.swap(host);
    return this.turn ?? Promise.resolve();
  }

  private async restartHost(host: Host): Promise<void> {
    const { wanted } = this;
    await attempt(() => host.restart());
    if (wanted !== this.wanted) return this.swap(host);
    this.turn = undefined;
  }

  private async swap(host: Host): Promise<void> {
    const { wanted, arrivals } = this;
    const activated = host.plugins.map(({ id }) => id).filter((id) => host.isActivated(id));
    let release = () => {};
    const after = new Promise<void>((resolve) => {
      release = resolve;
    });
    const ready = Promise.all([after, ...arrivals.map((each) => each.after)]).then(() => {});
    await attempt(async () => {
      this.next = wanted.length === 0 ? undefined : this.createHost(wanted, ready);
      this.next?.start();
      await this.next?.launched();
    });
    await attempt(() => host.stop());
    host.dispose();
    const { next } = this;
    this.host = undefined;
    this.next = undefined;
    this.turn = undefined;
    try {
      if (wanted !== this.wanted) next?.dispose();
      if (wanted !== this.wanted || next === undefined) this.begin();
      else this.host = next;
    } catch (error) {
      onUnexpectedError(error);
    }
    release();
    // Not awaited: `activate` reports the result to its callers, and failures are reported separately.
    this.activateAgain([...activated, ...arrivals.flatMap((each) => each.activated)]);
  }

  private begin(): void {
    const { wanted, arrivals } = this;
    if (wanted.length === 0) return;
    const after =
      arrivals.length === 0 ? undefined : Promise.all(arrivals.map((each) => each.after)).then(() => {});
    this.host = this.createHost(wanted, after);
    this.host.start();
    this.activateAgain(arrivals.flatMap((each) => each.activated));
  }

  private activateAgain(ids: readonly string[]): void {
    for (const plugin of this.wanted) {
      if (ids.includes(plugin.id)) this.host?.activatePlugin(plugin).catch(() => {});
    }
  }
}

/** A step that fails is reported, and the next one follows: a slot must not be blocked forever. */
async function attempt(step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    onUnexpectedError(error);
  }
}

/** Whether a host can be kept: nothing has changed but permissions that are checked at each call. */
function isSameLaunch(one: InstalledPlugin, other: InstalledPlugin): boolean {
  const launchedBy = (plugin: InstalledPlugin) => {
    const { granted, ...rest } = plugin;
    return { ...rest, network: networkAccess([plugin]), files: scopesOf(granted, 'file:read') };
  };
  return isDeepStrictEqual(launchedBy(one), launchedBy(other));
}
