import type { Disposable } from 'vscode-jsonrpc';
import type { TestRunEnd } from '../plugin-test/test-process.js';
import type { ErrorData } from '../protocol/errors.js';
import type { TestResult, TestRunOptions } from '../protocol/plugin-test.js';
import type { Finding } from './finding.js';
import type { Inspection } from './inspect-plugin.js';
import type { PackOptions, PackResult } from './pack-plugin.js';

export type { Finding, Inspection, PackOptions, PackResult, TestRunEnd };

/** A run of a plugin's tests, in a separate process. */
export interface TestRun extends Disposable {
  /** Of the tests that have ended so far. */
  readonly results: readonly TestResult[];
  /** Resolves with the result when the process has exited. */
  ended(): Promise<TestRunEnd>;
}

/**
 * The exports of the package `@bulkhead/plugin-tools`. The `bulkhead` command uses nothing else of it, and requires the
 * same version.
 */
export interface PluginTools {
  /** @throws `plugin.invalid` if there is no plugin in the folder. */
  inspectPlugin(folder: string): Promise<Inspection>;

  /**
   * Packs a plugin, after building it with its `prepack` script.
   *
   * @param target Returns the archive's path, given npm's name for it.
   * @throws `plugin.invalid` if there is no plugin, or its script fails.
   */
  packPlugin(folder: string, target: (name: string) => string, options: PackOptions): Promise<PackResult>;

  /** @param print Receives the process' output in pieces. */
  runTests(
    options: TestRunOptions,
    print: { readonly stdout: (text: string) => void; readonly stderr: (text: string) => void },
  ): TestRun;

  /** Where the plugin's own code does not parse. Empty also for a plugin that cannot be read: loading it says why. */
  findSyntaxErrors(folder: string): Promise<readonly Finding[]>;

  /**
   * Watches a plugin's folder until the result is disposed of. Resolves when all later changes will be seen.
   *
   * @param onSave Called once for several changes, with one of the files, relative to the folder.
   */
  watchFolder(folder: string, onSave: (file: string) => void): Promise<Disposable>;

  /**
   * An error thrown by one of these functions, as data: the package's classes differ from the command's. Undefined for
   * other errors.
   */
  errorData(error: unknown): ErrorData | undefined;
}
