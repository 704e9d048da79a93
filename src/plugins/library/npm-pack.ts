import { type ExecFileException, execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pluginInvalid } from '../plugin-error.js';

/** Deadline for a download from the registry, ms. */
const NPM_DEADLINE_MS = 120_000;

/**
 * Uses the user's npm to pack a folder, or to download a package from its configured registry. Runs none of the
 * package's scripts.
 *
 * @param target An absolute path of a folder, or a package's name.
 * @param folder Where the archive is written; empty.
 * @returns Path of the archive.
 * @throws `plugin.invalid` with npm's error.
 */
export async function npmPack(target: string, folder: string): Promise<string> {
  const windows = process.platform === 'win32';
  const args = ['pack', windows ? `"${target}"` : target, '--ignore-scripts', '--pack-destination', '.'];
  await new Promise<void>((resolve, reject) => {
    execFile(
      windows ? 'npm.cmd' : 'npm',
      [...args, '--loglevel', 'error', '--no-audit', '--no-update-notifier'],
      { cwd: folder, timeout: NPM_DEADLINE_MS, shell: windows, killSignal: 'SIGKILL' },
      (error, _stdout, stderr) => {
        if (error === null) resolve();
        else reject(npmFailure(target, error, stderr));
      },
    );
  });
  const [archive] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  if (archive === undefined) throw pluginInvalid(target, 'npm packed nothing');
  return join(folder, archive);
}

function npmFailure(target: string, error: ExecFileException, stderr: string): Error {
  if (error.code === 'ENOENT') {
    return pluginInvalid(
      target,
      'npm is needed to install it, and is not on the PATH',
      'Use a .tgz instead.',
    );
  }
  if (error.killed === true)
    return pluginInvalid(target, `npm did not finish within ${NPM_DEADLINE_MS / 1000} s`);
  const said = stderr
    .split('\n')
    .filter((line) => line.startsWith('npm error'))
    .map((line) => line.replace(/^npm error\s*(code \w+$)?/, '').trim())
    .find((line) => line !== '');
  return pluginInvalid(target, `npm cannot get it: ${said ?? error.message}`);
}
