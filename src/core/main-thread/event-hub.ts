import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import { Emitter, type Event } from '../../base/event.js';
import { eventPermission } from '../../plugins/event-permission.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { type ListedPlugin, PluginDirectory } from './plugin-directory.js';

/** An event that a plugin has fired. */
export interface FiredEvent {
  readonly event: string;
  readonly payload: unknown;
}

/** Takes the events that one plugin listens to. */
export interface EventListener {
  readonly plugin: InstalledPlugin;
  /** Never throws. */
  take(fired: FiredEvent): void;
}

/** Most events that wait for one plugin until it is active. */
const MAX_WAITING = 50;
/** How long, ms: it has failed to become active. */
const WAITING_MS = 30_000;

interface WaitingEvent extends FiredEvent {
  readonly sinceMs: number;
}

/** The events that plugins fire for each other. Those who listen may do so while the streamer has granted it. */
@injectable()
export class EventHub implements Disposable {
  private readonly listeners = new Map<string, Set<EventListener>>();
  /** By plugin: what has activated it, until it listens. */
  private readonly waiting = new Map<string, WaitingEvent[]>();
  private readonly emitter = new Emitter<FiredEvent>();
  private readonly watching = new DisposableStore();
  /** Fires with each event, after those who listen have it. */
  readonly onDidFire: Event<FiredEvent> = this.emitter.event;

  constructor(@inject(PluginDirectory) private readonly directory: PluginDirectory) {
    this.watching.add(
      directory.onDidChange((id) => {
        // It listens by now, or does not run.
        if (directory.isActive(id) || directory.describe(id) === null) this.waiting.delete(id);
      }),
    );
  }

  /** From now on until the returned object is disposed of; what has activated the plugin comes first. */
  listen(event: string, listener: EventListener): Disposable {
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners.add(listener));
    for (const fired of this.takeWaiting(listener.plugin.id, event)) listener.take(fired);
    return {
      dispose: () => {
        listeners.delete(listener);
        if (listeners.size === 0 && this.listeners.get(event) === listeners) this.listeners.delete(event);
      },
    };
  }

  fire(fired: FiredEvent): void {
    for (const listener of [...(this.listeners.get(fired.event) ?? [])]) {
      if (mayHear(listener.plugin, fired.event)) listener.take(fired);
    }
    for (const plugin of this.toActivate(fired.event)) this.keep(plugin.id, fired);
    this.emitter.fire(fired);
  }

  /** The plugins that the event activates. */
  toActivate(event: string): readonly ListedPlugin[] {
    return this.directory.all.filter(
      (plugin) =>
        plugin.activationEvents.includes(`onEvent:${event}`) &&
        mayHear(plugin, event) &&
        !this.directory.isActive(plugin.id),
    );
  }

  private keep(id: string, fired: FiredEvent): void {
    const isListening = [...(this.listeners.get(fired.event) ?? [])].some(({ plugin }) => plugin.id === id);
    if (isListening) return;
    const kept = this.fresh(id).slice(1 - MAX_WAITING);
    this.waiting.set(id, [...kept, { ...fired, sinceMs: performance.now() }]);
  }

  private takeWaiting(id: string, event: string): readonly FiredEvent[] {
    const kept = this.fresh(id);
    this.waiting.set(
      id,
      kept.filter((fired) => fired.event !== event),
    );
    return kept.filter((fired) => fired.event === event);
  }

  private fresh(id: string): readonly WaitingEvent[] {
    const oldestMs = performance.now() - WAITING_MS;
    return (this.waiting.get(id) ?? []).filter(({ sinceMs }) => sinceMs >= oldestMs);
  }

  dispose(): void {
    this.watching.dispose();
    this.emitter.dispose();
  }
}

function mayHear({ granted }: Pick<ListedPlugin, 'granted'>, event: string): boolean {
  return granted.includes(eventPermission(event));
}
