import { fileURLToPath } from 'node:url';
import { TestProcess } from '../plugin-test/test-process.js';
import { BulkheadError } from '../protocol/errors.js';
import type { PluginTools } from './plugin-tools.js';

/** The bundle of the process that runs tests; it is next to this one. */
const TEST_BUNDLE = fileURLToPath(new URL('plugin-test.cjs', import.meta.url));

/**
 * The export of the package `@bulkhead/plugin-tools`. Each function loads its dependencies when it is called.
 */
export const tools: PluginTools = {
  async inspectPlugin(folder) {
    const { inspectPlugin } = await import('./inspect-plugin.js');
    return inspectPlugin(folder);
  },
  async findSyntaxErrors(folder) {
    const { findSyntaxErrors } = await import('./find-syntax-errors.js');
    return findSyntaxErrors(folder);
  },
  async packPlugin(folder, target, options) {
    const { packPlugin } = await import('./pack-plugin.js');
    return packPlugin(folder, target, options);
  },
  async watchFolder(folder, onSave) {
    const { PluginWatcher } = await import('./plugin-watcher.js');
    const watcher = new PluginWatcher(folder, onSave);
    await watcher.ready;
    return watcher;
  },
  runTests: (options, print) => new TestProcess(TEST_BUNDLE, options, print),
  errorData: (error) => (error instanceof BulkheadError ? error.toData() : undefined),
};
