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
import type * as errors from './errors.js';
import type * as lifecycle from './lifecycle.js';
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
export type { BulkheadErrorClass, ErrorCode } from './errors.js';
export type { Extension, ExtensionContext, ExtensionModule } from './extension.js';
export type {
  CancellationToken,
  CancellationTokenSourceConstructor,
  DisposableConstructor,
  Event,
  EventEmitterConstructor,
} from './lifecycle.js';
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

export type BulkheadError = errors.BulkheadError;
/** The class of the errors of this API, for `instanceof`. */
export const BulkheadError: errors.BulkheadErrorClass = api.BulkheadError;
export type CancellationTokenSource = lifecycle.CancellationTokenSource;
/** Makes tokens that say that a result is no longer needed. */
export const CancellationTokenSource: lifecycle.CancellationTokenSourceConstructor =
  api.CancellationTokenSource;
export type Disposable = lifecycle.Disposable;
/** Makes objects that hold a resource until they are disposed of. */
export const Disposable: lifecycle.DisposableConstructor = api.Disposable;
export type EventEmitter<T> = lifecycle.EventEmitter<T>;
/** Makes events of the plugin's own. */
export const EventEmitter: lifecycle.EventEmitterConstructor = api.EventEmitter;
