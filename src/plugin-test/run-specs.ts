import { relative } from 'node:path';
import { globSync } from 'glob';
import type Mocha from 'mocha';
import { pluginInvalid } from '../plugins/plugin-error.js';
import type { TestRunOptions } from '../protocol/plugin-test.js';
import { cleanStack } from './clean-stack.js';
import type { Harness } from './harness.js';
import { loadSpec } from './load-spec.js';

/**
 * Runs the tests with mocha, each followed by the harness's check. @param began Called with what begins: `in the test
 * "greets"`.
 */
export async function runSpecs(
  { folder, spec, grep, reporter, output, color, timeoutMs }: TestRunOptions,
  harness: Harness,
  began: (at: string) => void,
): Promise<{ readonly tests: number; readonly failures: number }> {
  const { default: Runner } = await import('mocha');
  const mocha = new Runner({
    ui: 'bdd',
    timeout: timeoutMs,
    color,
    // mocha's name for the format that CI systems call JUnit.
    reporter: reporter === 'junit' ? 'xunit' : reporter,
    ...(output === undefined ? {} : { reporterOption: { output } }),
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
  if (suite.total() === 0) throw pluginInvalid(folder, `there are no tests in ${spec}`);
  suite.eachTest((test: Mocha.Test) => checkAfter(test, harness));
  return new Promise((resolve, reject) => {
    const runner = mocha.run((failures) => {
      const tests = runner.stats?.tests ?? 0;
      if (tests > 0 || failures > 0) resolve({ tests, failures });
      else
        reject(
          pluginInvalid(folder, `none of its tests is asked for${grep === undefined ? '' : ` by "${grep}"`}`),
        );
    });
    // The report is written to a file: the terminal gets a readable one.
    if (output !== undefined) new Runner.reporters.Spec(runner);
    runner.on('test', (test) => began(`in the test "${test.fullTitle()}"`));
  });
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
