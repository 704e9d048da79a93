import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Names of environment variables whose values nobody may see. */
const SECRET_NAME = /KEY|PASS|SECRET|TOKEN|STREAM_ID/;
/** Shorter ones are found by accident. */
const LEAST_LENGTH = 8;
/** What was set on air by `env:NAME` is kept here on purpose, with mode 600: the next core may have another environment. */
const KEEPS_KEYS = `${sep}shows${sep}`;

/** The keys among the variables that a test gives a command. */
export function keysOf(env: NodeJS.ProcessEnv = {}): string[] {
  return Object.entries(env).flatMap(([name, value = '']) =>
    SECRET_NAME.test(name) && value.length >= LEAST_LENGTH ? [value] : [],
  );
}

/**
 * Where a key is shown: in what a command has said, in command lines, and in all files below the folders, such as logs, statuses, reports and flight records.
 *
 * @param texts by what they are
 */
export function leaksOf(
  keys: readonly string[],
  texts: Readonly<Record<string, string>>,
  folders: readonly string[],
): string[] {
  if (keys.length === 0) return [];
  const shows = (text: string) => keys.some((key) => text.includes(key));
  const found = Object.entries(texts).flatMap(([what, text]) => (shows(text) ? [what] : []));
  for (const folder of folders.filter(existsSync)) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = join(folder, name);
      if (file.includes(KEEPS_KEYS) || !statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
      if (shows(readFileSync(file, 'latin1'))) found.push(file);
    }
  }
  return found;
}
