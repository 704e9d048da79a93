/**
 * Tests of a plugin in the real extension host, against a core that the test steers. It works under
 * `bulkhead plugin test` alone.
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
import type { BroadcastMarker, BroadcastState } from './broadcast.js';
import type { SettingValue } from './configuration.js';

/** How a plugin starts. */
export interface StartOptions {
  /** Settings that the streamer has made. The others have the defaults of the manifest. */
  readonly settings?: Readonly<Record<string, SettingValue>>;
  /** What `context.globalState` holds already. */
  readonly state?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** What the streamer has granted; without it, all that the manifest asks for. */
  readonly permissions?: readonly string[];
  /**
   * `virtual` (the default): time stands still until the test moves it. `real`: time passes, for tests that talk to a server.
   */
  readonly clock?: 'virtual' | 'real';
  /** Whether the plugin is activated at once (the default), or by {@link FakeCore.activate} or one of its commands. */
  readonly activate?: boolean;
}

/** A message that the plugin has shown. */
export interface ShownMessage {
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
}

/** A question that the plugin asks and nobody has answered. */
export interface OpenQuestion extends ShownMessage {
  readonly id: number;
  readonly actions: readonly string[];
}

/** A line of the plugin's log. */
export interface LogLine {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}

/** A progress that goes on. */
export interface ShownProgress {
  readonly id: number;
  readonly title: string;
  readonly message?: string;
  /** 0 to 100, where the plugin has said it. */
  readonly percentage?: number;
  readonly cancellable: boolean;
}

/** Something that failed in the plugin where nobody waited for it: a listener that threw, a promise nobody awaited. */
export interface PluginFailure {
  readonly message: string;
  readonly stack?: string;
}

/** What the encoder and the output are doing. What is not given stays as it was. */
export interface StatsChange {
  /** Frames a second. */
  readonly fps?: number;
  readonly bitrateKbps?: number;
  /** Frames that the output has dropped so far. */
  readonly droppedFrames?: number;
  /** Media waiting for the output, ms. */
  readonly queueMs?: number;
}

/** A broadcast without video and audio. Each step resolves once the plugin has heard of it. */
export interface FakeBroadcast {
  readonly state: BroadcastState;
  readonly markers: readonly BroadcastMarker[];
  /** Goes from idle through starting to live. */
  goLive(): Promise<void>;
  /** The connection to the server breaks: the state becomes `reconnecting`. */
  breakOutput(): Promise<void>;
  /** The connection is there again. */
  reconnect(): Promise<void>;
  /** The encoder dies and another takes over: it counts as a restart and a splice. */
  killEncoder(): Promise<void>;
  end(): Promise<void>;
  /** Plugins hear of it with the next stats: within one second of the clock. */
  setStats(change: StatsChange): void;
}

/** The time that the plugin, the broadcast and the test live in. */
export interface TestClock {
  /** ms since 1970. */
  readonly nowMs: number;
  /** Moves the time, with each timer that comes due; resolves when the plugin is done with them. With a real clock it waits. */
  advance(ms: number): Promise<void>;
}

/** The commands of the plugin, and of plugins that the test stands in for. */
export interface FakeCommands {
  /** Names of all commands, sorted. */
  list(): readonly string[];
  /** Runs a command as the streamer does; one that the manifest declares activates the plugin. */
  execute<T = unknown>(command: string, ...args: readonly unknown[]): Promise<T>;
  /** Registers a command as another plugin would. */
  register(command: string, callback: (...args: readonly unknown[]) => unknown): void;
}

/** What goes wrong, and what the streamer takes away. */
export interface FakeFaults {
  /** The plugin's host is killed: nothing of the plugin runs any more. {@link FakeCore.activate} starts it again; what it has stored is there. */
  killHost(): Promise<void>;
  /** The core is gone in the middle of everything: open calls into the API fail, and the plugin's host ends. */
  loseCore(): Promise<void>;
  /**
   * From now on a message takes so long each way, ms of the clock; 0 for no time. With a virtual clock, advance it before you
   * await what a call answers.
   */
  setLatency(ms: number): void;
  /** From now on the disk takes nothing, or takes things again. */
  setStorageFull(full: boolean): void;
  revoke(permission: string): void;
  grant(permission: string): void;
}

/** The core as a test has it. */
export interface FakeCore {
  readonly clock: TestClock;
  readonly broadcast: FakeBroadcast;
  readonly commands: FakeCommands;
  readonly faults: FakeFaults;
  /** All that were shown, oldest first, questions too. */
  readonly messages: readonly ShownMessage[];
  /** Those that nobody has answered. */
  readonly questions: readonly OpenQuestion[];
  readonly log: readonly LogLine[];
  readonly progress: readonly ShownProgress[];
  /** The texts shown, by the id of the item. */
  readonly statusItems: Readonly<Record<string, string>>;
  readonly isActive: boolean;
  /** Activates the plugin; for one whose host is gone it starts a host first. */
  activate(): Promise<void>;
  /** Deactivates it; each test ends with this by itself. */
  deactivate(): Promise<void>;
  /** @param action null dismisses the question. */
  answer(question: number, action: string | null): Promise<void>;
  cancelProgress(id: number): Promise<void>;
  /** Changes settings as the streamer does. @throws An error with the code `config.invalid` for what the manifest does not allow. */
  setSettings(settings: Readonly<Record<string, SettingValue>>): Promise<void>;
  /** What `context.globalState` holds. */
  readState(): Promise<Record<string, unknown>>;
  /** What `context.secrets` holds. */
  readSecrets(): Promise<Record<string, string>>;
  /** Resolves when the plugin and the core have nothing more to say to each other, without time passing. */
  settle(): Promise<void>;
  /** What has failed so far, for a test that expects it. A test that leaves any is failed with it. */
  takeFailures(): readonly PluginFailure[];
}

const PROVIDER = Symbol.for('@bulkhead/extension-api/testing');

interface TestingProvider {
  startPlugin(options: StartOptions): Promise<FakeCore>;
}

/**
 * Loads the plugin afresh into an extension host of its own, beside a new core. After the test it is deactivated, and the
 * test fails when a timer or a handle of it is left.
 *
 * @throws What the plugin's activation throws; an error outside `bulkhead plugin test`, or when the test has one already.
 */
export function startPlugin(options: StartOptions = {}): Promise<FakeCore> {
  const provider = (globalThis as { [PROVIDER]?: TestingProvider })[PROVIDER];
  if (provider === undefined) {
    throw new Error('@bulkhead/extension-api/testing works only in tests that "bulkhead plugin test" runs.');
  }
  return provider.startPlugin(options);
}
