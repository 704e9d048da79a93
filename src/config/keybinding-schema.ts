import * as z from '../base/zod.js';
import { findKeyProblem } from '../keys/keystroke.js';
import { findWhenProblem } from '../keys/when-clause.js';

export const MOST_KEYBINDINGS = 500;
/** With a "-" before it. */
export const MOST_COMMAND_CHARACTERS = 201;

/** What keys do, as the streamer wants it: they take the place of those that plugins declare. */
export const KeybindingsSchema = z
  .array(
    z.strictObject({
      key: z
        .string()
        .superRefine((key, context) => {
          const message = findKeyProblem(key);
          if (message !== undefined) context.addIssue({ code: 'custom', input: key, message });
        })
        .describe('Modifiers and a key, as VS Code names them: "ctrl+shift+m".'),
      command: z
        .string()
        .regex(
          /^-?[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/,
          'expected the name of a command, or one with "-" before it',
        )
        .describe(
          'The command that the key runs: "bulkhead run" lists them. With "-" before its name, the key does not run it any more.',
        ),
      args: z
        .unknown()
        .optional()
        .describe('What the command is given: a list holds its arguments, anything else is the only one.'),
      when: z
        .string()
        .superRefine((when, context) => {
          const message = findWhenProblem(when);
          if (message !== undefined) context.addIssue({ code: 'custom', input: when, message });
        })
        .optional()
        .describe(
          'The condition under which it does, over context keys, such as "broadcast.state == live"; "bulkhead keys context" lists them.',
        ),
    }),
  )
  .max(MOST_KEYBINDINGS);
