import * as z from 'zod';
import { HostSession } from '../../src/core/extension-hosts/hosts/host-session.js';
import type { Log } from '../../src/core/log/log.js';
import { BroadcastFeed } from '../../src/core/main-thread/broadcast-feed.js';
import { CommandRegistry } from '../../src/core/main-thread/command-registry.js';
import { Dialogs } from '../../src/core/streamer/dialogs.js';
import { MemoryStore } from '../../src/plugin-test/memory-store.js';
import type { InstalledPlugin } from '../../src/plugins/installed-plugin.js';
import { Settings } from '../../src/plugins/settings.js';
import { CheckedChannel } from '../../src/rpc/checked-channel.js';
import type { RpcConnection } from '../../src/rpc/rpc-connection.js';
import { sample } from '../json.js';

export const SILENT: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

const PLUGIN = {
  id: 'p',
  permissions: ['broadcast.control', 'broadcast.marker'],
  apiProposals: ['broadcastSplices'],
  granted: ['broadcast.control', 'broadcast.marker'],
  contributes: { commands: [], configuration: { properties: {} }, statusItems: [{ id: 'a', name: 'A' }] },
} as unknown as InstalledPlugin;

/** The core's side of one plugin's host, with nothing behind it. */
export function hostSession(connection: RpcConnection): HostSession {
  return new HostSession({
    connection,
    plugins: [PLUGIN],
    commands: new CommandRegistry(),
    feed: new BroadcastFeed(),
    settings: new Settings(),
    store: new MemoryStore('nowhere', SILENT),
    dialogs: new Dialogs(),
    notices: { notice() {} },
    log: SILENT,
    commandDeadlineMs: 1000,
  });
}

/** A message that the core takes, and the schema of its params. */
export interface Served {
  readonly method: string;
  readonly isRequest: boolean;
  readonly schema: z.ZodType;
}

/** The messages that are served while `register` runs. */
export function recordServed(register: () => void): Served[] {
  const served: Served[] = [];
  const { prototype } = CheckedChannel;
  const { serve, receive } = prototype;
  prototype.serve = function (type, schema, handler) {
    served.push({ method: type.method, isRequest: true, schema });
    return serve.call(this, type, schema as never, handler as never);
  };
  prototype.receive = function (type, schema, handler, admit) {
    served.push({ method: type.method, isRequest: false, schema });
    return receive.call(this, type, schema as never, handler as never, admit);
  };
  try {
    register();
  } finally {
    Object.assign(prototype, { serve, receive });
  }
  return served;
}

/** A message as it should be, as far as its schema says so. */
export function sampleMessage({ method, isRequest, schema }: Served): object {
  const params = sample(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return { jsonrpc: '2.0', ...(isRequest ? { id: 1 } : {}), method, params };
}
