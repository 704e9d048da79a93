import * as z from '../base/zod.js';
import { findKeyProblem, MOST_KEY } from '../keys/keystroke.js';
import { countPatterns, findWhenProblem, MOST_WHEN } from '../keys/when-clause.js';
import { bounded, text } from '../protocol/bounded.js';
import { EVENT_NAME } from '../protocol/permissions/permissions.js';
import { Declared } from './setting-schema.js';

// What a plugin adds to Bulkhead, from `contributes` in its manifest.

/** Most patterns in all conditions of a plugin: each takes a little time whenever the conditions are looked at. */
const MOST_PATTERNS = 20;

const When = text(MOST_WHEN).superRefine((when, context) => {
  const message = findWhenProblem(when);
  if (message !== undefined) context.addIssue({ code: 'custom', input: when, message });
});

const Key = text(MOST_KEY).superRefine((key, context) => {
  const message = findKeyProblem(key);
  if (message !== undefined) context.addIssue({ code: 'custom', input: key, message });
});

const Command = z.strictObject({
  command: text(200)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected letters, digits, ".", "-" and "_"')
    .describe("Its name, which begins with the plugin's own: my-plugin.doIt."),
  title: text(100).min(1).describe('Its name for the streamer.'),
  enablement: When.optional().describe(
    'The condition under which it can be run, over context keys, such as "broadcast.state == live".',
  ),
});

const Keybinding = z.strictObject({
  command: text(200).describe('One of contributes.commands.'),
  key: Key.describe('Modifiers and a key, as VS Code names them: "ctrl+shift+m".'),
  mac: Key.optional().describe('The key on macOS, where it is another one.'),
  linux: Key.optional().describe('The key on Linux, where it is another one.'),
  win: Key.optional().describe('The key on Windows, where it is another one.'),
  when: When.optional().describe('The condition under which the key runs the command, over context keys.'),
  args: z
    .unknown()
    .optional()
    .describe('What the command is given: a list holds its arguments, anything else is the only one.'),
});

const PluginEvent = z.strictObject({
  event: text(200)
    .regex(EVENT_NAME, 'expected the plugin\'s name, ".", and letters, digits, "-" and "_"')
    .describe("Its name, which begins with the plugin's own: my-plugin.raid."),
  description: text(300).min(1).describe('When it is fired and with what, for authors of other plugins.'),
});

const StatusItem = z.strictObject({
  id: text(64)
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'expected letters, digits, "-" and "_"')
    .describe('A name within the plugin.'),
  name: text(50).min(1).describe('What it tells, for the streamer.'),
});

const distinct = <T>(items: readonly T[], key: (item: T) => string) =>
  new Set(items.map(key)).size === items.length;

const ContributesObject = z.strictObject({
  commands: bounded(
    z
      .array(Command)
      .max(200)
      .refine((commands) => distinct(commands, ({ command }) => command), 'expected distinct names'),
    200,
  )
    .default([])
    .describe('Commands that are there before the plugin is: running one activates it.'),
  keybindings: bounded(z.array(Keybinding).max(100), 100)
    .default([])
    .describe('Keys that run commands of the plugin, until the streamer says otherwise.'),
  configuration: z
    .strictObject({
      properties: bounded(
        z.record(
          text(100).regex(
            /^[A-Za-z][A-Za-z0-9_.-]*$/,
            'expected a name of letters, digits, ".", "-" and "_"',
          ),
          Declared,
        ),
        200,
      ).describe('Settings by their names; the streamer sets them in pluginSettings, apart from secrets.'),
    })
    .default({ properties: {} })
    .describe('What the streamer can set.'),
  events: bounded(
    z
      .array(PluginEvent)
      .max(50)
      .refine((events) => distinct(events, ({ event }) => event), 'expected distinct names'),
    50,
  )
    .default([])
    .describe('Events that the plugin fires, which others may listen to.'),
  statusItems: bounded(
    z
      .array(StatusItem)
      .max(50)
      .refine((items) => distinct(items, ({ id }) => id), 'expected distinct ids'),
    50,
  )
    .default([])
    .describe("Texts that the plugin shows in Bulkhead's status."),
});

export const Contributes = ContributesObject.superRefine(({ commands, keybindings }, context) => {
  for (const [index, { command }] of keybindings.entries()) {
    if (commands.some((one) => one.command === command)) continue;
    const path = ['keybindings', index, 'command'];
    context.addIssue({
      code: 'custom',
      path,
      input: command,
      message: 'expected one of contributes.commands',
    });
  }
  const conditions = [
    ...commands.map(({ enablement }) => enablement),
    ...keybindings.map(({ when }) => when),
  ];
  const patterns = conditions.reduce((sum, when = '') => sum + countPatterns(when), 0);
  if (patterns > MOST_PATTERNS) {
    const message = `expected at most ${MOST_PATTERNS} patterns (=~) in all conditions`;
    context.addIssue({ code: 'custom', path: ['keybindings'], input: patterns, message });
  }
});

export type Contributions = z.output<typeof Contributes>;
