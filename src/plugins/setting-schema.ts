import * as z from '../base/zod.js';
import { bounded, text } from '../protocol/bounded.js';
import type { DeclaredSetting, SettingDeclaration } from '../protocol/setting-declaration.js';
import { isPattern } from './pattern.js';
import { findDefaultMistake } from './setting-value.js';

/** Most values of an `enum`, members of an object, and entries of a default. */
const MOST = 100;

const count = z.int().min(0).max(1_000_000).optional();
const described = {
  title: text(100).optional().describe('Its name for the streamer; without one, it is shown by its key.'),
  description: text(1000).optional().describe('What it does, for the streamer.'),
  markdownDescription: text(1000)
    .optional()
    .describe('The same in Markdown, for tools that show it; terminals show "description".'),
  order: z
    .number()
    .optional()
    .describe("Its place among the plugin's settings: lower numbers first, those without one last."),
};
const enumDescriptions = bounded(z.array(text(1000)).max(MOST), MOST)
  .optional()
  .describe('What each value of "enum" means.');
const numbers = {
  ...described,
  enum: bounded(z.array(z.number()).min(1).max(MOST), MOST).optional().describe('The values to choose from.'),
  enumDescriptions,
  minimum: z.number().optional().describe('The least that it may be.'),
  maximum: z.number().optional().describe('The most that it may be.'),
};

const Nested: z.ZodType<SettingDeclaration> = z.lazy(() => Setting);

/** By their types: the part of JSON Schema that VS Code's `contributes.configuration` uses. */
const VALUES = [
  withRightDefault(
    z.strictObject({
      type: z.literal('string'),
      ...described,
      enum: bounded(z.array(text(200)).min(1).max(MOST), MOST)
        .optional()
        .describe('The values to choose from.'),
      enumDescriptions,
      pattern: text(200)
        .refine(isPattern, 'expected a regular expression')
        .optional()
        .describe('A regular expression that the text has to match.'),
      patternErrorMessage: text(200).optional().describe('What the streamer reads when it does not.'),
      minLength: count,
      maxLength: count,
      default: text(4000).optional(),
    }),
  ),
  withRightDefault(z.strictObject({ type: z.literal('number'), ...numbers, default: z.number().optional() })),
  withRightDefault(z.strictObject({ type: z.literal('integer'), ...numbers, default: z.int().optional() })),
  z.strictObject({ type: z.literal('boolean'), ...described, default: z.boolean().optional() }),
  withRightDefault(
    z.strictObject({
      type: z.literal('array'),
      ...described,
      items: Nested.optional().describe('What its entries are; anything, if it is missing.'),
      minItems: count,
      maxItems: count,
      uniqueItems: z.boolean().optional(),
      default: bounded(z.array(z.unknown()).max(MOST), MOST).optional(),
    }),
  ),
  withRightDefault(
    z.strictObject({
      type: z.literal('object'),
      ...described,
      properties: bounded(z.record(text(100), Nested), MOST)
        .optional()
        .describe('Its members, by their names.'),
      additionalProperties: z
        .union([z.boolean(), Nested])
        .optional()
        .describe('Whether it may have other members, or what those are.'),
      required: bounded(z.array(text(100)).max(MOST), MOST).optional(),
      default: bounded(z.record(text(100), z.unknown()), MOST).optional(),
    }),
  ),
] as const;

/** A value, or a part of one. */
const Setting: z.ZodType<SettingDeclaration> = z
  .discriminatedUnion('type', [...VALUES])
  .meta({ id: 'Setting' });

/** One setting of a plugin. */
export const Declared: z.ZodType<DeclaredSetting> = z.discriminatedUnion('type', [
  ...VALUES,
  z
    .strictObject({ type: z.literal('secret'), ...described })
    .describe(
      'A password or a token. It is never in the configuration: the streamer enters it by "bulkhead plugin secret set", and the plugin reads it by context.secrets.get.',
    ),
]);

/** The setting, refused with a default that the setting itself would not take. */
function withRightDefault<T extends z.ZodType<SettingDeclaration>>(schema: T): T {
  return schema.superRefine((setting: SettingDeclaration, context) => {
    if (setting.default === undefined) return;
    const mistake = findDefaultMistake(setting, setting.default);
    if (mistake === undefined) return;
    const { path, expected, value } = mistake;
    context.addIssue({
      code: 'custom',
      path: ['default', ...path],
      input: value,
      message: `expected ${expected}`,
    });
  });
}
