import { type ExecFileException, execFile } from 'node:child_process';
import { pluginInvalid } from '../../plugins/plugin-error.js';

/** Deadline of a plugin's build, ms. */
const DEADLINE_MS = 10 * 60_000;

/**
 * Runs the `prepack` script of a plugin, which builds it, as `npm pack` does.
 *
 * @throws `plugin.invalid` with the script's output if it fails.
 */
export async function runPrepack(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const windows = process.platform === 'win32';
  await new Promise<void>((resolve, reject) => {
    execFile(
      windows ? 'npm.cmd' : 'npm',
      ['run', '--silent', 'prepack'],
      { cwd: folder, env, shell: windows, timeout: DEADLINE_MS, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve();
        else reject(failure(folder, error, `${stdout}${stderr}`));
      },
    );
  });
}

function failure(folder: string, error: ExecFileException, said: string): Error {
  if (error.code === 'ENOENT') {
    return pluginInvalid(
      folder,
      'npm is needed to run the script "prepack", and is not on the PATH',
      'Build the plugin yourself, and give --ignore-scripts.',
    );
  }
  const why = error.killed === true ? `did not finish within ${DEADLINE_MS / 60_000} minutes` : 'failed';
  return pluginInvalid(folder, `the script "prepack" ${why}:\n${said.trim()}`);
}
