import { Container } from 'inversify';
import type { PartRole } from '../protocol/lifecycle.js';
import { Broadcast } from './broadcast/broadcast.js';
import { createOutput, OutputFactory } from './broadcast/outputs.js';
import { ControlService } from './control/control-service.js';
import { NoticeSink } from './control/notice-sink.js';
import { Notices } from './control/notices.js';
import { CoreOptions } from './core-options.js';
import { Log, openLog } from './log/log.js';
import { CommandRegistry } from './main-thread/command-registry.js';
import { InProcessLauncher } from './processes/in-process-launcher.js';
import type { PartLauncher } from './processes/part-launcher.js';
import { PartLaunchers } from './processes/part-launchers.js';
import { ProcessLauncher } from './processes/process-launcher.js';
import { EncoderStub } from './stubs/encoder-stub.js';
import { ExtensionHosts } from './stubs/extension-hosts.js';
import { LiveServerStub } from './stubs/live-server-stub.js';

/**
 * The core's one composition root. Here, and nowhere else, it is decided whether a part is a process of its own or
 * runs inside the core (patent: the first and the third mode).
 */
export async function createContainer(
  options: CoreOptions,
  encoderLauncher: PartLauncher | undefined,
): Promise<Container> {
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(CoreOptions).toConstantValue(options);
  container.bind(Log).toConstantValue(openLog(options));
  container.bind(PartLaunchers).toConstantValue({
    encoder: encoderLauncher ?? (await encoderInside()),
    'extension-host': await extensionHostLauncher(options),
    'live-server': new ProcessLauncher('live-server'),
  } satisfies Record<PartRole, PartLauncher>);
  container.bind(EncoderStub).toSelf();
  container.bind(ExtensionHosts).toSelf();
  container.bind(LiveServerStub).toSelf();
  container.bind(CommandRegistry).toSelf();
  container.bind(Notices).toSelf();
  container.bind(NoticeSink).toService(Notices);
  container.bind(OutputFactory).toConstantValue(createOutput);
  container.bind(Broadcast).toSelf();
  container.bind(ControlService).toSelf();
  return container;
}

// A module is loaded only where it is to run inside the core: the core holds nothing that it does not need.

async function encoderInside(): Promise<PartLauncher> {
  const { encoderPart } = await import('../encoder/encoder-part.js');
  return new InProcessLauncher(encoderPart);
}

async function extensionHostLauncher({ isolate }: CoreOptions): Promise<PartLauncher> {
  if (isolate !== 'encoder') return new ProcessLauncher('extension-host');
  const { extensionHostPart } = await import('../extension-host/extension-host-part.js');
  return new InProcessLauncher(extensionHostPart);
}
