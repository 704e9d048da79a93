// npm's "prepare". npm runs it also when another project is installed that links to this folder, as a plugin made here
// does: what runs at that moment, perhaps a broadcast, must not have its files built away from under it.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const project = process.env.npm_config_local_prefix;
const isOwnInstall = project !== undefined && realpathSync(project) === realpathSync(root);
if (isOwnInstall || !existsSync(join(root, 'dist', 'bin', 'bulkhead.cjs'))) await import('./build.mjs');
