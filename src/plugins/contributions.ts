import * as z from 'zod';
import { bounded } from '../protocol/bounded.js';
import { text } from './manifest-bounds.js';

// What a plugin adds to Bulkhead, from `contributes` in its manifest.

const description = text(1000).optional().describe('What it does, for the streamer.');

/** One setting of a plugin: the subset of JSON Schema that settings need. */
const Setting = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('string'),
      description,
      enum: bounded(z.array(text(200)).min(1).max(100), 100)
        .optional()
        .describe('The values to choose from.'),
      default: text(4000).optional(),
    })
    .superRefine(({ enum: values, default: value }, context) => {
      if (values === undefined || value === undefined || values.includes(value)) return;
      context.addIssue({
        code: 'custom',
        path: ['default'],
        input: value,
        message: 'expected one of "enum"',
      });
    }),
  z.strictObject({ type: z.literal('number'), description, default: z.number().optional() }),
  z.strictObject({ type: z.literal('integer'), description, default: z.int().optional() }),
  z.strictObject({ type: z.literal('boolean'), description, default: z.boolean().optional() }),
  z.strictObject({
    type: z.literal('array').describe('A list of texts.'),
    description,
    items: z.strictObject({ type: z.literal('string') }),
    default: bounded(z.array(text(1000)).max(100), 100).optional(),
  }),
]);

export type Setting = z.output<typeof Setting>;

const Command = z.strictObject({
  command: text(200)
    .regex(/^[A-Za-z0-9@][A-Za-z0-9@/._-]*$/, 'expected letters, digits, ".", "-" and "_"')
    .describe("Its name. Start it with the plugin's name, as in my-plugin.doIt."),
  title: text(100).min(1).describe('Its name for the streamer.'),
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
          Setting,
        ),
        200,
      ).describe('Settings by their names; the streamer sets them in pluginSettings.'),
    })
    .default({ properties: {} })
    .describe('What the streamer can set.'),
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
