import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { RateLimiter } from '../../base/rate-limiter.js';
import * as z from '../../base/zod.js';
import { eventPermission } from '../../plugins/event-permission.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  FireEventRequest,
  ListenRequest,
  MAX_PAYLOAD_CHARACTERS,
  UnlistenRequest,
} from '../../protocol/plugin-events.js';
import type { Log } from '../log/log.js';
import { EventHub, type FiredEvent } from './event-hub.js';
import { EventQueue } from './event-queue.js';
import { FromPluginSchema } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { requireAsked } from './require-permission.js';

/** What the plugins of one host may fire: each event goes to every plugin that listens. */
const FIRED = { burst: 100, perSecond: 50 };
const FIRED_CHARACTERS = { burst: 256 * 1024, perSecond: 64 * 1024 };

const MAX_LISTENED = 500;

const Named = FromPluginSchema.extend({ event: z.string().min(1).max(200) });
const Fired = Named.extend({ payload: z.unknown().optional() });

/** Takes the events that plugins fire, and sends them to those that listen. Its pair in the host is `ExtHostEvents`. */
@injectable()
export class MainThreadEvents implements MainThreadNamespace {
  constructor(@inject(EventHub) private readonly hub: EventHub) {}

  serve(host: ServedHost): Disposable {
    return new HostEvents(host, this.hub);
  }
}

/** The events of one host's plugins. */
class HostEvents implements Disposable {
  private readonly listened = new Map<string, Disposable>();
  private readonly fires = new RateLimiter(FIRED);
  private readonly characters = new RateLimiter(FIRED_CHARACTERS);
  private readonly queue: EventQueue;

  constructor(
    private readonly host: Pick<ServedHost, 'channel' | 'plugins'> & { readonly log: Pick<Log, 'warn'> },
    private readonly hub: EventHub,
  ) {
    const { channel, log } = host;
    this.queue = new EventQueue(channel, log);
    channel.serve(FireEventRequest.type, Fired, ({ plugin, event, payload }) => {
      this.fire(this.find(plugin), { event, payload });
      return null;
    });
    channel.serve(ListenRequest.type, Named, ({ plugin, event }) => {
      this.listen(this.find(plugin), event);
      return null;
    });
    channel.serve(UnlistenRequest.type, Named, ({ plugin, event }) => {
      this.unlisten(keyOf(plugin, event));
      return null;
    });
  }

  /** Of this host: the channel has checked it. */
  private find(id: string): InstalledPlugin {
    const plugin = this.host.plugins.find((candidate) => candidate.id === id);
    if (plugin === undefined) throw new Error(`the plugin "${id}" is not served here`);
    return plugin;
  }

  private fire({ id, contributes }: InstalledPlugin, fired: FiredEvent): void {
    const refusal = (code: BulkheadError['code'], message: string, remedy: string) =>
      new BulkheadError(code, message, { where: id, remedy });
    const { event } = fired;
    if (!this.fires.take()) {
      const message = `the plugin "${id}" fires more than ${FIRED.perSecond} events a second`;
      throw refusal(ErrorCodes.rpcBusy, message, 'Fire less often, or put several into one.');
    }
    if (!contributes.events.some((declared) => declared.event === event)) {
      const message = `the plugin "${id}" does not declare the event "${event}"`;
      throw refusal(ErrorCodes.pluginInvalid, message, 'Add it to "contributes.events" of package.json.');
    }
    const size = JSON.stringify(fired.payload)?.length ?? 0;
    if (size > MAX_PAYLOAD_CHARACTERS) {
      const message = `the event "${event}" was not fired: its payload has ${size} characters of JSON, of ${MAX_PAYLOAD_CHARACTERS}`;
      throw refusal(
        ErrorCodes.rpcTooLarge,
        message,
        'Fire less, and have others ask for the rest by a command.',
      );
    }
    if (!this.characters.take(size)) {
      const message = `the plugin "${id}" fires more than ${FIRED_CHARACTERS.perSecond} characters a second`;
      throw refusal(ErrorCodes.rpcBusy, message, 'Fire less often, or less.');
    }
    this.hub.fire(fired);
  }

  private listen(plugin: InstalledPlugin, event: string): void {
    const permission = eventPermission(event);
    requireAsked(plugin, permission);
    const key = keyOf(plugin.id, event);
    if (this.listened.has(key)) return;
    if (this.listened.size >= MAX_LISTENED) {
      const message = `the plugin "${plugin.id}" listens to more than ${MAX_LISTENED} events`;
      throw new BulkheadError(ErrorCodes.rpcBusy, message, { where: plugin.id });
    }
    if (!plugin.granted.includes(permission)) {
      const message = `the plugin "${plugin.id}" gets no event "${event}" until you allow it: bulkhead plugin allow ${plugin.id} ${permission}`;
      this.host.log.warn(message, { plugin: plugin.id });
    }
    this.listened.set(
      key,
      this.hub.listen(event, { plugin, take: (fired) => this.queue.add({ plugin: plugin.id, ...fired }) }),
    );
  }

  private unlisten(key: string): void {
    this.listened.get(key)?.dispose();
    this.listened.delete(key);
  }

  dispose(): void {
    for (const key of [...this.listened.keys()]) this.unlisten(key);
    this.queue.clear();
  }
}

function keyOf(plugin: string, event: string): string {
  return `${plugin} ${event}`;
}
