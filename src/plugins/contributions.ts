import * as z from 'zod';
import { bounded } from '../protocol/bounded.js';
import { EVENT_NAME } from './event-permission.js';
import { text } from './manifest-bounds.js';
import { Declared } from './setting-schema.js';

// What a plugin adds to Bulkhead, from `contributes` in its manifest.

const Command = z.strictObject({
  command: text(200)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected letters, digits, ".", "-" and "_"')
    .describe("Its name, which begins with the plugin's own: my-plugin.doIt."),
  title: text(100).min(1).describe('Its name for the streamer.'),
});

const PluginEvent = z.strictObject({
  event: text(200)
    .regex(EVENT_NAME, 'expected letters, digits, ".", "-" and "_"')
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

export const Contributes = z.strictObject({
  commands: bounded(
    z
      .array(Command)
      .max(200)
      .refine((commands) => distinct(commands, ({ command }) => command), 'expected distinct names'),
    200,
  )
    .default([])
    .describe('Commands that are there before the plugin is: running one activates it.'),
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

export type Contributions = z.output<typeof Contributes>;
