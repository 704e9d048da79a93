import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import * as z from 'zod';
import { checkValue } from '../base/check-value.js';
import { Emitter, type Event } from '../base/event.js';
import { suggestion } from '../config/nearest.js';
import type { BroadcastConfig } from '../config/schema.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { PluginSettings, SettingValue } from '../protocol/plugin-configuration.js';
import type { Setting } from './contributions.js';
import type { InstalledPlugin } from './installed-plugin.js';

/** The streamer's settings, by plugin. */
export type GivenSettings = BroadcastConfig['pluginSettings'];

/** A changed setting. */
export interface SettingChange {
  readonly plugin: string;
  readonly key: string;
}

/** The settings of all plugins, checked against the declarations in their manifests. */
export class Settings implements Disposable {
  private given: GivenSettings = {};
  private effective = new Map<string, PluginSettings>();
  private readonly changeEmitter = new Emitter<readonly SettingChange[]>();
  /** Fires with the changes; `of` already returns the new values. */
  readonly onDidChange: Event<readonly SettingChange[]> = this.changeEmitter.event;

  /**
   * Sets the values. Values for plugins that do not exist are ignored; a value of the wrong type counts as not set.
   *
   * @returns The changes since the last call.
   */
  set(plugins: readonly InstalledPlugin[], given: GivenSettings): readonly SettingChange[] {
    const changes = plugins.flatMap((plugin) =>
      Object.keys(plugin.contributes.configuration.properties)
        .filter((key) => !isDeepStrictEqual(this.given[plugin.id]?.[key], given[plugin.id]?.[key]))
        .map((key) => ({ plugin: plugin.id, key })),
    );
    this.given = given;
    this.effective = new Map(plugins.map((plugin) => [plugin.id, effectiveSettings(plugin, given)]));
    if (changes.length > 0) this.changeEmitter.fire(changes);
    return changes;
  }

  /** All settings of one plugin. */
  of(plugin: string): PluginSettings {
    return this.effective.get(plugin) ?? {};
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}

/** @throws `config.invalid` with every error. */
export function checkSettings(plugins: readonly InstalledPlugin[], given: GivenSettings): void {
  const mistakes = findSettingMistakes(plugins, given);
  if (mistakes.length > 0) {
    const lines = mistakes.map(({ message }) => message);
    throw new BulkheadError(ErrorCodes.configInvalid, lines.join('\n'), { where: 'pluginSettings' });
  }
}

/** An invalid setting. */
export interface SettingMistake {
  /** Path in the configuration. */
  readonly path: readonly string[];
  /** The path, what is wrong there, and what is expected. */
  readonly message: string;
}

/** Every error in the given settings. */
export function findSettingMistakes(
  plugins: readonly InstalledPlugin[],
  given: GivenSettings,
): SettingMistake[] {
  return plugins.flatMap(({ id, contributes }) => {
    const { properties } = contributes.configuration;
    return Object.entries(given[id] ?? {}).flatMap(([key, value]) => {
      const path = ['pluginSettings', id, key];
      const mistake = (problem: string) => [{ path, message: `pluginSettings["${id}"].${key}: ${problem}` }];
      if (!Object.hasOwn(properties, key)) {
        const keys = Object.keys(properties);
        return mistake(`the plugin "${id}" has no such setting; ${suggestion(key, keys)}`);
      }
      const setting = properties[key];
      if (setting === undefined || fits(setting, value)) return [];
      return mistake(`expected ${describeType(setting)}, got ${JSON.stringify(value).slice(0, 60)}`);
    });
  });
}

function effectiveSettings({ id, contributes }: InstalledPlugin, given: GivenSettings): PluginSettings {
  return Object.fromEntries(
    Object.entries(contributes.configuration.properties).map(([key, setting]) => {
      const value = given[id]?.[key];
      return [key, value !== undefined && fits(setting, value) ? value : (setting.default ?? null)];
    }),
  );
}

function fits(setting: Setting, value: unknown): boolean {
  return checkValue(typeOf(setting), value).success;
}

function typeOf(setting: Setting): z.ZodType<SettingValue> {
  switch (setting.type) {
    case 'string':
      return setting.enum === undefined ? z.string() : z.enum(setting.enum);
    case 'number':
      return z.number();
    case 'integer':
      return z.int();
    case 'boolean':
      return z.boolean();
    case 'array':
      return z.array(z.string());
  }
}

function describeType(setting: Setting): string {
  switch (setting.type) {
    case 'string':
      return setting.enum === undefined
        ? 'text in double quotes'
        : `one of ${setting.enum.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'number':
      return 'a number';
    case 'integer':
      return 'a whole number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list of texts';
  }
}
