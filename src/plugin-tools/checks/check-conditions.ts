import { nearest } from '../../config/nearest.js';
import { CONTEXT_KEYS, isKnownKey, isReservedKey } from '../../keys/context-keys.js';
import { keysOf, parseWhen } from '../../keys/when-clause.js';
import { isOwnCommand } from '../../plugins/plugin-name.js';
import type { Finding } from '../finding.js';
import type { Subject } from '../subject.js';

/** Checks that conditions ask for context keys that there are, as far as that can be told: other plugins have some as well. */
export function checkConditions({ plugin, source }: Subject): Finding[] {
  const { commands, keybindings } = plugin.contributes;
  const conditions = [
    ...commands.map(({ enablement }, index) => ({
      at: `contributes.commands[${index}].enablement`,
      when: enablement,
    })),
    ...keybindings.map(({ when }, index) => ({ at: `contributes.keybindings[${index}].when`, when })),
  ];
  const set = source.apiUses.filter(({ path }) => path === 'window.setContext').map(({ text }) => text);
  return conditions.flatMap(({ at, when }) =>
    when === undefined
      ? []
      : keysOf(parseWhen(when)).flatMap((key): Finding[] => {
          const problem = problemOf(key, isOwnCommand(plugin, key), set);
          return problem === undefined
            ? []
            : [
                {
                  severity: 'warning',
                  rule: 'conditions',
                  file: 'package.json',
                  message: `${at}: ${problem}`,
                },
              ];
        }),
  );
}

function problemOf(key: string, isOwn: boolean, set: readonly (string | undefined)[]): string | undefined {
  if (isKnownKey(key)) return undefined;
  if (isOwn && !isReservedKey(key)) {
    // One that is not written out in the code may be this one.
    if (set.includes(key) || set.includes(undefined)) return undefined;
    return `the code does not set "${key}" by window.setContext`;
  }
  const meant = nearest(key, Object.keys(CONTEXT_KEYS));
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  return isReservedKey(key) || meant !== undefined ? `there is no context key "${key}"${hint}` : undefined;
}
