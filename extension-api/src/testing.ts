/**
 * Tests of a plugin in the real extension host, with a fake core that the test
 * controls. Only available in `bulkhead plugin test`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { startPlugin } from '@bulkhead/extension-api/testing';
 *
 * it('greets when the broadcast starts', async () => {
 *   const core = await startPlugin({ settings: { greeting: 'Hello' } });
 *   await core.broadcast.goLive();
 *   assert.deepEqual(core.messages.map(({ message }) => message), ['Hello']);
 * });
 * ```
 *
 * @packageDocumentation
 */
import type { Audio, SoundLevels } from './audio.js';
import type { BroadcastMarker, BroadcastState, BroadcastTarget, OutputState } from './broadcast.js';
import type { SettingValue } from './configuration.js';
import type { Remote } from './extensions.js';
import type { Outputs } from './outputs.js';
import type { OverlayElement, OverlaySettings } from './overlays.js';
import type { QuickPickItem } from './questions.js';
import type { Recording, RecordingState } from './recording.js';
import type { Replay, SavedReplay } from './replay.js';
import type { Scenes } from './scenes.js';
import type { SourceFrame, SourceSettings, SourceState, Sources } from './sources.js';
import type { ContextValue } from './window.js';

/** A keybinding of the streamer's. */
export interface TestKeybinding {
  /** Such as `ctrl+shift+m`. */
  readonly key: string;
  /** The command that it runs; with a `-` before it, one of the plugin's own keybindings that is removed. */
  readonly command: string;
  /** A list holds the command's arguments, anything else is the only one. */
  readonly args?: unknown;
  /** The condition, as in a manifest. */
  readonly when?: string;
}

/** How a plugin starts. */
export interface StartOptions {
  /** The streamer's settings. Others have the defaults of the manifest. */
  readonly settings?: Readonly<Record<string, SettingValue>>;
  /** The streamer's keybindings, as in the configuration. */
  readonly keybindings?: readonly TestKeybinding[];
  /** Initial content of `context.globalState`. */
  readonly state?: Readonly<Record<string, unknown>>;
  /** The streamer's profile; `default` without it. */
  readonly profile?: string;
  /** Initial content of `context.profileState` for that profile. */
  readonly profileState?: Readonly<Record<string, unknown>>;
  /** Initial content of `context.secrets`: what the streamer has entered, and what the plugin has stored before. */
  readonly secrets?: Readonly<Record<string, string>>;
  /**
   * How many upgrade scripts have been applied to `settings`, `keybindings`, `state` and `profileState`, as an earlier version of the plugin has left them; the others are
   * applied before the plugin is activated. All of them have been without it.
   */
  readonly upgradeFrom?: number;
  /** Ids of the live servers that broadcasts go to; `['main']` without them. */
  readonly outputs?: readonly string[];
  /**
   * What broadcasts show, as in the configuration: `sources`, `scenes`, `startScene`, `mixer` and so on, nothing by default; and what they are encoded
   * to, `video` and `audio`.
   */
  readonly show?: Readonly<Record<string, unknown>>;
  /**
   * What other plugins export, by their ids: those that the manifest names in `extensionDependencies`, which are there in any case, and
   * of `optionalExtensionDependencies` those that are to be there.
   */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** The streamer's language; `en` without it. */
  readonly language?: string;
  /**
   * Permissions that the streamer has granted; if undefined, all that the manifest asks for in `permissions`. A request for another one is
   * a question, as in {@link FakeCore.questions}, which the test answers with `Allow` or `Don't allow`.
   */
  readonly permissions?: readonly string[];
  /**
   * `virtual` (the default): time only advances when the test advances it. `real`: for tests that communicate with a server.
   */
  readonly clock?: 'virtual' | 'real';
  /** Whether the plugin is activated immediately (the default), or by {@link FakeCore.activate} or one of its commands. */
  readonly activate?: boolean;
}

/** A message shown by the plugin. */
export interface ShownMessage {
  /** Which of the three calls showed it. */
  readonly severity: 'info' | 'warning' | 'error';
  /** With its detail, if any, on the next line. */
  readonly message: string;
}

/** A text that a question asks for. */
export interface AskedText {
  /** Set if it is a password. */
  readonly password?: boolean;
  /** An example. */
  readonly placeHolder?: string;
  /** What is filled in at first. */
  readonly value?: string;
  /** Fewest characters. */
  readonly minLength?: number;
  /** Most characters. */
  readonly maxLength: number;
}

/** Items that a question asks to pick from. */
export interface AskedItems {
  /** In the plugin's order. */
  readonly items: readonly QuickPickItem[];
  /** Set if any number of them may be picked. */
  readonly many?: boolean;
}

/** Files that a question asks for. */
export interface AskedFiles {
  /** Which files fit, by the ends of their names in lower case; all if empty. */
  readonly filters: readonly {
    /** For the streamer, such as `Sounds`. */
    readonly name: string;
    /** Without the dot. */
    readonly extensions: readonly string[];
  }[];
  /** Set if several may be given. */
  readonly many?: boolean;
}

/** A question of the plugin that has not been answered. */
export interface OpenQuestion extends ShownMessage {
  /** For {@link FakeCore.answer}. */
  readonly id: number;
  /** What can be answered to a message; empty if it asks for something else. */
  readonly actions: readonly string[];
  /** Set if it asks for a text: `showInputBox`. */
  readonly text?: AskedText;
  /** Set if it asks to pick: `showQuickPick`. */
  readonly pick?: AskedItems;
  /** Set if it asks for files: `showOpenFile`. */
  readonly file?: AskedFiles;
  /** Set if the plugin asks for an answer before anything else. */
  readonly modal?: boolean;
}

/**
 * An answer: one of the actions, the text, the absolute path of a file, or what is picked, by its label or by its place, from 0 on. Several
 * files or items are a list.
 */
export type Answer = string | number | readonly (string | number)[];

/** The streamer's browser, which opens nothing. */
export interface FakeBrowser {
  /** What it was asked to open, the first address first: `env.openExternal`, once the question about its site is answered with `Open it`. */
  readonly opened: readonly string[];
  /** Whether there is one, true at first; without it, addresses are shown as messages. */
  isAvailable: boolean;
  /**
   * Goes to a callback address of the plugin, with the query that a site would send: `` `${callbackUrl}?code=1&state=${state}` ``. Resolves once the
   * plugin has it. @throws An error if no such address is open.
   */
  visit(url: string): Promise<void>;
}

/** A line of the plugin's log. */
export interface LogLine {
  /** How severe it is. */
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  /** With its arguments filled in. */
  readonly message: string;
}

/** A running task that the plugin shows. */
export interface ShownProgress {
  /** For {@link FakeCore.cancelProgress}. */
  readonly id: number;
  /** What is being done. */
  readonly title: string;
  /** The current step, if the plugin has reported one. */
  readonly message?: string;
  /** 0 to 100, if the plugin has reported it. */
  readonly percentage?: number;
  /** Whether the streamer can cancel it. */
  readonly cancellable: boolean;
}

/** An overlay that the plugin has created, with every default filled in. */
export interface ShownOverlay extends OverlaySettings {
  /** `PLUGIN/ID` */
  readonly id: string;
  /** Whether it is shown. */
  readonly visible: boolean;
  /** 0 is invisible, 1 opaque. */
  readonly opacity: number;
  /** What is drawn, the first one lowest. */
  readonly elements: readonly OverlayElement[];
}

/** A failure in the plugin that no caller received: a listener that threw, a rejected promise that was not awaited. */
export interface PluginFailure {
  /** What failed, with the plugin and what it was doing. */
  readonly message: string;
  /** Of the plugin's own error. */
  readonly stack?: string;
}

/** Statistics of the encoder and the output. Values that are not given stay the same. */
export interface StatsChange {
  /** Frames a second. */
  readonly fps?: number;
  /** What the encoder makes and each output sends, kbit/s. */
  readonly bitrateKbps?: number;
  /** Frames that each output has dropped so far. */
  readonly droppedFrames?: number;
  /** Media waiting for each output, ms. */
  readonly queueMs?: number;
}

/** How the streamer changes the encoder on air. Values that are not given stay the same. */
export interface TargetChange {
  /** Of the video. */
  readonly video?: Partial<BroadcastTarget['video']>;
  /** Of the sound. */
  readonly audio?: Partial<BroadcastTarget['audio']>;
}

/** A broadcast without video and audio. Each step resolves once the plugin has been notified. */
export interface FakeBroadcast {
  /** Where it stands. */
  readonly state: BroadcastState;
  /** Those of the plugin and of the test, oldest first. */
  readonly markers: readonly BroadcastMarker[];
  /** Changes the state from idle through starting to live. */
  goLive(): Promise<void>;
  /**
   * The connection to a server breaks; the state becomes `reconnecting` when no other is left.
   *
   * @param output its id; all of them without it
   */
  breakOutput(output?: string): Promise<void>;
  /** A server refuses the stream for good. @param error why, for the streamer */
  failOutput(output: string, error: string): Promise<void>;
  /** The connection is established again. @param output its id; all of them without it */
  reconnect(output?: string): Promise<void>;
  /** The encoder crashes and is replaced: this counts as a restart and a splice. */
  killEncoder(): Promise<void>;
  /** Ends it in order; the state becomes `idle`. */
  end(): Promise<void>;
  /**
   * Plugins are notified with the next stats: within one second of the clock.
   *
   * @param output id of the only one whose `droppedFrames` and `queueMs` change
   */
  setStats(change: StatsChange, output?: string): void;
  /** The streamer changes the encoder on air, as with `bulkhead encoder set`: `broadcast.target` is another one. */
  setTarget(change: TargetChange): Promise<void>;
}

/** The clock of the plugin, the broadcast and the test. */
export interface TestClock {
  /** ms since 1970. */
  readonly nowMs: number;
  /**
   * Advances the time and fires each timer that becomes due; resolves when the plugin has handled them. With a real clock it
   * waits.
   */
  advance(ms: number): Promise<void>;
}

/** The commands of the plugin, and of other plugins that the test simulates. */
export interface FakeCommands {
  /** Names of all commands, sorted. */
  list(): readonly string[];
  /** Runs a command as the streamer does; a command declared in the manifest activates the plugin. */
  execute<T = unknown>(command: string, ...args: readonly unknown[]): Promise<T>;
  /** Registers a command as another plugin would. */
  register(command: string, callback: (...args: readonly unknown[]) => unknown): void;
}

/** What the plugin exports, and the plugins that it uses, which the test simulates: they are active, and export what the test says. */
export interface FakeExtensions {
  /** What the plugin exports, as others get it; undefined while it is not active, or if it exports nothing. */
  exports<T = unknown>(): Remote<T> | undefined;
  /**
   * Another plugin is there from now on, or exports something else.
   *
   * @param id One that the manifest names.
   * @param exports What its `activate` returns. Its functions are called with copies of the arguments, as in another process.
   * @param packageJSON What is to be found in its `package.json`, beside a name and a version.
   */
  add(id: string, exports?: unknown, packageJSON?: Readonly<Record<string, unknown>>): Promise<void>;
  /** It is not active any more, as after a crash, until the plugin activates it or the test adds it again. */
  deactivate(id: string): Promise<void>;
  /** It is not there any more. */
  remove(id: string): Promise<void>;
}

/** An event that the plugin has fired. */
export interface FiredEvent {
  /** Its name. */
  readonly event: string;
  /** What was fired with it. */
  readonly payload: unknown;
}

/** The events of the plugin, and of other plugins. */
export interface FakeEvents {
  /** Those that the plugin has fired, the oldest first. */
  readonly fired: readonly FiredEvent[];
  /**
   * Fires an event of another plugin; one in `activationEvents` activates the plugin. Resolves once its listeners have been called.
   *
   * @throws An error with the code `permission.denied` if the manifest does not ask for the permission to hear it.
   */
  fire(event: string, payload?: unknown): Promise<void>;
}

/** The keys of the plugin's `contributes.keybindings`, and those of the streamer. */
export interface FakeKeys {
  /**
   * Does what the key does, such as `ctrl+shift+m`. @returns The result of the command. @throws An error with the code `key.notBound` if no
   * keybinding of the key applies now; the command's own errors.
   */
  press<T = unknown>(key: string): Promise<T>;
}

/**
 * The scenes of the fake broadcast, which the test changes as the streamer does: like the API, each step fails with its errors, and resolves once
 * the plugin has been notified.
 */
export interface FakeScenes extends Omit<Scenes, 'onDidChange' | 'onDidSwitch'> {
  /** Id of the scene on air; undefined without a broadcast. */
  readonly onAir: string | undefined;
  /** Id of the previewed scene; undefined if none is. */
  readonly previewed: string | undefined;
  /** Takes back the last change of scenes, sources or sound that the test has made; what the plugin has changed stays. */
  undo(): Promise<void>;
  /** Makes the change again that {@link undo} has taken back. */
  redo(): Promise<void>;
}

/** What was done to a source, by the plugin or by the test. */
export interface SourceStep {
  /** What was done. */
  readonly kind: 'add' | 'set' | 'remove' | 'restart' | 'play';
  /** Of the source. */
  readonly id: string;
}

/** The sources of the fake broadcast, changed like {@link FakeScenes}: `live` unless the test says otherwise. */
export interface FakeSources extends Omit<Sources, 'sendFrame' | 'onDidChange' | 'onDidChangeState'> {
  /** Resolves once the plugin has been notified. @param error why it delivers nothing */
  setState(id: string, state: SourceState, error?: string): Promise<void>;
  /** All settings of a source, also those that {@link Sources.list} does not show; undefined if there is none with this id. */
  settingsOf(id: string): SourceSettings | undefined;
  /** What the plugin and the test have done to the sources, the first step first; what has failed is none. */
  readonly steps: readonly SourceStep[];
  /**
   * The last 100 frames that the plugin has sent of a source of the type `plugin`, the newest last. As in a broadcast, those of a source that is
   * `cold` are dropped: that is what it is if the test sets it so. It is `live` from its first frame on, `retrying` when the plugin's host has ended,
   * and `stalled` when it runs again.
   */
  frames(id: string): readonly SourceFrame[];
}

/** The mixer of the fake broadcast, changed like {@link FakeScenes}. */
export interface FakeAudio extends Omit<Audio, 'followLevels'> {
  /**
   * How loud it is from now on; values that are not given stay the same, silence at first. Plugins are notified 20 times a second of the clock, or as
   * often as they want, while it is on air.
   */
  setLevels(levels: {
    readonly mix?: Partial<SoundLevels>;
    readonly sources?: Readonly<Record<string, Partial<SoundLevels>>>;
  }): void;
}

/** The outputs of the fake broadcast, which the test stops and starts as the streamer does. */
export interface FakeOutputs extends Pick<Outputs, 'start' | 'stop'> {
  /** By their ids; empty without a broadcast. */
  readonly states: Readonly<Record<string, OutputState>>;
}

/** A chapter of a recording. */
export interface SetChapter {
  /** Where it is in the recording, ms. */
  readonly atMs: number;
  /** What it is called. */
  readonly title: string;
}

/** The recording of the fake broadcast, of which nothing is written: the plugin changes it, and the test as the streamer does. */
export interface FakeRecording extends Pick<Recording, 'start' | 'stop'> {
  /** Undefined if there has been none in this broadcast. */
  readonly state: RecordingState | undefined;
  /** Those that the plugin has set since the recording began, the first one first; markers are not among them. */
  readonly chapters: readonly SetChapter[];
  /** It fails, as with a full disk. @param message why, for the streamer */
  fail(message: string): Promise<void>;
}

/** The replay buffer of the fake broadcast, which is off at first, and of which nothing is written. */
export interface FakeReplay extends Pick<Replay, 'start' | 'stop' | 'save'> {
  /** What was saved of this broadcast, the first one first. */
  readonly saved: readonly SavedReplay[];
  /** The next one cannot be saved, as with a full disk. @param message why, for the streamer */
  failNext(message: string): void;
}

/** Failures of the core, the host and the disk. */
export interface FakeFaults {
  /**
   * Kills the plugin's host: nothing of the plugin runs any more. {@link FakeCore.activate} starts it again; its stored data is
   * kept.
   */
  killHost(): Promise<void>;
  /** The core crashes: open API calls fail, and the plugin's host ends. */
  loseCore(): Promise<void>;
  /**
   * From now on each message takes this long in each direction, ms of the clock; 0 for no delay. With a virtual clock, advance
   * it before you await the result of a call.
   */
  setLatency(ms: number): void;
  /** From now on the disk is full, or no longer full. */
  setStorageFull(full: boolean): void;
  /** The streamer takes back a permission, with all that it includes. */
  revoke(permission: string): void;
  /** The streamer grants a permission. */
  grant(permission: string): void;
}

/** The fake core of a test. */
export interface FakeCore {
  /** The time. */
  readonly clock: TestClock;
  /** The broadcast that the plugin sees. */
  readonly broadcast: FakeBroadcast;
  /** Its scenes. */
  readonly scenes: FakeScenes;
  /** Their sources. */
  readonly sources: FakeSources;
  /** Their sound. */
  readonly audio: FakeAudio;
  /** Where it goes. */
  readonly outputs: FakeOutputs;
  /** Its recording. */
  readonly recording: FakeRecording;
  /** Its replays. */
  readonly replay: FakeReplay;
  /** The commands of the plugin, and of others. */
  readonly commands: FakeCommands;
  /** What the plugin exports, and other plugins that it uses. */
  readonly extensions: FakeExtensions;
  /** Events between plugins. */
  readonly events: FakeEvents;
  /** The streamer's browser. */
  readonly browser: FakeBrowser;
  /** The keys that run its commands. */
  readonly keys: FakeKeys;
  /** What can go wrong. */
  readonly faults: FakeFaults;
  /** All messages shown, oldest first, including questions. */
  readonly messages: readonly ShownMessage[];
  /** Questions that have not been answered. */
  readonly questions: readonly OpenQuestion[];
  /** The lines of its log, oldest first. */
  readonly log: readonly LogLine[];
  /** The tasks that it shows now. */
  readonly progress: readonly ShownProgress[];
  /** The texts shown, by id of the item. */
  readonly statusItems: Readonly<Record<string, string>>;
  /** What conditions can ask for now: the keys of Bulkhead and those that the plugin has set. */
  readonly contextKeys: Readonly<Record<string, ContextValue>>;
  /** The overlays of the plugin, hidden ones too, the lowest one first; those that it has left when it failed as well. */
  readonly overlays: readonly ShownOverlay[];
  /** Whether it is active. */
  readonly isActive: boolean;
  /** Activates the plugin; starts a host first if it has ended. */
  activate(): Promise<void>;
  /** Deactivates it; done automatically at the end of each test. */
  deactivate(): Promise<void>;
  /**
   * @param answer null dismisses the question.
   * @throws An error with the code `config.invalid` for what does not answer it, with what the plugin finds wrong; it stays open then.
   */
  answer(question: number, answer: Answer | null): Promise<void>;
  /** Cancels a task as the streamer does. */
  cancelProgress(id: number): Promise<void>;
  /**
   * Changes settings as the streamer does. @throws An error with the code `config.invalid` for values that the manifest does
   * not allow.
   */
  setSettings(settings: Readonly<Record<string, SettingValue>>): Promise<void>;
  /**
   * Sets a secret as the streamer does, or deletes it. @param value null deletes it
   * @throws An error with the code `config.invalid` if the manifest declares no such secret.
   */
  setSecret(key: string, value: string | null): Promise<void>;
  /** The streamer's profile. */
  readonly profile: string;
  /** Goes on with another profile, as a broadcast with another `"profile"` does. @throws An error with the code `config.invalid`. */
  setProfile(profile: string): Promise<void>;
  /** What the streamer has set, as upgraded and changed on air; without defaults. */
  readSettings(): Record<string, SettingValue>;
  /** Content of `context.globalState`. */
  readState(): Promise<Record<string, unknown>>;
  /** Content of `context.profileState` for the current profile. */
  readProfileState(): Promise<Record<string, unknown>>;
  /** Content of `context.secrets`. */
  readSecrets(): Promise<Record<string, string>>;
  /** Resolves when the plugin and the core have no more messages to exchange, without advancing the time. */
  settle(): Promise<void>;
  /** Returns the failures so far, for a test that expects them. A test with failures that were not taken fails. */
  takeFailures(): readonly PluginFailure[];
}

const PROVIDER = Symbol.for('@bulkhead/extension-api/testing');

interface TestingProvider {
  /** Called when this module is imported; not in the first versions. */
  willStartPlugin?(): void;
  startPlugin(options: StartOptions): Promise<FakeCore>;
}

const provider = () => (globalThis as { [PROVIDER]?: TestingProvider })[PROVIDER];
provider()?.willStartPlugin?.();

/**
 * Loads the plugin into a new extension host with a new core. After the test it is deactivated, and the test fails if the
 * plugin has left a timer or a handle open.
 *
 * @throws Errors of the plugin's activation; an error outside `bulkhead plugin test`, or if the test has already started the
 * plugin.
 */
export function startPlugin(options: StartOptions = {}): Promise<FakeCore> {
  const found = provider();
  if (found === undefined) {
    throw new Error('@bulkhead/extension-api/testing works only in tests that "bulkhead plugin test" runs.');
  }
  return found.startPlugin(options);
}
