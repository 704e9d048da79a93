import { inspect } from 'node:util';
import type { UpgradeData, UpgradeScript } from '@bulkhead/extension-api';
import { MAX_UPGRADE_SCRIPTS } from '../protocol/plugin-upgrades.js';
import { deepFreeze } from './deep-freeze.js';
import { requireJson } from './require-json.js';

const PARTS = ['settings', 'globalState', 'profileState', 'commands'] as const;

export const NO_DATA: UpgradeData = { settings: {}, globalState: {}, profileState: {}, commands: [] };

interface UpgradeRunOptions {
  readonly scripts: readonly UpgradeScript[];
  /** How many of them have been applied to `before`. */
  readonly applied: number;
  readonly before: UpgradeData;
  /** Awaited before each script. @param script its number, from 1 */
  readonly willRun: (script: number) => Promise<void>;
  /** The error of a script that threw this, or returned something else than it may. */
  readonly failure: (script: number, error: unknown) => Error;
}

/** What a plugin's module exports as `upgrades`. @throws for anything but a list of functions */
export function upgradeScriptsOf(exported: unknown): readonly UpgradeScript[] {
  if (exported === undefined) return [];
  if (!Array.isArray(exported)) throw new Error(`expected a list of functions, got ${shown(exported)}`);
  const odd = exported.findIndex((script) => typeof script !== 'function');
  if (odd >= 0) throw new Error(`[${odd}]: expected a function, got ${shown(exported[odd])}`);
  if (exported.length > MAX_UPGRADE_SCRIPTS) {
    throw new Error(`expected at most ${MAX_UPGRADE_SCRIPTS} functions, got ${exported.length}`);
  }
  return exported;
}

/** Applies the scripts that are due, each to what the one before has made. */
export async function runUpgrades({
  scripts,
  applied,
  before,
  willRun,
  failure,
}: UpgradeRunOptions): Promise<UpgradeData> {
  let data = before;
  for (const [index, script] of scripts.slice(applied).entries()) {
    const number = applied + index + 1;
    await willRun(number);
    try {
      data = { ...data, ...changesOf(script(deepFreeze(structuredClone(data))), data) };
    } catch (error) {
      throw failure(number, error);
    }
  }
  return data;
}

/** @throws for what is not a part of {@link UpgradeData}, or could not be stored */
function changesOf(returned: unknown, before: UpgradeData): Partial<UpgradeData> {
  if (returned instanceof Promise)
    throw new Error('it returned a Promise: upgrade scripts are not asynchronous');
  if (!isRecord(returned))
    throw new Error(`it returned ${shown(returned)}: expected an object, {} for no change`);
  const unknown = Object.keys(returned).find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined) throw new Error(`it returned "${unknown}": expected ${PARTS.join(', ')}`);
  requireJson(returned, 'what it returned');
  const changes = JSON.parse(JSON.stringify(returned)) as Record<string, unknown>;
  const { settings = {}, globalState = {}, profileState = {}, commands } = changes;
  for (const [name, part] of Object.entries({ settings, globalState, profileState })) {
    if (!isRecord(part)) throw new Error(`it returned ${shown(part)} as ${name}: expected an object`);
  }
  for (const [profile, state] of Object.entries(profileState as object)) {
    if (!Object.hasOwn(before.profileState, profile)) {
      throw new Error(
        `it returned state for "${profile}", a profile that has none: only what there is can be upgraded`,
      );
    }
    if (!isRecord(state))
      throw new Error(`it returned ${shown(state)} as profileState.${profile}: expected an object`);
  }
  if (commands !== undefined) checkCommands(commands, before);
  return changes;
}

function checkCommands(commands: unknown, before: UpgradeData): void {
  const { length } = before.commands;
  if (!Array.isArray(commands) || commands.length !== length) {
    throw new Error(
      `it returned ${shown(commands)} as commands: expected as many as it was given, ${length}`,
    );
  }
  for (const one of commands) {
    if (isRecord(one) && typeof one['command'] === 'string' && Array.isArray(one['args'])) continue;
    throw new Error(`it returned ${shown(one)} as a command: expected { command, args }`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return inspect(value, {
    depth: 0,
    maxArrayLength: 3,
    maxStringLength: 40,
    breakLength: Number.POSITIVE_INFINITY,
  });
}
