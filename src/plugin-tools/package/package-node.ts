import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { PackageNode } from 'npm-packlist';
import { isWithinOrSame } from '../../base/is-within.js';
import * as z from '../../base/zod.js';

const texts = z.record(z.string(), z.string()).optional().catch(undefined);
const list = z.array(z.string()).optional().catch(undefined);

/** The keys of a `package.json` that npm's packing rules use, in all spellings; invalid values count as absent. */
const PackingRules = z
  .object({
    name: z.string().catch(''),
    main: z.string().optional().catch(undefined),
    browser: z.string().optional().catch(undefined),
    files: list,
    bin: z
      .union([z.string(), z.record(z.string(), z.string())])
      .optional()
      .catch(undefined),
    bundleDependencies: z
      .union([z.boolean(), z.array(z.string())])
      .optional()
      .catch(undefined),
    bundledDependencies: z
      .union([z.boolean(), z.array(z.string())])
      .optional()
      .catch(undefined),
    dependencies: texts,
    optionalDependencies: texts,
  })
  .transform((given) => {
    const { name, main, bin, dependencies = {}, bundleDependencies, bundledDependencies, ...rest } = given;
    const bundled = bundleDependencies ?? bundledDependencies ?? [];
    return {
      ...rest,
      ...(main !== undefined && { main: posix.normalize(main) }),
      bin: typeof bin === 'string' ? { [name]: bin } : (bin ?? {}),
      dependencies,
      bundleDependencies: Array.isArray(bundled) ? bundled : bundled ? Object.keys(dependencies) : [],
    };
  });

/** A package on the disk, with its dependencies inside the plugin's folder. */
export class InstalledPackage implements PackageNode {
  readonly package;
  readonly isLink: boolean;
  private readonly nodes: Map<string, InstalledPackage>;
  private readonly root: string;

  /** @param from The package that depends on it; undefined for the plugin itself. */
  constructor(
    readonly path: string,
    from?: InstalledPackage,
  ) {
    this.package = PackingRules.parse(JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')));
    this.root = from?.root ?? path;
    this.isLink = from !== undefined && lstatSync(path).isSymbolicLink();
    this.nodes = from?.nodes ?? new Map();
    this.nodes.set(path, this);
  }

  get isProjectRoot(): boolean {
    return this.path === this.root;
  }

  get target(): PackageNode {
    return this.isLink ? new InstalledPackage(realpathSync(this.path), this) : this;
  }

  get edgesOut(): PackageNode['edgesOut'] {
    return {
      get: (name) => {
        const to = this.find(name);
        return to === undefined ? undefined : { to };
      },
    };
  }

  /** The dependency as Node resolves it, in this package's `node_modules` or in one above it, up to the plugin's. */
  private find(name: string): InstalledPackage | undefined {
    for (let folder = this.path; isWithinOrSame(folder, this.root); folder = dirname(folder)) {
      const path = join(folder, 'node_modules', name);
      const known = this.nodes.get(path);
      if (known !== undefined) return known;
      try {
        return new InstalledPackage(path, this);
      } catch {
        // Not here.
      }
    }
    return undefined;
  }
}
