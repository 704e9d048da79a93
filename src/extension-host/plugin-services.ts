import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { ExtHostAudio } from './ext-host-audio.js';
import { ExtHostBroadcast } from './ext-host-broadcast.js';
import { ExtHostCommands } from './ext-host-commands.js';
import { ExtHostConfiguration } from './ext-host-configuration.js';
import { ExtHostContext } from './ext-host-context.js';
import { ExtHostEnv } from './ext-host-env.js';
import { ExtHostEvents } from './ext-host-events.js';
import { ExtHostExtensions } from './ext-host-extensions.js';
import { ExtHostL10n } from './ext-host-l10n.js';
import { ExtHostOutputs } from './ext-host-outputs.js';
import { ExtHostOverlays } from './ext-host-overlays.js';
import { ExtHostPermissions } from './ext-host-permissions.js';
import { ExtHostProfile } from './ext-host-profile.js';
import { ExtHostProgress } from './ext-host-progress.js';
import { ExtHostQuestions } from './ext-host-questions.js';
import { ExtHostRecording } from './ext-host-recording.js';
import { ExtHostReplay } from './ext-host-replay.js';
import { ExtHostScenes } from './ext-host-scenes.js';
import { ExtHostSecrets } from './ext-host-secrets.js';
import { ExtHostSources } from './ext-host-sources.js';
import { ExtHostStatusItems } from './ext-host-status-items.js';
import { ExtHostStorage } from './ext-host-storage.js';
import { ExtHostUpgrades } from './ext-host-upgrades.js';
import { ExtHostWindow } from './ext-host-window.js';
import type { PluginScope } from './plugin-scope.js';

/** The plugin and the host that a plugin's API currently acts for. */
export interface ApiTarget {
  readonly scope: PluginScope;
  readonly services: PluginServices;
}

/** The host's side of every API namespace, and of parts of the context. Add new ones here. */
export class PluginServices implements Disposable {
  readonly audio = new ExtHostAudio(this.connection);
  readonly broadcast = new ExtHostBroadcast(this.connection);
  readonly commands = new ExtHostCommands(this.connection);
  readonly configuration = new ExtHostConfiguration(this.connection);
  readonly events = new ExtHostEvents(this.connection);
  readonly extensions = new ExtHostExtensions(this.connection);
  readonly env = new ExtHostEnv(this.connection);
  readonly context = new ExtHostContext(this.connection);
  readonly l10n = new ExtHostL10n();
  readonly outputs = new ExtHostOutputs(this.connection);
  readonly overlays = new ExtHostOverlays(this.connection);
  readonly permissions = new ExtHostPermissions(this.connection);
  readonly profile = new ExtHostProfile(this.connection);
  readonly progress = new ExtHostProgress(this.connection);
  readonly questions = new ExtHostQuestions(this.connection);
  readonly recording = new ExtHostRecording(this.connection);
  readonly replay = new ExtHostReplay(this.connection);
  readonly scenes = new ExtHostScenes(this.connection);
  readonly secrets = new ExtHostSecrets(this.connection);
  readonly sources = new ExtHostSources(this.connection, this.frames);
  readonly statusItems = new ExtHostStatusItems(this.connection);
  readonly storage = new ExtHostStorage(this.connection);
  readonly upgrades = new ExtHostUpgrades(this.connection);
  readonly window = new ExtHostWindow(this.connection);

  /** @param frames takes frames of plugins to the core */
  constructor(
    readonly connection: RpcConnection,
    private readonly frames?: Duplex,
  ) {}

  dispose(): void {
    for (const item of [
      this.audio,
      this.broadcast,
      this.configuration,
      this.events,
      this.extensions,
      this.outputs,
      this.permissions,
      this.profile,
      this.recording,
      this.replay,
      this.scenes,
      this.secrets,
      this.sources,
    ])
      item.dispose();
  }
}
