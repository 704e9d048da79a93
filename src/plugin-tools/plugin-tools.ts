import type { Disposable } from 'vscode-jsonrpc';
import type { TestRunEnd } from '../plugin-test/test-process.js';
import type { ErrorData } from '../protocol/errors.js';
import type { TestRunOptions } from '../protocol/plugin-test.js';
import type { Finding } from './finding.js';
import type { Inspection } from './inspect-plugin.js';
import type { PackOptions, PackResult } from './pack-plugin.js';

export type { Finding, Inspection, PackOptions, PackResult, TestRunEnd };

/** The tests of a plugin, which run in a process of their own. */
export interface TestRun extends Disposable {
  /** Resolves when the process is gone, with how it went. */
  ended(): Promise<TestRunEnd>;
}

/**
 * What the package `@bulkhead/plugin-tools` exports. The command `bulkhead` uses nothing else of it, and only of the one
 * of its own version.
 */
export interface PluginTools {
  /** @throws `plugin.invalid` when there is no plugin in the folder. */
  inspectPlugin(folder: string): Promise<Inspection>;

  /**
   * Packs a plugin, after its script `prepack` has built it.
   *
   * @param target Where the archive goes, given the name that npm would give it.
   * @throws `plugin.invalid` when there is no plugin, or its script fails.
   */
  packPlugin(folder: string, target: (name: string) => string, options: PackOptions): Promise<PackResult>;

  /** @param print Takes what the process writes, piece by piece. */
  runTests(
    options: TestRunOptions,
    print: { readonly stdout: (text: string) => void; readonly stderr: (text: string) => void },
  ): TestRun;

  /**
   * Watches a plugin's folder until the result is disposed of. Resolves when every change from then on is seen.
   *
   * @param onSave Called once for all that is saved together, with one of the files, relative to the folder.
   */
  watchFolder(folder: string, onSave: (file: string) => void): Promise<Disposable>;

  /**
   * The error that one of these functions has thrown, as data: the classes of the package are not those of the command.
   * Undefined for any other error.
   */
  errorData(error: unknown): ErrorData | undefined;
}
