/**
 * The API that Bulkhead's plugins are written against.
 *
 * A plugin is a folder with a `package.json` that names Bulkhead in `engines` and a module in `main` that exports
 * `activate` (see {@link ExtensionModule}). It runs in a process of its own: whatever happens to it, the stream goes on.
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
  SettingValue,
  TypedConfiguration,
} from './configuration.js';
export type { Environment, IsolationTier } from './env.js';
export type { Extension, ExtensionContext, ExtensionModule } from './extension.js';
export type { CancellationToken, Disposable, Event } from './lifecycle.js';
export type { Memento, SecretStorage } from './storage.js';
export type { LogOutputChannel, Progress, ProgressOptions, StatusItem, Window } from './window.js';

const api = currentApi();

/** Commands: functions with a name. */
export const commands: Commands = api.commands;
/** The broadcast: its state, its numbers, its events. */
export const broadcast: Broadcast = api.broadcast;
/** What the streamer sees and reads: messages and logs. */
export const window: Window = api.window;
/** The plugin's own settings. */
export const configuration: Configuration = api.configuration;
/** Where the plugin runs. */
export const env: Environment = api.env;
