import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../../src/config/config-error.js';
import { type ConfigFlags, loadConfig } from '../../../src/config/load-config.js';
import type { BroadcastConfig } from '../../../src/config/schema.js';

/** Loads a configuration from a file in the folder. */
export function loadWritten(folder: string, config: object, flags: ConfigFlags = {}): BroadcastConfig {
  writeFileSync(join(folder, 'show.jsonc'), JSON.stringify(config));
  return loadConfig('show.jsonc', flags, folder).config;
}

/** What is wrong with it, each with its line and column: `1:52 no source "nothing"`. */
export function mistakesIn(folder: string, config: object, flags: ConfigFlags = {}): string[] {
  try {
    loadWritten(folder, config, flags);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.mistakes.map(({ where, message }) => `${where.replace(/^.*:(\d+:\d+)$/, '$1')} ${message}`);
  }
  return [];
}
