import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { runTool } from './run-ffmpeg.js';

/** PowerShell takes seconds on a busy computer, ms. */
const DEADLINE_MS = 10_000;
const SCRIPT =
  '[Console]::OutputEncoding = [Text.Encoding]::UTF8; Get-Process | Where-Object MainWindowTitle | ForEach-Object MainWindowTitle';
const LISTED_TITLES = 10;

/**
 * The whole title of the window on Windows that has this in it: gdigrab finds a window by nothing else.
 *
 * @returns what was given if the windows cannot be listed
 * @throws BulkheadError `input.notFound` if there is no such window
 */
export async function wholeTitle(part: string): Promise<string> {
  let output: string;
  try {
    const args = ['-NoProfile', '-NonInteractive', '-Command', SCRIPT];
    output = (await runTool('powershell.exe', args, { deadlineMs: DEADLINE_MS })).stdout;
  } catch {
    return part;
  }
  return chooseTitle(output, part);
}

/** @param output a title in each line */
export function chooseTitle(output: string, part: string): string {
  const titles = output.split(/\r?\n/).filter((title) => title !== '');
  if (titles.length === 0 || titles.includes(part)) return part;
  const found = titles.find((title) => title.toLowerCase().includes(part.toLowerCase()));
  if (found !== undefined) return found;
  const listed = titles.slice(0, LISTED_TITLES).map((title) => `"${title.slice(0, 80)}"`);
  throw new BulkheadError(ErrorCodes.inputNotFound, `There is no window with "${part}" in its title.`, {
    where: 'input "screen"',
    remedy: `Open it, or name one of these: ${listed.join(', ')}.`,
  });
}
