import { inject, injectable } from 'inversify';
import type { Event } from '../../base/event.js';
import type { BroadcastConfig } from '../../config/schema.js';
import { PluginManager } from '../../plugins/library/plugin-manager.js';
import { userLanguage } from '../../plugins/localization/user-language.js';
import type { Reconfigured } from '../../protocol/control.js';
import type {
  EncoderManagement,
  EncoderSettings,
  EncoderSettingsChange,
} from '../../protocol/encoder-settings.js';
import { DEFAULT_SHOW } from '../../protocol/outputs.js';
import type { KeptReport } from '../../protocol/report.js';
import type { BroadcastState, Status } from '../../protocol/status/status.js';
import type { StatusChangedParams } from '../../protocol/status-changes.js';
import { Broadcast, type StartStep } from '../broadcast/broadcast.js';
import { CoreOptions } from '../core-options.js';
import { answering } from '../disk/folders.js';
import { ExtensionHosts } from '../extension-hosts/hosts/extension-hosts.js';
import { GlobalHotkeys } from '../hotkeys/global-hotkeys.js';
import { Keybindings } from '../main-thread/keybindings.js';
import { ProgressList } from '../streamer/progress-list.js';
import { Questions } from '../streamer/questions.js';
import { type FollowedConfiguration, nothingToReconfigure, Reconfiguration } from './reconfiguration.js';
import { Reports } from './reports.js';
import { StatusRevisions } from './status-revisions.js';

/** The broadcast with the plugins of its configuration, as controlled and seen by clients of the control API. */
@injectable()
export class Show implements EncoderManagement {
  readonly onDidChangeState: Event<BroadcastState>;
  private readonly revisions = new StatusRevisions();
  /** ms since 1970 */
  private readonly startedAtMs = Date.now();
  private lastResidentBytes = 0;
  private followed: FollowedConfiguration | undefined;
  private show = DEFAULT_SHOW;
  private reconfiguring: Promise<unknown> = Promise.resolve();

  constructor(
    @inject(CoreOptions) private readonly options: Omit<CoreOptions, 'logLevel' | 'isolate'>,
    @inject(Broadcast)
    private readonly broadcast: Pick<
      Broadcast,
      'start' | 'stop' | 'status' | 'setEncoder' | 'noteConfiguration' | 'onDidChangeState'
    >,
    @inject(ExtensionHosts) private readonly extensionHosts: Pick<ExtensionHosts, 'setPlugins' | 'status'>,
    @inject(PluginManager) private readonly plugins: Pick<PluginManager, 'start'>,
    @inject(Keybindings) private readonly keybindings: Pick<Keybindings, 'configure'>,
    @inject(GlobalHotkeys) private readonly hotkeys: Pick<GlobalHotkeys, 'enable'>,
    @inject(Questions) private readonly questions: Pick<Questions, 'list'>,
    @inject(ProgressList) private readonly progress: Pick<ProgressList, 'list'>,
    @inject(Reconfiguration) private readonly reconfiguration: Pick<Reconfiguration, 'follow'>,
    @inject(Reports) private readonly reports: Pick<Reports, 'last'>,
  ) {
    this.onDidChangeState = broadcast.onDidChangeState;
  }

  /**
   * Goes on air with these plugins; those that have been given up get another chance.
   *
   * @param show whose changes on air are restored and kept: see `Outputs`.
   * @throws like {@link Broadcast.start} and {@link ExtensionHosts.setPlugins}; then nothing has changed.
   */
  async start(config: BroadcastConfig, show = DEFAULT_SHOW): Promise<Status> {
    await this.broadcast.start(config, this.stepOf(config, show), show);
    this.followed = { config, started: config };
    this.show = show;
    return this.status();
  }

  /**
   * Has the broadcast on air follow its configuration, which has been edited; one change after the other.
   *
   * @throws `broadcast.state` without a broadcast, and like {@link Reconfiguration.follow}
   */
  reconfigure(config: BroadcastConfig): Promise<Reconfigured> {
    const made = this.reconfiguring.then(async () => {
      const { followed: before, show } = this;
      if (before === undefined || this.broadcast.status().state === 'idle') throw nothingToReconfigure();
      const { followed, ...result } = await this.reconfiguration.follow(before, config);
      if (this.followed === before) {
        this.followed = followed;
        this.broadcast.noteConfiguration(config, this.stepOf(config, show));
      }
      return result;
    });
    this.reconfiguring = made.catch(() => {});
    return made;
  }

  private stepOf(config: BroadcastConfig, show: string): StartStep {
    const { plugins, pluginSettings, allowApiProposals, profile, keybindings, globalHotkeys, language } =
      config;
    return {
      check: async () => {
        await Promise.all(plugins.map(answering));
      },
      apply: ({ settings: kept, upgrades }) => {
        const isOther = userLanguage.use(language);
        this.extensionHosts.setPlugins(plugins, pluginSettings, allowApiProposals, profile, {
          show,
          kept,
          upgrades,
        });
        if (isOther) this.plugins.start();
        this.keybindings.configure(keybindings);
        this.hotkeys.enable(globalHotkeys);
      },
    };
  }

  /** Ends the broadcast in order; plugins keep running. Resolves when it is idle and reported on. Does nothing if it already is. */
  async stop(): Promise<Status> {
    await this.broadcast.stop();
    await this.reports.last();
    return this.status();
  }

  /** The report of the last broadcast; null if there was none. */
  report(): Promise<KeptReport | null> {
    return this.reports.last();
  }

  setEncoder(change: EncoderSettingsChange): Promise<EncoderSettings> {
    return this.broadcast.setEncoder(change);
  }

  status(): Status {
    const { mode, address, version, logFile } = this.options;
    const {
      state,
      uptimeMs,
      input,
      encoder,
      sources,
      canvases,
      audio,
      ingests,
      outputs,
      timeline,
      markers,
      recording,
      replay,
      liveServer,
      error,
    } = this.broadcast.status();
    return this.revisions.number({
      state,
      mode,
      address,
      uptimeMs,
      core: {
        pid: process.pid,
        startedAtMs: this.startedAtMs,
        rssBytes: this.residentBytes(),
        version,
        ...(logFile === undefined ? {} : { logFile }),
      },
      ...(input === undefined ? {} : { input }),
      encoder,
      sources,
      canvases,
      ...(audio === undefined ? {} : { audio }),
      ingests,
      extensionHosts: this.extensionHosts.status(),
      outputs,
      timeline,
      markers,
      ...(recording === undefined ? {} : { recording }),
      ...(replay === undefined ? {} : { replay }),
      questions: this.questions.list(),
      progress: this.progress.list(),
      ...(liveServer === undefined ? {} : { liveServer }),
      ...(error === undefined ? {} : { error }),
    });
  }

  /**
   * What differs between `status`, which is the latest, and an earlier revision; undefined where nothing does.
   *
   * @param withMeters whether the sections with meters are in it in any case.
   */
  changesSince(revision: number, status: Status, withMeters: boolean): StatusChangedParams | undefined {
    return this.revisions.changesSince(revision, status, withMeters);
  }

  /** Reading it takes a file descriptor; if there is none, the last value is returned. */
  private residentBytes(): number {
    try {
      this.lastResidentBytes = process.memoryUsage.rss();
    } catch {}
    return this.lastResidentBytes;
  }
}
