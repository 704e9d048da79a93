import { relative, resolve } from 'node:path';
import { ownName } from '../../../plugins/plugin-name.js';
import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import { LICENSES, writeNewPlugin } from '../scaffold/new-plugin.js';

export interface NewOptions {
  readonly publisher?: string;
  readonly license: (typeof LICENSES)[number];
  readonly link?: boolean;
}

/** `bulkhead plugin new`. */
export async function newPlugin(
  name: string,
  given: string | undefined,
  { publisher, license, link }: NewOptions,
  { stdout, cwd }: CliContext,
): Promise<number> {
  const folder = resolve(cwd, given ?? ownName({ name }));
  const { files, linked } = writeNewPlugin({ name, folder, publisher, license, link });
  const where = relative(cwd, folder) || '.';
  const lines = [
    `Created the plugin "${name}" in ${where}:`,
    ...files.map((file) => `  ${file}`),
    '',
    ...(linked
      ? [
          'It depends on the Bulkhead on this computer. Before others build it: docs/plugins.md, "Publish".',
          '',
        ]
      : []),
    'Next:',
    ...(where === '.' ? [] : [`  cd ${where}`]),
    '  npm install',
    '  npm test',
  ];
  stdout.line(...lines);
  return ExitCodes.ok;
}
