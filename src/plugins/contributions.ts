import * as z from 'zod';

// What a plugin adds to Bulkhead, as its manifest says it in `contributes`.

const description = z.string().optional().describe('What it does, for the streamer.');

/** One setting of a plugin: a JSON Schema, as far as settings need it. */
const Setting = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('string'),
      description,
      enum: z.array(z.string()).min(1).optional().describe('The values to choose from.'),
      default: z.string().optional(),
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
    default: z.array(z.string()).optional(),
  }),
]);

export type Setting = z.output<typeof Setting>;

const Command = z.strictObject({
  command: z
    .string()
    .max(200, 'expected at most 200 characters')
    .regex(/^[A-Za-z0-9@][A-Za-z0-9@/._-]*$/, 'expected letters, digits, ".", "-" and "_"')
    .describe("Its name. Begin it with the plugin's own, as in my-plugin.doIt."),
  title: z.string().min(1).max(100, 'expected at most 100 characters').describe('Its name for the streamer.'),
});

const StatusItem = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'expected letters, digits, "-" and "_"')
    .describe('A name within the plugin.'),
  name: z
    .string()
    .min(1)
    .max(50, 'expected at most 50 characters')
    .describe('What it tells, for the streamer.'),
});

const distinct = <T>(items: readonly T[], key: (item: T) => string) =>
  new Set(items.map(key)).size === items.length;

export const Contributes = z.strictObject({
  commands: z
    .array(Command)
    .refine((commands) => distinct(commands, ({ command }) => command), 'expected names that differ')
    .default([])
    .describe('Commands that are there before the plugin is: running one activates it.'),
  configuration: z
    .strictObject({
      properties: z
        .record(
          z
            .string()
            .regex(/^[A-Za-z][A-Za-z0-9_.-]*$/, 'expected a name of letters, digits, ".", "-" and "_"'),
          Setting,
        )
        .describe('Settings by their names; the streamer sets them in pluginSettings.'),
    })
    .default({ properties: {} })
    .describe('What the streamer can set.'),
  statusItems: z
    .array(StatusItem)
    .refine((items) => distinct(items, ({ id }) => id), 'expected ids that differ')
    .default([])
    .describe("Texts that the plugin shows in Bulkhead's status."),
});

export type Contributions = z.output<typeof Contributes>;
