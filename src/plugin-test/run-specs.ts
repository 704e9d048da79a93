import { relative } from 'node:path';
import { globSync } from 'glob';
import type Mocha from 'mocha';
import { importModule } from '../base/import-module.js';
import { pluginInvalid } from '../plugins/plugin-error.js';
import type { TestResult, TestRunMessage, TestRunOptions } from '../protocol/plugin-test.js';
import { cleanStack } from './clean-stack.js';
import type { Harness } from './harness.js';
import { loadSpec } from './load-spec.js';

/**
 * Runs the tests with mocha, each followed by the harness's check.
 *
 * @param send tells the command what begins, `in the test "greets"`, and the result of each test
 */
export async function runSpecs(
  { folder, spec, grep, reporter, output, color, timeoutMs }: TestRunOptions,
  harness: Harness,
  send: (message: TestRunMessage) => void,
): Promise<{ readonly tests: number; readonly failures: number }> {
  const began = (at: string) => send({ kind: 'alive', at });
  const { default: Runner } = await importModule<{ default: typeof Mocha }>('mocha');
  // From here on stacks name the plugin's own sources. Mocha has none, and Node would look for them in each error of its loading.
  process.setSourceMapsEnabled(true);
  const mocha = new Runner({
    ui: 'bdd',
    timeout: timeoutMs,
    color,
    reporter: reporter === 'junit' ? reporterBesideJunit(Runner, output) : reporter,
    grep,
    rootHooks: { afterEach: () => harness.abandon() },
  });
  const { suite } = mocha;
  for (const file of globSync(spec, { cwd: folder, absolute: true, ignore: '**/node_modules/**' }).sort()) {
    began(`while loading ${relative(folder, file)}`);
    suite.emit('pre-require', globalThis as unknown as Mocha.MochaGlobals, file, mocha);
    await loadSpec(file);
    suite.emit('post-require', globalThis as unknown as Mocha.MochaGlobals, file, mocha);
  }
  await harness.prepare();
  if (suite.total() === 0) throw pluginInvalid(folder, `there are no tests in ${spec}`);
  suite.eachTest((test: Mocha.Test) => {
    // Also of those that set a deadline of their own.
    if (timeoutMs === 0) test.timeout(0);
    checkAfter(test, harness);
  });
  return new Promise((resolve, reject) => {
    const runner = mocha.run((failures) => {
      const tests = runner.stats?.tests ?? 0;
      if (tests > 0 || failures > 0) resolve({ tests, failures });
      else
        reject(
          pluginInvalid(folder, `none of its tests is asked for${grep === undefined ? '' : ` by "${grep}"`}`),
        );
    });
    runner.on('test', (test) => began(`in the test "${test.fullTitle()}"`));
    const ended = (test: Mocha.Runnable, state: TestResult['state'], error?: unknown) =>
      send({ kind: 'result', result: resultOf(test, state, error) });
    runner.on('pass', (test) => ended(test, 'passed'));
    runner.on('pending', (test) => ended(test, 'skipped'));
    runner.on('fail', (test, error) => ended(test, 'failed', error));
  });
}

/** The command writes the JUnit report: into a file while the terminal gets a readable one, or on the terminal alone. */
function reporterBesideJunit(
  { reporters }: typeof Mocha,
  output: string | undefined,
): Mocha.ReporterConstructor {
  return output === undefined ? reporters.Base : reporters.Spec;
}

function resultOf(test: Mocha.Runnable, state: TestResult['state'], error: unknown): TestResult {
  const { title, parent, duration = 0 } = test;
  const result = { suite: parent?.fullTitle() ?? '', title, durationMs: duration, state };
  if (state !== 'failed') return result;
  const { message = String(error), stack = message } = Object(error) as Partial<Error>;
  return { ...result, failure: { message, stack } };
}

/** As part of the test rather than in a hook: a failing hook would end the whole suite. */
function checkAfter(test: Mocha.Test, harness: Harness): void {
  const { fn } = test;
  if (fn === undefined) return;
  test.fn = async function checked(this: Mocha.Context): Promise<void> {
    try {
      if (fn.length === 0) await (fn as Mocha.AsyncFunc).call(this);
      else {
        await new Promise<void>((resolve, reject) =>
          (fn as Mocha.Func).call(this, (error?: unknown) => (error == null ? resolve() : reject(error))),
        );
      }
      await harness.finish();
    } catch (error) {
      throw cleanStack(error);
    }
  };
  Object.assign(test, { async: 0, sync: true });
}
