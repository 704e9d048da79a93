import * as z from '../../../base/zod.js';
import { MOST_COMMAND_CHARACTERS, MOST_KEYBINDINGS } from '../../../config/keybinding-schema.js';
import type { BroadcastConfig } from '../../../config/schema.js';
import { boundedList } from '../../../protocol/bounded.js';
import { fingerprint } from './kept-entries.js';

type ConfiguredKeybinding = BroadcastConfig['keybindings'][number];

/** How keybindings are read in place of what they say: what is kept of a show. */
export const KeptKeybindingsSchema = boundedList(
  z.strictObject({
    /** Fingerprint of the keybinding: one that is edited since means what it says. */
    base: z.string().max(64),
    command: z.string().max(MOST_COMMAND_CHARACTERS),
    args: z.unknown().optional(),
  }),
  MOST_KEYBINDINGS,
);

export type KeptKeybindings = z.output<typeof KeptKeybindingsSchema>;

/** What has to be kept so that {@link applyKeybindings} makes `after` of `before`: as many, with other commands and arguments. */
export function keptKeybindings(
  before: readonly ConfiguredKeybinding[],
  after: readonly ConfiguredKeybinding[],
): KeptKeybindings {
  return after.flatMap((one, index) => {
    const base = fingerprint(before[index] ?? {});
    if (fingerprint(one) === base) return [];
    const { command, args } = one;
    return [{ base, command, ...(args === undefined ? {} : { args }) }];
  });
}

export function applyKeybindings(
  keybindings: readonly ConfiguredKeybinding[],
  kept: KeptKeybindings,
): readonly ConfiguredKeybinding[] {
  if (kept.length === 0) return keybindings;
  const changes = new Map(kept.map(({ base, ...change }) => [base, change]));
  return keybindings.map((one) => {
    const change = changes.get(fingerprint(one));
    if (change === undefined) return one;
    const { args: _, ...rest } = one;
    return { ...rest, ...change };
  });
}
