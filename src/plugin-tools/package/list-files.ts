import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import packlist from 'npm-packlist';
import { isWithin } from '../../base/is-within.js';
import { readPackageJson } from '../../plugins/read-package-json.js';
import { InstalledPackage } from './package-node.js';

export interface PackedFile {
  /** Path in the plugin's folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

/** A link in place of a packed file. npm skips links. */
export interface FoundLink {
  readonly path: string;
  /** The target as written in the link. */
  readonly target: string;
  readonly leavesPackage: boolean;
}

export interface PackageFiles {
  /** Ordered by path. */
  readonly files: readonly PackedFile[];
  readonly links: readonly FoundLink[];
}

/**
 * Lists the files that `npm pack` would include, according to `files`, `.npmignore` and npm's own rules; texts in other languages are always among
 * them.
 */
export async function listFiles(folder: string): Promise<PackageFiles> {
  const links: FoundLink[] = [];
  const plugin = new InstalledPackage(folder);
  const paths = await new Promise<string[]>((resolve, reject) => {
    new LinkFinder(plugin, { isPackage: true, path: folder }, (path) =>
      links.push(describeLink(folder, path)),
    )
      .on('done', resolve)
      .on('error', reject)
      .start();
  });
  const packed = paths.map((path) => path.replace(/^\.\//, ''));
  const files = [...new Set([...packed, ...localizationFiles(folder)])]
    .filter((path) => !isOwnArchive(path))
    .sort()
    .map((path) => ({ path, bytes: lstatSync(join(folder, path)).size }));
  return { files, links };
}

/** Files of texts in other languages: of the manifest, and of the code in the folder that it names. */
function localizationFiles(folder: string): string[] {
  const { l10n } = (readPackageJson(folder) ?? {}) as { readonly l10n?: unknown };
  const place =
    typeof l10n === 'string' ? relative(folder, resolve(folder, l10n)).split(sep).join('/') : undefined;
  return [
    ...namesIn(folder).filter((name) => /^package\.nls(\.[A-Za-z-]+)?\.json$/.test(name)),
    ...(place === undefined || !isWithin(join(folder, place), folder)
      ? []
      : namesIn(join(folder, place))
          .filter((name) => /^bundle\.l10n\..+\.json$/.test(name))
          .map((name) => `${place}/${name}`)),
  ].filter((path) => lstatSync(join(folder, path)).isFile());
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** An archive of an earlier run, next to package.json. */
function isOwnArchive(path: string): boolean {
  return !path.includes('/') && path.endsWith('.tgz');
}

/** npm's walker, extended to report the links that it skips. */
class LinkFinder extends packlist.Walker {
  constructor(
    node: InstalledPackage,
    options: object,
    private readonly found: (path: string) => void,
  ) {
    super(node, options);
  }

  protected override onstat(
    entry: Parameters<InstanceType<typeof packlist.Walker>['onstat']>[0],
    done: () => void,
  ): void {
    const path = join(this.path, entry.entry);
    if (entry.st.isSymbolicLink() && (entry.file || (entry.dir && leadsToFolder(path)))) this.found(path);
    super.onstat(entry, done);
  }

  protected override walker(entry: string, options: object, done: () => void): void {
    new LinkFinder(this.tree as InstalledPackage, this.walkerOpt(entry, options), this.found)
      .on('done', done)
      .start();
  }
}

function leadsToFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function describeLink(folder: string, path: string): FoundLink {
  let leavesPackage = true;
  try {
    leavesPackage = !isWithin(realpathSync(path), folder);
  } catch {
    // A broken link cannot refer to a streamer's file.
  }
  return { path: relative(folder, path).split(sep).join('/'), target: readlinkSync(path), leavesPackage };
}
