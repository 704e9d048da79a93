import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import {
  DeliverEventRequest,
  FireEventRequest,
  ListenRequest,
  UnlistenRequest,
} from '../protocol/plugin-events.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { deepFreeze } from './deep-freeze.js';
import type { PluginScope } from './plugin-scope.js';
import { requireJson } from './require-json.js';

/** The `events` of this host's plugins. Its pair in the core is `MainThreadEvents`. */
export class ExtHostEvents implements Disposable {
  /** By plugin and event. */
  private readonly emitters = new Map<string, Emitter<unknown>>();

  constructor(private readonly connection: RpcConnection) {
    connection.onRequest(DeliverEventRequest.type, ({ plugin, event, payload }) => {
      this.emitters.get(keyOf(plugin, event))?.fire(deepFreeze(payload));
      return null;
    });
  }

  async fire(scope: PluginScope, event: string, payload: unknown): Promise<void> {
    scope.checkActive();
    checkName(event, 'fire');
    requireJson(payload, 'payload');
    await this.connection.sendRequest(FireEventRequest.type, { plugin: scope.id, event, payload });
  }

  /** The event, of which the core is told as long as the plugin listens. */
  event(scope: PluginScope, event: string): Event<unknown> {
    checkName(event, 'on');
    const key = keyOf(scope.id, event);
    const existing = this.emitters.get(key);
    if (existing !== undefined) return existing.event;
    const params = { plugin: scope.id, event };
    const emitter = new Emitter<unknown>({
      onFirstListenerAdd: () =>
        scope.track(
          `listening to the event "${event}"`,
          this.connection.sendRequest(ListenRequest.type, params),
        ),
      onLastListenerRemove: () => {
        this.emitters.delete(key);
        // A closed connection has already ended it.
        this.connection.sendRequest(UnlistenRequest.type, params).catch(() => {});
      },
    });
    this.emitters.set(key, emitter);
    return emitter.event;
  }

  dispose(): void {
    for (const emitter of this.emitters.values()) emitter.dispose();
  }
}

function checkName(event: unknown, method: string): void {
  if (typeof event === 'string' && event !== '') return;
  throw new TypeError(`events.${method} expects the name of an event`);
}

function keyOf(plugin: string, event: string): string {
  return `${plugin} ${event}`;
}
