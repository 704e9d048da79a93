import { openRegistry } from '../../../plugins/npm/registry-client.js';
import { type FoundPlugin, searchPlugins } from '../../../plugins/npm/search-registry.js';
import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import type { JsonOptions } from '../../options.js';
import { bold, dim, type Styled, styled } from '../../terminal/styled.js';

/** Columns that text is shortened to where standard output is no terminal. */
const WIDTH = 120;

/** `bulkhead plugin search`. */
export async function search(
  words: readonly string[],
  { json, limit }: JsonOptions & { readonly limit: number },
  { stdout }: CliContext,
): Promise<number> {
  const found = await searchPlugins(words.join(' '), limit, await openRegistry());
  if (json === true) stdout.json(found, 2);
  else if (found.length === 0) stdout.line('The registry has no such plugin.');
  else stdout.line(...found.flatMap((plugin) => report(plugin, stdout.columns ?? WIDTH)));
  return ExitCodes.ok;
}

function report(
  { id, package: name, version, title, description, publisher, date }: FoundPlugin,
  width: number,
): Styled[] {
  const published = [
    date === undefined ? '' : date.slice(0, 10),
    publisher === undefined ? '' : `by ${publisher}`,
  ];
  return [
    styled`${bold(id ?? name)} ${version}  ${title === undefined || title === id ? '' : `${title}  `}${dim(published.join(' ').trim())}`,
    ...(description === undefined || description === '' ? [] : [styled`  ${description}`]),
    styled`  bulkhead plugin install ${name}`,
  ].map((line) => line.cut(width));
}
