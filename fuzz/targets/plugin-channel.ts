import { Container } from 'inversify';
import * as z from '../../src/base/zod.js';
import { BroadcastView } from '../../src/core/broadcast/broadcast-view.js';
import { HostSession } from '../../src/core/extension-hosts/hosts/host-session.js';
import { Log } from '../../src/core/log/log.js';
import { bindMainThread } from '../../src/core/main-thread/bind-main-thread.js';
import { MainThreadNamespace } from '../../src/core/main-thread/main-thread-namespace.js';
import { OutputsView } from '../../src/core/main-thread/main-thread-outputs.js';
import { RecordingView } from '../../src/core/main-thread/main-thread-recording.js';
import { ReplayView } from '../../src/core/main-thread/main-thread-replay.js';
import { DEFAULT_PLUGIN_DEADLINES, PluginDeadlines } from '../../src/core/main-thread/plugin-deadlines.js';
import { PluginStorage } from '../../src/core/main-thread/plugin-storage.js';
import { bindStreamer } from '../../src/core/streamer/bind-streamer.js';
import { Browser } from '../../src/core/streamer/browser.js';
import { CallbackAddresses } from '../../src/core/streamer/callback-addresses.js';
import { NoticeSink } from '../../src/core/streamer/notice-sink.js';
import { MemoryStore } from '../../src/plugin-test/memory-store.js';
import { SteeredBroadcast } from '../../src/plugin-test/steered-broadcast.js';
import { SteeredBrowser } from '../../src/plugin-test/steered-browser.js';
import { SteeredRecording } from '../../src/plugin-test/steered-recording.js';
import { SteeredReplay } from '../../src/plugin-test/steered-replay.js';
import { SteeredShow } from '../../src/plugin-test/steered-show.js';
import type { InstalledPlugin } from '../../src/plugins/installed-plugin.js';
import { CheckedChannel } from '../../src/rpc/checked-channel.js';
import type { RpcConnection } from '../../src/rpc/rpc-connection.js';
import { sample } from '../json.js';

export const SILENT: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

const PLUGIN = {
  id: 'p',
  path: '/nowhere/p',
  permissions: [
    'broadcast.control',
    'broadcast.marker',
    'audio',
    'overlays',
    'scenes',
    'sources',
    'outputs',
    'recording',
  ],
  apiProposals: ['broadcastSplices', 'outputs', 'recording'],
  granted: [
    'broadcast.control',
    'broadcast.marker',
    'audio',
    'overlays',
    'scenes',
    'sources',
    'outputs',
    'recording',
  ],
  contributes: {
    ...{ commands: [], configuration: { properties: {} }, statusItems: [{ id: 'a', name: 'A' }] },
    events: [{ event: 'a', description: 'A' }],
  },
  extensionDependencies: ['a'],
  optionalExtensionDependencies: [],
} as unknown as InstalledPlugin;

/** The core's side of one plugin's host, with nothing behind it. */
export function hostSession(connection: RpcConnection): HostSession {
  return new HostSession(connection, [PLUGIN], SILENT, namespaces());
}

function namespaces(): MainThreadNamespace[] {
  const container = new Container({ defaultScope: 'Singleton' });
  const air = new SteeredBroadcast();
  container.bind(Log).toConstantValue(SILENT);
  container.bind(BroadcastView).toConstantValue(air);
  container.bind(OutputsView).toConstantValue(air.outputs);
  container.bind(RecordingView).toConstantValue(new SteeredRecording());
  container.bind(ReplayView).toConstantValue(new SteeredReplay());
  new SteeredShow(air, { notice() {} }, SILENT).bind(container);
  container.bind(PluginStorage).toConstantValue(new MemoryStore('nowhere', SILENT));
  container.bind(PluginDeadlines).toConstantValue(DEFAULT_PLUGIN_DEADLINES);
  container.bind(NoticeSink).toConstantValue({ notice() {} });
  bindStreamer(container);
  const browser = new SteeredBrowser(async () => {});
  container.bind(Browser).toConstantValue(browser);
  container.bind(CallbackAddresses).toConstantValue(browser.callbacks);
  bindMainThread(container);
  return container.getAll<MainThreadNamespace>(MainThreadNamespace);
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
