import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FakeCore, StartOptions } from '@bulkhead/extension-api/testing';
import { normalizeLanguage } from '../base/language.js';
import type { InstalledPlugin } from '../plugins/installed-plugin.js';
import { joinErrors } from '../plugins/plugin-error.js';
import { readPackageJson } from '../plugins/read-package-json.js';
import { checkPlugin } from '../plugins/read-plugin.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { FreshModules } from './fresh-modules.js';
import { OpenHandles } from './open-handles.js';
import { PluginCode } from './plugin-code.js';
import type { PluginProcess, SteeredCore } from './steered-core.js';
import { TimerWatch } from './timer-watch.js';

/**
 * Where `@bulkhead/extension-api/testing` finds it. Every released version of it depends on the name and on `startPlugin`.
 */
const PROVIDER = Symbol.for('@bulkhead/extension-api/testing');

interface Running {
  readonly core: SteeredCore;
  readonly timers: TimerWatch;
  readonly handles: OpenHandles;
}

/** Provides each test with its own core and plugin, and checks for what the plugin leaves behind. */
export class Harness implements PluginProcess {
  private running: Running | undefined;
  private readonly code: PluginCode;
  private readonly modules: FreshModules;
  private started = 0;
  private isImported = false;
  private core: typeof SteeredCore | undefined;

  /** @param folder For the plugin's files. */
  constructor(
    private readonly plugin: InstalledPlugin,
    private readonly folder: string,
  ) {
    this.code = new PluginCode(plugin.path);
    this.modules = new FreshModules(plugin.path, plugin.main);
    Object.defineProperty(globalThis, PROVIDER, {
      value: {
        willStartPlugin: () => {
          this.isImported = true;
        },
        startPlugin: (options: StartOptions) => this.startPlugin(options),
      },
    });
  }

  /** Loads what `startPlugin` needs, if the tests have imported it, so that the first test is not charged for it. */
  async prepare(): Promise<void> {
    if (this.isImported) await this.loadCore();
  }

  /** Most of this process's code, which tests that start no plugin do without. */
  private async loadCore(): Promise<typeof SteeredCore> {
    // Its frames are left out of stacks by its own path, not by that of its sources.
    process.setSourceMapsEnabled(false);
    const { SteeredCore } = await import('./steered-core.js');
    process.setSourceMapsEnabled(true);
    this.core = SteeredCore;
    return SteeredCore;
  }

  /**
   * Ends the plugin of a test that has passed.
   *
   * @throws An error with the plugin's failures that no caller received, and with what it has left behind.
   */
  async finish(): Promise<void> {
    if (this.running === undefined) return;
    const { core, timers, handles } = this.running;
    const problems: string[] = [];
    try {
      try {
        const left = await core.end();
        problems.push(...left.map((what) => `${what} is left: add it to context.subscriptions`));
      } catch (error) {
        problems.push((error as Error).message);
      }
      problems.push(...core.takeFailures().map(({ message, stack }) => stack ?? message));
      problems.push(...timers.list().map((where) => `a timer is left that was set ${where}`));
      problems.push(...(await handles.left()).map((handle) => `a handle is left: ${handle}`));
    } finally {
      this.abandon();
    }
    if (problems.length > 0) throw problemsError(problems);
  }

  /** Ends the plugin of a test that has failed. */
  abandon(): void {
    this.running?.timers.dispose();
    this.running?.handles.dispose();
    this.running?.core.dispose();
    this.running = undefined;
  }

  /** The plugin is about to be loaded. */
  willLoad(): void {
    this.modules.prepare();
  }

  /** A real plugin's process would have exited. */
  didEnd(): void {
    this.running?.timers.clear();
  }

  /** With its texts in the streamer's language. */
  private pluginIn(language: string | undefined): InstalledPlugin {
    const { plugin: found } = this;
    if (language === undefined) return found;
    const name = normalizeLanguage(language);
    if (name === undefined) {
      const message = `language: expected one such as "en" or "zh-cn", got "${language}"`;
      throw new BulkheadError(ErrorCodes.configInvalid, message);
    }
    const { plugin, errors } = checkPlugin(found.path, readPackageJson(found.path), undefined, name);
    if (plugin === undefined) throw joinErrors(errors);
    return { ...plugin, inspector: found.inspector };
  }

  private async startPlugin(options: StartOptions): Promise<FakeCore> {
    const Core = this.core ?? (await this.loadCore());
    if (this.running !== undefined) {
      throw new Error('this test has started the plugin already: a test has one core');
    }
    const handles = new OpenHandles(this.code);
    this.started += 1;
    const folder = join(this.folder, String(this.started));
    mkdirSync(folder);
    const plugin = this.pluginIn(options.language);
    const core = new Core(plugin, folder, options, this);
    this.running = { core, timers: new TimerWatch(this.code), handles };
    await core.preset(options);
    if (options.activate !== false) await core.activate();
    return core;
  }
}

/** Each problem has its location; the stack of this error is of no use. */
function problemsError(problems: readonly string[]): Error {
  const error = new Error(`the plugin did not end well\n${problems.join('\n')}`);
  error.stack = error.message;
  return error;
}
