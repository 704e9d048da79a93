import { inject, injectable } from 'inversify';
import type { CanvasConfig } from '../../config/canvas-schema.js';
import { CHANGEABLE } from '../../config/encoder-change.js';
import type { BroadcastConfig } from '../../config/schema.js';
import type { Reconfigured } from '../../protocol/control.js';
import type { EncoderSettingsChange } from '../../protocol/encoder-settings.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { Broadcast } from '../broadcast/broadcast.js';
import { LiveCollection } from '../broadcast/collection/live-collection.js';
import { Outputs } from '../broadcast/outputs/outputs.js';
import { answering } from '../disk/folders.js';
import { ExtensionHosts } from '../extension-hosts/hosts/extension-hosts.js';
import { GlobalHotkeys } from '../hotkeys/global-hotkeys.js';
import { Log } from '../log/log.js';
import { Keybindings } from '../main-thread/keybindings.js';
import { Recordings } from '../recording/recordings.js';
import { Replays } from '../replay/replays.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { changedSettings, type SettingPath } from './changed-settings.js';

/** As many changed settings as a notice names. */
const MOST_NAMED = 8;

type Name = keyof BroadcastConfig;

const PLUGINS: readonly Name[] = ['pluginSettings', 'plugins', 'allowApiProposals', 'profile'];
const SCENES: readonly Name[] = ['sources', 'scenes', 'mixer', 'overlays', 'transition'];
/** Settings of the encoder that can be changed on air, by their groups. */
const ENCODER: Readonly<Record<string, ReadonlySet<string>>> = {
  video: new Set(Object.keys(CHANGEABLE.video)),
  audio: new Set(Object.keys(CHANGEABLE.audio)),
};

/** What changes together. */
interface Change {
  readonly paths: readonly SettingPath[];
  /** Resolves with whether it differs from what was on air: a command may have made and saved it. */
  apply(): Promise<boolean>;
}

/** A configuration whose broadcast is on air. */
export interface FollowedConfiguration {
  /** What the broadcast was started with: so it is where that cannot be changed on air. */
  readonly started: BroadcastConfig;
  /** As it was read last. */
  readonly config: BroadcastConfig;
}

/** Has the broadcast on air, and its plugins, follow a configuration that has been edited. */
@injectable()
export class Reconfiguration {
  constructor(
    @inject(ExtensionHosts) private readonly extensionHosts: Pick<ExtensionHosts, 'prepareConfiguration'>,
    @inject(Outputs) private readonly outputs: Pick<Outputs, 'checkReconfiguration' | 'reconfigure'>,
    @inject(LiveCollection) private readonly collection: Pick<LiveCollection, 'reconfigure' | 'stage'>,
    @inject(Broadcast) private readonly broadcast: Pick<Broadcast, 'setEncoder' | 'status'>,
    @inject(Keybindings) private readonly keybindings: Pick<Keybindings, 'configure'>,
    @inject(GlobalHotkeys) private readonly hotkeys: Pick<GlobalHotkeys, 'enable'>,
    @inject(Recordings) private readonly recordings: Pick<Recordings, 'configure'>,
    @inject(Replays) private readonly replays: Pick<Replays, 'configure'>,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Pick<Log, 'info' | 'warn' | 'error'>,
  ) {}

  /**
   * Everything is checked before anything is changed: plugins, then outputs, then what is shown and heard, then the encoder.
   *
   * @throws BulkheadError `config.invalid`, `config.secretNotFound`, `plugin.invalid`: then nothing has changed
   */
  async follow(
    before: FollowedConfiguration,
    config: BroadcastConfig,
  ): Promise<Reconfigured & { readonly followed: FollowedConfiguration }> {
    const changed = changedSettings(before.config, config).filter(([name]) => name !== '$schema');
    const changes = await this.prepare(before, config, changed);
    const live = changes.flatMap(({ paths }) => paths);
    const later = changed.filter((path) => !live.includes(path));
    const applied: SettingPath[] = [];
    const failures: { readonly paths: readonly SettingPath[]; readonly error: BulkheadError }[] = [];
    for (const { paths, apply } of changes) {
      try {
        if (await apply()) applied.push(...paths);
      } catch (error) {
        failures.push({ paths, error: BulkheadError.from(error) });
      }
    }
    const failed = failures.flatMap(({ paths }) => paths);
    const isFailed = (name: Name) => failed.some(([failing]) => failing === name);
    const followed = {
      // What failed is tried again when the file is saved again.
      config: withOnly(before.config, config, (name) => !isFailed(name)),
      started: before.started,
    };
    const other = changedSettings(before.started, config);
    const needsRestart = later.filter((path) =>
      other.some((one) => isWithin(one, path) || isWithin(path, one)),
    );
    const result = { applied: applied.map(nameOf), needsRestart: needsRestart.map(nameOf) };
    this.tell(result, failures);
    return { ...result, followed };
  }

  private async prepare(
    { started }: FollowedConfiguration,
    config: BroadcastConfig,
    changed: readonly SettingPath[],
  ): Promise<Change[]> {
    const of = (names: readonly string[]) => changed.filter(([name = '']) => names.includes(name));
    const [plugins, outputs, scenes] = [of(PLUGINS), of(['outputs']), of(SCENES)];
    // Where frames have another size, there is another canvas when the broadcast is started again.
    const canvases = started.canvases.map(
      (canvas) => config.canvases.find((other) => isOfSameFrames(canvas, other)) ?? canvas,
    );
    scenes.push(
      ...of(['canvases']).filter(([, id]) =>
        canvases.some((now) => now.id === id && config.canvases.includes(now)),
      ),
    );
    const keys = of(['keybindings', 'globalHotkeys']);
    const encoder = changed.filter(([group = '', name = '']) => ENCODER[group]?.has(name) === true);
    if (config.ffmpeg !== undefined) encoder.push(...of(['ffmpeg']));
    const changes: Change[] = [];
    if (plugins.length > 0) {
      const isOfHosts = plugins.some(([name]) => name !== 'pluginSettings');
      if (isOfHosts) await Promise.all(config.plugins.map(answering));
      const apply = this.extensionHosts.prepareConfiguration(config, isOfHosts);
      changes.push({ paths: plugins, apply });
    }
    if (outputs.length > 0) {
      await this.outputs.checkReconfiguration(config);
      changes.push({ paths: outputs, apply: () => this.outputs.reconfigure(config) });
    }
    // With scenes there is no input, and without them nothing to change.
    if (scenes.length > 0 && this.collection.stage !== undefined && config.scenes.length > 0) {
      const { input, ingests, liveServer } = started;
      const apply = this.collection.reconfigure({ ...config, input, ingests, liveServer, canvases });
      changes.push({ paths: scenes, apply });
    }
    if (keys.length > 0) {
      const apply = async () => {
        this.keybindings.configure(config.keybindings);
        this.hotkeys.enable(config.globalHotkeys);
        return true;
      };
      changes.push({ paths: keys, apply });
    }
    const recording = of(['recording']);
    if (recording.length > 0) {
      const apply = async () => {
        this.recordings.configure(config.recording);
        return true;
      };
      changes.push({ paths: recording, apply });
    }
    const replay = of(['replay']);
    if (replay.length > 0 || recording.length > 0) {
      const apply = async () => {
        this.replays.configure(config.replay, config.recording.folder);
        return replay.length > 0;
      };
      changes.push({ paths: replay, apply });
    }
    if (encoder.length > 0) {
      changes.push({ paths: encoder, apply: () => this.setEncoder(encoder, config) });
    }
    return changes;
  }

  private async setEncoder(paths: readonly SettingPath[], config: BroadcastConfig): Promise<boolean> {
    const { settings = {} } = this.broadcast.status().encoder;
    const differing = paths.filter((path) => valueAt(path, settings) !== valueAt(path, config));
    if (differing.length === 0) return false;
    await this.broadcast.setEncoder(encoderChange(differing, config));
    return true;
  }

  private tell(
    { applied, needsRestart }: Reconfigured,
    failures: readonly { readonly paths: readonly SettingPath[]; readonly error: BulkheadError }[],
  ): void {
    const sentences = [
      ...(applied.length === 0 ? [] : [`Applied: ${listed(applied)}.`]),
      ...(needsRestart.length === 0
        ? []
        : [`Applies when the broadcast is started again: ${listed(needsRestart)}.`]),
      ...failures.map(({ paths, error }) => `Not applied: ${listed(paths.map(nameOf))}: ${error.sentence}`),
    ];
    if (sentences.length === 0) return;
    const message = sentences.join(' ');
    const severity = failures.length > 0 ? 'error' : needsRestart.length > 0 ? 'warning' : 'info';
    this.notices.notice({ severity, source: 'configuration', message });
    this.log[severity === 'warning' ? 'warn' : severity](`configuration: ${message}`);
  }
}

/** The error where no broadcast can follow its configuration. */
export function nothingToReconfigure(): BulkheadError {
  return new BulkheadError(
    ErrorCodes.broadcastState,
    'no broadcast is on air that could follow its configuration',
    { remedy: 'Start one with "bulkhead live" or "bulkhead start".' },
  );
}

function encoderChange(paths: readonly SettingPath[], config: BroadcastConfig): EncoderSettingsChange {
  const change: Record<string, unknown> = {};
  for (const path of paths) {
    const [group = '', name] = path;
    const value = valueAt(path, config);
    change[group] = name === undefined ? value : { ...(change[group] as object | undefined), [name]: value };
  }
  return change;
}

function valueAt(path: SettingPath, settings: object): unknown {
  return path.reduce<unknown>((inside, name) => Object(inside)[name], settings);
}

/** Settings of `after` where they are to be followed, and those of `before`. */
function withOnly(
  before: BroadcastConfig,
  after: BroadcastConfig,
  isFollowed: (name: Name) => boolean,
): BroadcastConfig {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as Name[];
  const entries = names.map((name) => [name, (isFollowed(name) ? after : before)[name]]);
  return Object.fromEntries(entries) as BroadcastConfig;
}

function isWithin(path: SettingPath, group: SettingPath): boolean {
  return group.every((name, index) => name === path[index]);
}

function nameOf(path: SettingPath): string {
  return path.join('.');
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(', ');
  const more = names.length - MOST_NAMED;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function isOfSameFrames(a: CanvasConfig, b: CanvasConfig): boolean {
  return a.id === b.id && a.width === b.width && a.height === b.height;
}
