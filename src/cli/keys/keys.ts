import { ControlClient } from '../../control-client/control-client.js';
import { displayKey } from '../../keys/keystroke.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { KeybindingInfo } from '../../protocol/keybindings.js';
import type { CliContext } from '../cli-context.js';
import { printResult } from '../command-result.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { bold, dim, type Styled, styled, yellow } from '../terminal/styled.js';

type Common = AddressOptions & JsonOptions;

/** `bulkhead keys`. */
export async function listKeys({ address, json }: Common, { stdout, platform }: CliContext): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const list = await client.keys.list();
    if (json === true) stdout.json(list, 2);
    else if (list.keybindings.length === 0) stdout.line('No key runs a command.');
    else stdout.line(...keyLines(list.keybindings, platform));
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** `bulkhead keys press`: prints what the command returns, as `bulkhead run` does. */
export async function pressKey(
  key: string,
  { address, json }: Common,
  { stdout }: CliContext,
): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const pressed = await client.keys.press({ key });
    if (json === true) stdout.json(pressed);
    else printResult(pressed.result, stdout);
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** `bulkhead keys context`. */
export async function listContext({ address, json }: Common, { stdout }: CliContext): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const keys = await client.keys.context();
    if (json === true) stdout.json(keys, 2);
    else {
      const width = Math.max(...keys.map(({ key }) => key.length));
      for (const { key, value, plugin } of keys) {
        stdout.line(
          styled`${key.padEnd(width)}  ${JSON.stringify(value)}${plugin === undefined ? '' : dim(`  ${plugin}`)}`,
        );
      }
    }
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** A line for each: the key, the command with its arguments and title, when, and who says so. */
export function keyLines(keybindings: readonly KeybindingInfo[], platform: NodeJS.Platform): Styled[] {
  const shown = keybindings.map((one) => ({
    ...one,
    shownKey: displayKey(one.key, platform),
    run: [one.command, ...one.args.map((arg) => JSON.stringify(arg))].join(' '),
  }));
  const keyWidth = Math.max(...shown.map(({ shownKey }) => shownKey.length));
  const runWidth = Math.max(...shown.map(({ run }) => run.length));
  return shown.map(({ shownKey, run, ...one }) => {
    const key = shownKey.padEnd(keyWidth);
    const remarks = [
      one.title ?? '',
      one.when === undefined ? '' : `when ${one.when}`,
      `(${one.plugin ?? 'configuration'})`,
    ].filter((remark) => remark !== '');
    const problem = one.exists ? shadowText(one) : 'there is no such command';
    return styled`${one.applies ? bold(key) : dim(key)}  ${run.padEnd(runWidth)}  ${remarks.join('  ')}${
      problem === '' ? '' : yellow(`  ${problem}`)
    }`;
  });
}

function shadowText({ shadowedBy }: KeybindingInfo): string {
  if (shadowedBy === undefined) return '';
  const { command, plugin } = shadowedBy;
  return `never: the key runs ${command} of ${plugin ?? 'the configuration'}`;
}
