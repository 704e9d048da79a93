import * as z from 'zod';

// Between `bulkhead plugin test` and the process that runs the tests.

export const TestRunOptions = z.object({
  /** The plugin's folder. */
  folder: z.string(),
  /** An empty folder for the files that the plugin writes; whoever starts the process deletes it. */
  storage: z.string(),
  /** Which files have tests, a glob from the folder. */
  spec: z.string(),
  /** Only tests whose full title matches it. */
  grep: z.string().optional(),
  reporter: z.enum(['spec', 'dot', 'junit']),
  /** Where the report goes; the terminal without one. */
  output: z.string().optional(),
  /** Whether the report has colours. */
  color: z.boolean(),
  /** How long one test may take, ms. */
  timeoutMs: z.number().positive(),
  /** Whether to count which code runs. */
  coverage: z.boolean().optional(),
});
export type TestRunOptions = z.infer<typeof TestRunOptions>;

/** Runner → command. */
export const TestRunMessage = z.discriminatedUnion('kind', [
  /** It is alive: sent every second, and with what it begins, as in `in the test "greets"`. */
  z.object({ kind: z.literal('alive'), at: z.string().optional() }),
  z.object({ kind: z.literal('done'), tests: z.number(), failures: z.number() }),
  /** Nothing could be run: the plugin's manifest is wrong, or there are no tests, or they cannot be loaded. */
  z.object({ kind: z.literal('refused'), message: z.string() }),
]);
export type TestRunMessage = z.infer<typeof TestRunMessage>;
