import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { linkIfFree } from '../../config/link-if-free.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/**
 * Takes the library for this process alone, until it is disposed or the process has ended, whatever ended it.
 *
 * @param owner Who takes it, for the error that others get: "the core at ADDRESS".
 * @throws `library.inUse` that names who has it.
 */
export function lockLibrary(file: string, owner: string): Disposable {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const mine = `${identity(process.pid)}\n${owner}\n`;
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, mine, { mode: 0o600 });
  try {
    // A link is made whole or not at all, so that nobody ever reads half of it.
    while (!linkIfFree(temporary, file)) removeIfLeftBehind(file);
  } finally {
    rmSync(temporary, { force: true });
  }
  return {
    dispose: () => {
      if (read(file) === mine) rmSync(file, { force: true });
    },
  };
}

/** @throws `library.inUse` when the process that made it is alive. */
function removeIfLeftBehind(file: string): void {
  const text = read(file);
  if (text === undefined) return;
  const [holder = '', owner = 'another process'] = text.split('\n');
  const pid = Number.parseInt(holder, 10);
  if (isAlive(pid) && identity(pid) === holder) {
    throw new BulkheadError(
      ErrorCodes.libraryInUse,
      `the installed plugins are managed by ${owner} (pid ${pid})`,
      {
        where: file,
        remedy: 'Give the address of that core with --address, or wait for that command to end.',
      },
    );
  }
  rmSync(file, { force: true });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Whether there is a process with this id. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A process id and, where /proc tells it, when that process started: ids are used again. */
function identity(pid: number): string {
  // The fields come after the name, which is in parentheses and may hold anything: the 22nd is the start.
  const stat = read(`/proc/${pid}/stat`);
  const started = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return started === undefined ? String(pid) : `${pid} ${started}`;
}
