import { code, table } from './markdown.mjs';

/** What uses a code without reporting an error with it. */
const NOT_RAISED_BY = ['src/protocol/error-codes.ts', 'src/cli/report-failure.ts'];

/**
 * One row for each error code.
 *
 * @param entries of `ErrorCodes`, with their comments
 * @param codes `ErrorCodes` itself
 * @param exitCodeOf what a command exits with
 * @param sources text of the modules of src, by their paths
 * @throws Error that names the codes without a comment, or which nothing reports
 */
export function errorTable({ entries, codes, exitCodeOf, sources }) {
  const problems = [];
  const users = Object.entries(sources).filter(([path]) => !NOT_RAISED_BY.includes(path));
  const rows = entries.map(({ name, doc: { description, remedy } }) => {
    if (description === '' || remedy === undefined) {
      problems.push(
        `ErrorCodes.${name} needs a comment that says what it means, and "@remedy" with what to do`,
      );
    }
    const use = new RegExp(`\\bErrorCodes\\.${name}\\b`);
    if (!users.some(([, text]) => use.test(text)))
      problems.push(`ErrorCodes.${name} is reported by nothing: remove it`);
    return [code(codes[name]), description, String(exitCodeOf(codes[name])), remedy ?? ''];
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return table(['Code', 'What it means', 'Exit code', 'What to do'], rows);
}
