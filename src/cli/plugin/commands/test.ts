import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ExitCodes } from '../../../protocol/exit-codes.js';
import { TestRunMessage, type TestRunOptions } from '../../../protocol/plugin-test.js';
import type { CliContext } from '../../cli-context.js';

export interface TestOptions {
  readonly grep?: string;
  readonly reporter: TestRunOptions['reporter'];
  readonly output?: string;
  readonly timeout: number;
  readonly spec: string;
  readonly coverage?: boolean;
}

/** Beyond the time that a test may take: so long its process may say nothing at all, ms. */
const SILENCE_MS = 5000;

/** `bulkhead plugin test`: runs the tests in a process of their own, and says what became of it. */
export function test(
  folder: string,
  { grep, reporter, output, timeout, spec, coverage }: TestOptions,
  { cwd, stderr, corePath, signals }: CliContext,
): Promise<number> {
  const options: TestRunOptions = {
    folder: resolve(cwd, folder),
    storage: mkdtempSync(join(tmpdir(), 'bulkhead-test-')),
    spec,
    reporter,
    timeoutMs: timeout,
    ...(coverage === undefined ? {} : { coverage }),
    ...(grep === undefined ? {} : { grep }),
    ...(output === undefined ? {} : { output: resolve(cwd, output) }),
  };
  const runner = fork(join(dirname(corePath), 'plugin-test.cjs'), [JSON.stringify(options)], {
    cwd: options.folder,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return new Promise((settle) => {
    let during = '';
    let exitCode: number | undefined;
    let silence: NodeJS.Timeout | undefined;
    const say = (what: string, code: number) => {
      exitCode ??= code;
      stderr.write(`error: ${what}${during === '' ? '' : `, in the test "${during}"`}\n`);
    };
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        say('the tests hang: nothing was heard of their process, and it was killed', ExitCodes.testsBroken);
        runner.kill('SIGKILL');
      }, timeout + SILENCE_MS);
    };
    const interrupt = () => {
      exitCode = ExitCodes.interrupted;
      runner.kill('SIGKILL');
    };
    heard();
    signals.on('SIGINT', interrupt);
    signals.on('SIGTERM', interrupt);
    runner.on('message', (sent) => {
      const { success, data: message } = TestRunMessage.safeParse(sent);
      if (!success) return;
      heard();
      if (message.kind === 'alive') during = message.test ?? during;
      else if (message.kind === 'done') exitCode = message.failures === 0 ? ExitCodes.ok : ExitCodes.crash;
      else say(message.message, ExitCodes.badSettings);
    });
    runner.on('error', ({ message }) => say(message, ExitCodes.testsBroken));
    runner.on('close', (code, signal) => {
      clearTimeout(silence);
      rmSync(options.storage, { recursive: true, force: true });
      signals.off('SIGINT', interrupt);
      signals.off('SIGTERM', interrupt);
      if (exitCode === undefined) {
        say(
          `the process of the tests ended by itself (${signal ?? `exit code ${code}`})`,
          ExitCodes.testsBroken,
        );
      }
      settle(exitCode ?? ExitCodes.testsBroken);
    });
  });
}
