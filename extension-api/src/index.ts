/**
 * The API of Bulkhead's plugins.
 *
 * A plugin is a folder with a `package.json` that names Bulkhead in `engines` and a module in `main` that exports
 * `activate` (see {@link ExtensionModule}). It runs in its own process: if it crashes, the stream continues.
 *
 * @packageDocumentation
 */
import type { Audio } from './audio.js';
import type { Broadcast } from './broadcast.js';
import type { Commands } from './commands.js';
import type { Configuration } from './configuration.js';
import type { Environment } from './env.js';
import type { Events } from './events.js';
import type { Extensions } from './extensions.js';
import type { L10n } from './l10n.js';
import type { Outputs } from './outputs.js';
import type { Overlays } from './overlays.js';
import type { Permissions } from './permissions.js';
import type { Recording } from './recording.js';
import type { Replay } from './replay.js';
import { currentApi } from './runtime.js';
import type { Scenes } from './scenes.js';
import type { Sources } from './sources.js';
import type { Window } from './window.js';

export type { ExtensionApi } from './api.js';
export type { Audio, AudioLevels, MixedSource, SoundLevels, SoundSettings } from './audio.js';
export type {
  Broadcast,
  BroadcastMarker,
  BroadcastState,
  BroadcastStats,
  BroadcastStatus,
  BroadcastTarget,
  EncoderStats,
  OutputState,
  OutputStats,
} from './broadcast.js';
export type { Commands } from './commands.js';
export type {
  Configuration,
  ConfigurationChangeEvent,
  InspectedSetting,
  SettingValue,
  TypedConfiguration,
} from './configuration.js';
export type { CallbackAddress, CallbackOptions, Environment, IsolationTier } from './env.js';
export { BulkheadError, type BulkheadErrorClass, type ErrorCode } from './errors.js';
export type { Events } from './events.js';
export type { ExtensionContext, ExtensionMode, ExtensionModule } from './extension.js';
export type { Extension, Extensions, PackageJson, Remote } from './extensions.js';
export type { L10n, L10nArgument, L10nMessage } from './l10n.js';
export {
  type CancellationToken,
  CancellationTokenSource,
  type CancellationTokenSourceConstructor,
  Disposable,
  type DisposableConstructor,
  type Event,
  EventEmitter,
  type EventEmitterConstructor,
} from './lifecycle.js';
export type { Output, OutputChange, Outputs } from './outputs.js';
export type {
  BarElement,
  BoxElement,
  Change,
  ClockElement,
  Colour,
  ElementChange,
  ElementPlace,
  ImageElement,
  Keyframe,
  Overlay,
  OverlayElement,
  OverlayOptions,
  OverlaySettings,
  Overlays,
  TextElement,
  TextLook,
  TimerElement,
} from './overlays.js';
export type { Permissions } from './permissions.js';
export type {
  InputBoxOptions,
  OpenFileOptions,
  PickedFile,
  QuestionOptions,
  QuickPickItem,
  QuickPickOptions,
} from './questions.js';
export type { Recording, RecordingOptions, RecordingState, RecordingStatus } from './recording.js';
export type { Replay, ReplayOptions, ReplayState, ReplayStatus, SavedReplay } from './replay.js';
export type {
  LayerMove,
  LayerSettings,
  Scene,
  SceneSettings,
  SceneSwitch,
  Scenes,
  Transition,
} from './scenes.js';
export type {
  Source,
  SourceFrame,
  SourceListChange,
  SourceSettings,
  SourceState,
  SourceStateChange,
  Sources,
} from './sources.js';
export type {
  Memento,
  QuotaUsage,
  SecretStorage,
  SecretStorageChangeEvent,
  StorageUsage,
} from './storage.js';
export type { StoredCommand, UpgradeData, UpgradeScript } from './upgrades.js';
export type {
  ContextValue,
  LogOutputChannel,
  MessageOptions,
  Progress,
  ProgressOptions,
  StatusItem,
  Window,
} from './window.js';

const api = currentApi();

/** The sound of the broadcast's scenes. */
export const audio: Audio = api.audio;
/** The broadcast: its state, statistics and events. */
export const broadcast: Broadcast = api.broadcast;
/** Commands: named functions. */
export const commands: Commands = api.commands;
/** The plugin's own settings. */
export const configuration: Configuration = api.configuration;
/** The environment that the plugin runs in. */
export const env: Environment = api.env;
/** Events between plugins. */
export const events: Events = api.events;
/** The plugins that this one uses. */
export const extensions: Extensions = api.extensions;
/** Texts in the streamer's language. */
export const l10n: L10n = api.l10n;
/** Where the broadcast goes. */
export const outputs: Outputs = api.outputs;
/** The plugin's overlays. */
export const overlays: Overlays = api.overlays;
/** What the plugin may do, and asking the streamer for more. */
export const permissions: Permissions = api.permissions;
/** Recording the broadcast. */
export const recording: Recording = api.recording;
/** The last seconds of the broadcast, saved on demand. */
export const replay: Replay = api.replay;
/** The scenes of the broadcast. */
export const scenes: Scenes = api.scenes;
/** The sources of the broadcast's scenes. */
export const sources: Sources = api.sources;
/** Messages and logs for the streamer. */
export const window: Window = api.window;
