import { CommandRegistry } from '../../src/core/main-thread/command-registry.js';
import { Keybindings } from '../../src/core/main-thread/keybindings.js';
import type { KeyManagement } from '../../src/protocol/keybindings.js';

/** Conditions without a core: all of them hold. */
export const EVERYTHING_HOLDS = { holds: () => true, evaluator: () => () => true };

/** The keybindings of a core, of which there are none so far. */
export function noKeybindings(): Keybindings {
  return new Keybindings(new CommandRegistry(EVERYTHING_HOLDS), { ...EVERYTHING_HOLDS, list: () => [] });
}

/** Keys without a core. @param note is told of each call */
export function fakeKeys(note: (what: string, params?: unknown) => void = () => {}): KeyManagement {
  return {
    list: async () => {
      note('keys.list');
      return { keybindings: [] };
    },
    press: async (params) => {
      note('keys.press', params);
      return { key: params.key, command: 'a.b', result: null };
    },
    context: async () => {
      note('keys.context');
      return [];
    },
  };
}
