// The used parts of npm-packlist 10, npm's own implementation of packing; types that exist for it depend on npm's installer.
declare module 'npm-packlist' {
  import type { EventEmitter } from 'node:events';
  import type { Stats } from 'node:fs';

  /** A package as used by the walker: a subset of the nodes of npm's installer. */
  export interface PackageNode {
    readonly path: string;
    readonly target: PackageNode;
    readonly isLink: boolean;
    readonly isProjectRoot: boolean;
    readonly package: {
      readonly main?: string;
      readonly browser?: string;
      readonly files?: readonly string[];
      readonly bin?: Readonly<Record<string, string>>;
      readonly bundleDependencies?: readonly string[];
      readonly dependencies?: Readonly<Record<string, string>>;
      readonly optionalDependencies?: Readonly<Record<string, string>>;
    };
    readonly edgesOut: { get(name: string): { readonly to: PackageNode } | undefined };
  }

  /** `file` and `dir`: whether it would be included as a file, or descended into as a folder. */
  interface Entry {
    readonly st: Stats;
    readonly entry: string;
    readonly file: boolean;
    readonly dir: boolean;
  }

  class Walker extends EventEmitter {
    constructor(node: PackageNode, options: object);
    protected readonly tree: PackageNode;
    protected readonly path: string;
    start(): this;
    protected walkerOpt(entry: string, options: object): object;
    protected walker(entry: string, options: object, done: () => void): void;
    protected onstat(entry: Entry, done: () => void): void;
  }

  /** A function with the class as its property. */
  const packlist: { readonly Walker: typeof Walker };
  export default packlist;
}
