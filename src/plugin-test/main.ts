import { rmSync } from 'node:fs';
import { inspect } from 'node:util';
import { DEFAULT_LANGUAGE } from '../base/language.js';
import { pluginApis } from '../extension-host/plugin-apis.js';
import { joinErrors } from '../plugins/plugin-error.js';
import { readPackageJson } from '../plugins/read-package-json.js';
import { checkPlugin } from '../plugins/read-plugin.js';
import { isInspected, openInspector } from '../process-host/inspector.js';
import { BulkheadError } from '../protocol/errors.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import { type TestRunMessage, TestRunOptions } from '../protocol/plugin-test.js';
import { Coverage } from './coverage.js';
import { Harness } from './harness.js';
import { runSpecs } from './run-specs.js';
import { watchStrayErrors } from './stray-errors.js';

const ALIVE_EVERY_MS = 1000;

const send = (message: TestRunMessage): void => void process.send?.(message);

/** The process that runs a plugin's tests, with the extension host and the fake core in it. */
async function main(): Promise<void> {
  watchStrayErrors();
  const options = TestRunOptions.parse(JSON.parse(process.argv[2] ?? ''));
  process.once('disconnect', () => {
    // Normally done by the command, which has exited.
    rmSync(options.storage, { recursive: true, force: true });
    process.exit(ExitCodes.parentGone);
  });
  // The listener must not keep the process alive.
  process.channel?.unref();
  const packageJson = readPackageJson(options.folder);
  const { plugin: found, errors } = checkPlugin(options.folder, packageJson, undefined, DEFAULT_LANGUAGE);
  if (found === undefined) throw joinErrors(errors);
  if (options.inspector !== undefined) await openInspector(options.inspector);
  // Editors can also open it by themselves in whatever a terminal of theirs runs.
  const inspected = isInspected();
  send({ kind: 'alive', inspected });
  setInterval(send, ALIVE_EVERY_MS, { kind: 'alive' } satisfies TestRunMessage).unref();
  const plugin = inspected ? { ...found, inspector: { port: process.debugPort, wait: false } } : found;
  pluginApis.prepare(plugin.path);
  const harness = new Harness(plugin, options.storage);
  const coverage = options.coverage === true ? new Coverage(plugin.path, options.spec) : undefined;
  await coverage?.start();
  const timeoutMs = inspected ? 0 : options.timeoutMs;
  const result = await runSpecs({ ...options, timeoutMs }, harness, send);
  await coverage?.report();
  // What the plugin has left open must not keep the process alive.
  process.send?.({ kind: 'done', ...result } satisfies TestRunMessage, () => process.exit(ExitCodes.ok));
}

main().catch((error: unknown) => {
  // An error in a test file needs its stack; an error about the plugin's folder has its location in the
  // message.
  const message = error instanceof BulkheadError ? error.message : inspect(error);
  process.send?.({ kind: 'refused', message } satisfies TestRunMessage, () => process.exit(ExitCodes.crash));
});
