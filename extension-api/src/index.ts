/**
 * The API of Bulkhead's plugins.
 *
 * A plugin is a folder with a `package.json` that names Bulkhead in `engines` and a module in `main` that exports
 * `activate` (see {@link ExtensionModule}). It runs in its own process: if it crashes, the stream continues.
 *
 * @packageDocumentation
 */
import type { Broadcast } from './broadcast.js';
import type { Commands } from './commands.js';
import type { Configuration } from './configuration.js';
import type { Environment } from './env.js';
import { currentApi } from './runtime.js';
import type { Window } from './window.js';

export type { ExtensionApi } from './api.js';
export type {
  Broadcast,
  BroadcastMarker,
  BroadcastState,
  BroadcastStats,
  BroadcastStatus,
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
export type { Environment, IsolationTier } from './env.js';
export type { Extension, ExtensionContext, ExtensionModule } from './extension.js';
export type { CancellationToken, Disposable, Event } from './lifecycle.js';
export type { Memento, SecretStorage } from './storage.js';
export type {
  LogOutputChannel,
  MessageOptions,
  Progress,
  ProgressOptions,
  StatusItem,
  Window,
} from './window.js';

const api = currentApi();

/** Commands: named functions. */
export const commands: Commands = api.commands;
/** The broadcast: its state, statistics and events. */
export const broadcast: Broadcast = api.broadcast;
/** Messages and logs for the streamer. */
export const window: Window = api.window;
/** The plugin's own settings. */
export const configuration: Configuration = api.configuration;
/** The environment that the plugin runs in. */
export const env: Environment = api.env;
