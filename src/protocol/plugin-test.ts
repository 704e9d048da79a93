import * as z from '../base/zod.js';
import { InspectorSchema } from './inspector-schema.js';

// Between `bulkhead plugin test` and the process that runs the tests.

export const TestRunOptions = z.object({
  /** The plugin's folder. */
  folder: z.string(),
  /** An empty folder for the plugin's files; deleted by the process that starts the test process. */
  storage: z.string(),
  /** Which files contain tests, a glob relative to the folder. */
  spec: z.string(),
  /** If set, only tests whose full title matches it are run. */
  grep: z.string().optional(),
  reporter: z.enum(['spec', 'dot', 'junit']),
  /** Where to write the report; to the terminal if undefined. */
  output: z.string().optional(),
  /** Whether the report has colours. */
  color: z.boolean(),
  /** Deadline of one test, ms; 0 for none. */
  timeoutMs: z.number().nonnegative(),
  /** Whether to measure code coverage. */
  coverage: z.boolean().optional(),
  /** Opens Node's inspector in the test process. No deadline applies then. */
  inspector: InspectorSchema.optional(),
});
export type TestRunOptions = z.infer<typeof TestRunOptions>;

/** One test that has ended. */
export const TestResult = z.object({
  /** Titles of the suites that it is in, the outermost first; empty without any. */
  suite: z.string(),
  title: z.string(),
  durationMs: z.number(),
  state: z.enum(['passed', 'failed', 'skipped']),
  failure: z.object({ message: z.string(), stack: z.string() }).optional(),
});
export type TestResult = z.infer<typeof TestResult>;

/** Test process → command. */
export const TestRunMessage = z.discriminatedUnion('kind', [
  /**
   * Sent every second, and before each test, with the current activity, as in `in the test "greets"`. `inspected` is whether
   * a debugger can attach.
   */
  z.object({ kind: z.literal('alive'), at: z.string().optional(), inspected: z.boolean().optional() }),
  z.object({ kind: z.literal('result'), result: TestResult }),
  z.object({ kind: z.literal('done'), tests: z.number(), failures: z.number() }),
  /**
   * Nothing could be run: the plugin's manifest is invalid, or there are no tests, or they cannot be loaded.
   */
  z.object({ kind: z.literal('refused'), message: z.string() }),
]);
export type TestRunMessage = z.infer<typeof TestRunMessage>;
