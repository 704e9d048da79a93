import { Container } from 'inversify';
import { defaultLibraryFolder, PluginLibrary } from '../plugins/library/plugin-library.js';
import { PluginManager } from '../plugins/library/plugin-manager.js';
import { Broadcast } from './broadcast/broadcast.js';
import { ControlService } from './control/control-service.js';
import { PluginDevelopment } from './control/plugin-development.js';
import { CoreOptions } from './core-options.js';
import { answering } from './disk/answering.js';
import { CrashJournal, journalPath } from './extension-hosts/hosts/crash-journal.js';
import { ExtensionHosts } from './extension-hosts/hosts/extension-hosts.js';
import { HostLaunchers } from './extension-hosts/isolation/host-launchers.js';
import { IsolatedHostLaunchers } from './extension-hosts/isolation/isolated-host-launchers.js';
import { describeIsolation, type Isolation } from './extension-hosts/isolation/isolation.js';
import { defaultStoreFolder, PluginStore } from './extension-hosts/store/plugin-store.js';
import { Log, openLog } from './log/log.js';
import { CommandRegistry } from './main-thread/command-registry.js';
import { InProcessLauncher } from './processes/in-process-launcher.js';
import type { PartLauncher } from './processes/part-launcher.js';
import { PartLaunchers } from './processes/part-launchers.js';
import { ProcessLauncher } from './processes/process-launcher.js';
import { OutputFactory, OutputProtocol, OutputProtocols } from './publish/output-protocols.js';
import { RtmpProtocol } from './publish/rtmp/rtmp-protocol.js';
import { Dialogs } from './streamer/dialogs.js';
import { NoticeSink } from './streamer/notice-sink.js';
import { Notices } from './streamer/notices.js';
import { EncoderStub } from './stubs/encoder-stub.js';
import { LiveServerStub } from './stubs/live-server-stub.js';

/** What `main.ts` sets off before the rest of the core is loaded; for parts that are processes of their own. */
export interface StartedAhead {
  readonly encoder: PartLauncher | undefined;
  /** What keeps plugins apart on this machine. */
  readonly isolation: Promise<Isolation> | undefined;
}

/**
 * The core's one composition root. Here, and nowhere else, it is decided whether a part is a process of its own or
 * runs inside the core (patent: the first and the third mode).
 */
export async function createContainer(
  options: CoreOptions,
  { encoder, isolation }: StartedAhead,
): Promise<Container> {
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(CoreOptions).toConstantValue(options);
  const log = openLog(options);
  container.bind(Log).toConstantValue(log);
  container.bind(PartLaunchers).toConstantValue({
    encoder: encoder ?? (await encoderInside()),
    'live-server': new ProcessLauncher('live-server'),
  } satisfies PartLaunchers);
  container
    .bind(HostLaunchers)
    .toConstantValue(
      isolation === undefined ? await pluginsInside() : new IsolatedHostLaunchers(await isolation),
    );
  container.bind(CrashJournal).toConstantValue(new CrashJournal(journalPath(options.address), log));
  container.bind(EncoderStub).toSelf();
  container.bind(ExtensionHosts).toSelf();
  container.bind(LiveServerStub).toSelf();
  const store = new PluginStore(defaultStoreFolder(), log);
  container.bind(PluginStore).toConstantValue(store);
  container.bind(CommandRegistry).toSelf();
  container.bind(Notices).toSelf();
  container.bind(Dialogs).toSelf();
  container.bind(NoticeSink).toService(Notices);
  container.bind(OutputProtocol).to(RtmpProtocol);
  container.bind(OutputProtocols).toSelf();
  container.bind(OutputFactory).toResolvedValue((protocols) => protocols.create, [OutputProtocols]);
  const library = new PluginLibrary(defaultLibraryFolder(), `the core at ${options.address}`);
  container.bind(PluginLibrary).toConstantValue(library);
  container.bind(PluginManager).toConstantValue(
    new PluginManager({
      library,
      running: container.get(ExtensionHosts),
      purge: (id) => store.purge(id),
      isolation: describeIsolation(await isolation),
      answering,
    }),
  );
  container.bind(Broadcast).toSelf();
  container.bind(PluginDevelopment).toSelf();
  container.bind(ControlService).toSelf();
  return container;
}

// A module is loaded only where it is to run inside the core: the core holds nothing that it does not need.

async function encoderInside(): Promise<PartLauncher> {
  const { encoderPart } = await import('../encoder/encoder-part.js');
  return new InProcessLauncher(encoderPart);
}

async function pluginsInside(): Promise<HostLaunchers> {
  const { extensionHostPart } = await import('../extension-host/extension-host-part.js');
  const launcher = new InProcessLauncher(extensionHostPart);
  return { tier: 'none', launcherFor: () => launcher };
}
