import { existsSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { pluginInvalid } from '../plugin-error.js';

/** Where a plugin is installed from. */
export interface PackageSpec {
  readonly kind: 'folder' | 'archive' | 'npm';
  /** An absolute path, or an npm package. */
  readonly spec: string;
}

/** A package's name with a version, a range or a tag, as in npm; no other npm specifiers. */
const NPM_NAME = /^(@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*(@[A-Za-z0-9^~<>=.*|+ -]+)?$/;

/**
 * Parses the user's input: as in npm, a path if it looks like one (`./chat`, `/plugins/chat`, `chat-1.0.0.tgz`), else a
 * package's name.
 *
 * @param cwd Base of relative paths.
 * @throws `plugin.invalid` if it is neither, or if the file does not exist.
 */
export function parsePackageSpec(text: string, cwd: string): PackageSpec {
  const isPath = /^\.{0,2}[/\\]|^\.{1,2}$|\.(tgz|tar\.gz)$/.test(text) || isAbsolute(text);
  if (!isPath) {
    if (NPM_NAME.test(text)) return { kind: 'npm', spec: text };
    throw pluginInvalid(
      text,
      'expected a folder, a .tgz or the name of a package',
      existsSync(resolve(cwd, text)) ? `For the folder or file write "./${text}".` : undefined,
    );
  }
  const spec = resolve(cwd, text);
  if (!existsSync(spec)) throw pluginInvalid(text, 'there is no such file or folder');
  return { kind: statSync(spec).isDirectory() ? 'folder' : 'archive', spec };
}
