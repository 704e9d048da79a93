import { existsSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { NPM_NAME } from '../npm/package-name.js';
import { pluginInvalid } from '../plugin-error.js';
import { sourceOf } from './package-source.js';

/** Where a plugin is installed from. */
export interface PackageSpec {
  readonly kind: 'folder' | 'archive' | 'npm';
  /** An absolute path, or an npm package. */
  readonly spec: string;
}

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

/**
 * The same package, followed by a tag from now on: `chat@next`.
 *
 * @throws `plugin.invalid` if it is no package of npm, or asks for a version of its own.
 */
export function onChannel({ kind, spec }: PackageSpec, channel: string): PackageSpec {
  if (kind !== 'npm') throw pluginInvalid(spec, 'only packages of npm have channels');
  if (!/^[A-Za-z][A-Za-z0-9._-]*$/.test(channel)) {
    throw pluginInvalid(channel, 'expected the name of a channel, such as "next"');
  }
  return { kind, spec: `${sourceOf(spec)}@${channel}` };
}
