import { table } from './markdown.mjs';

/**
 * One row for each exit code, in order.
 *
 * @param entries of `ExitCodes`, with their comments
 * @param codes `ExitCodes` itself
 * @throws Error that names those without a comment
 */
export function exitCodeTable(entries, codes) {
  const without = entries.find(({ doc }) => doc.description === '');
  if (without !== undefined)
    throw new Error(`ExitCodes.${without.name} needs a comment that says what it means`);
  const rows = entries
    .map(({ name, doc }) => ({ code: codes[name], description: doc.description }))
    .sort((a, b) => a.code - b.code)
    .map(({ code, description }) => [String(code), description]);
  return table(['Code', 'What it means'], rows);
}
