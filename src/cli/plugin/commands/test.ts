import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { PluginTools, TestRunEnd } from '../../../plugin-tools/plugin-tools.js';
import { notAPlugin } from '../../../plugins/plugin-error.js';
import { inspectorPortFree } from '../../../process-host/inspector-port.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { TestRunOptions } from '../../../protocol/plugin-test.js';
import type { CliContext } from '../../cli-context.js';
import { StopSignals } from '../../stop-signals.js';
import { withPluginTools } from '../author-tools.js';
import { type InspectOptions, inspectorOf } from '../inspector-options.js';
import { junitReport } from '../junit-report.js';

export interface TestOptions extends InspectOptions {
  readonly grep?: string;
  readonly reporter: TestRunOptions['reporter'];
  readonly output?: string;
  readonly timeout: number;
  readonly spec: string;
  readonly coverage?: boolean;
}

/** `bulkhead plugin test`: runs the tests in a separate process, and prints the result. */
export async function test(folder: string, given: TestOptions, context: CliContext): Promise<number> {
  const { cwd } = context;
  if (given.output !== undefined && given.reporter !== 'junit') {
    throw new BulkheadError(
      ErrorCodes.configInvalid,
      `--output cannot be used with --reporter ${given.reporter}`,
      { remedy: 'Give --reporter junit.' },
    );
  }
  const path = resolve(cwd, folder);
  if (!existsSync(join(path, 'package.json'))) throw notAPlugin(path);
  const inspector = inspectorOf(given);
  if (inspector !== undefined) await inspectorPortFree(inspector.port);
  return withPluginTools(path, (tools) => runTests(path, given, context, tools));
}

async function runTests(
  folder: string,
  given: TestOptions,
  context: CliContext,
  tools: PluginTools,
): Promise<number> {
  const { grep, reporter, output, timeout, spec, coverage } = given;
  const { cwd, stdout, stderr } = context;
  const options: TestRunOptions = {
    folder,
    storage: mkdtempSync(join(tmpdir(), 'bulkhead-test-')),
    spec,
    reporter,
    color: stdout.hasColors,
    timeoutMs: timeout,
    coverage,
    grep,
    inspector: inspectorOf(given),
    ...(output === undefined ? {} : { output: resolve(cwd, output) }),
  };
  const run = tools.runTests(options, {
    stdout: (text) => stdout.piece(text),
    stderr: (text) => stderr.piece(text),
  });
  const stop = new StopSignals(context);
  stop.requested.addEventListener('abort', () => run.dispose());
  try {
    const end = await run.ended();
    if (stop.requested.aborted) return ExitCodes.interrupted;
    const { exitCode, message } = judge(end);
    if (reporter === 'junit') {
      const broken = message === undefined ? undefined : { at: atOf(end), message };
      writeReport(junitReport(basename(folder), run.results, broken), options.output, stdout);
    }
    if (message !== undefined) stderr.line(`error: ${message}`);
    return exitCode;
  } finally {
    stop.dispose();
    rmSync(options.storage, { recursive: true, force: true });
  }
}

/** What was being done when no more tests could be run. */
function atOf(end: TestRunEnd): string {
  return end.kind === 'ended' || end.kind === 'hung' ? end.at : 'while loading the tests';
}

/** @throws BulkheadError `storage.failed` */
function writeReport(report: string, output: string | undefined, stdout: CliContext['stdout']): void {
  if (output === undefined) {
    stdout.piece(report);
    return;
  }
  try {
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, report);
  } catch (error) {
    throw new BulkheadError(
      ErrorCodes.storageFailed,
      `the report cannot be written: ${(error as Error).message}`,
      { where: output, remedy: 'Give another path with --output.', cause: error },
    );
  }
}

function judge(end: TestRunEnd): { readonly exitCode: number; readonly message?: string } {
  switch (end.kind) {
    case 'done':
      return { exitCode: end.failures === 0 ? ExitCodes.ok : ExitCodes.crash };
    case 'refused':
      return { exitCode: ExitCodes.badSettings, message: end.message };
    case 'ended':
      return {
        exitCode: ExitCodes.testsBroken,
        message: `the test process exited unexpectedly (${end.how}), ${end.at}`,
      };
    case 'hung':
      return {
        exitCode: ExitCodes.testsBroken,
        message: `the tests hung and their process was killed, ${end.at}${end.stack === undefined ? '' : `\n${end.stack}`}`,
      };
  }
}
