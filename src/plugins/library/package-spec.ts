import { existsSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { pluginInvalid } from '../plugin-error.js';

/** Where a plugin is installed from. */
export interface PackageSpec {
  readonly kind: 'folder' | 'archive' | 'npm';
  /** An absolute path, or what npm is asked for. */
  readonly spec: string;
}

/** A package's name with a version, a range or a tag, as npm takes it; nothing else that npm would take. */
const NPM_NAME = /^(@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*(@[A-Za-z0-9^~<>=.*|+ -]+)?$/;

/**
 * What the user has given: a path when it looks like one (`./chat`, `/plugins/chat`, `chat-1.0.0.tgz`), as npm has it, else
 * a package's name.
 *
 * @param cwd What relative paths count from.
 * @throws `plugin.invalid` when it is none of these, or there is no such file.
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
