import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isWithin } from '../base/is-within.js';
import { BUNDLE_REMEDY } from '../protocol/bundle-remedy.js';

/** Node's words for a package that it does not find, for `require` and for `import`. */
const NOT_FOUND = /^Cannot find (?:module|package) '((?![./]|[A-Za-z]:)[^']+)'/;

/**
 * An error of loading a plugin's module, in words that help its author: that a package is missing in the plugin, since Node finds
 * it in the author's own folders; and where a syntax error is. Other errors stay as they are.
 *
 * @param folder The plugin's.
 */
export function explained(error: unknown, folder: string): unknown {
  if (!(error instanceof Error)) return error;
  const message = missingPackage(error) ?? syntaxError(error, folder);
  if (message === undefined) return error;
  const better = new Error(message, { cause: error });
  if (error.stack !== undefined) better.stack = error.stack;
  return better;
}

function missingPackage(error: NodeJS.ErrnoException & { readonly resource?: unknown }): string | undefined {
  const { code, message, resource } = error;
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
    const [, name] = NOT_FOUND.exec(message) ?? [];
    return name === undefined ? undefined : `there is no package "${name}" in the plugin. ${BUNDLE_REMEDY}`;
  }
  // A link in node_modules leads out of the plugin.
  if (code !== 'ERR_ACCESS_DENIED' || typeof resource !== 'string') return undefined;
  return `it may not read ${resource}, which is not in its folder. If that is a package that it needs: ${BUNDLE_REMEDY}`;
}

/** Of CommonJS, Node tells the place on the first line of the stack. */
function syntaxError({ name, message, stack = '' }: Error, folder: string): string | undefined {
  const [, file, line] = /^(\/.+|[A-Za-z]:.+|file:.+):(\d+)\n/.exec(stack) ?? [];
  if (name !== 'SyntaxError' || file === undefined) return undefined;
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  return `${isWithin(path, folder) ? relative(folder, path) : path}:${line}: ${message}`;
}
