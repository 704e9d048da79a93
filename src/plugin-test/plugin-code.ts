import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../core/processes/entry-points.js';

/** Frames of a stack that are looked at: Node's own come first. */
const FRAMES = 30;

/** Tells the code in a plugin's folder from Bulkhead's and Node's, on stacks. */
export class PluginCode {
  private readonly folders: readonly string[];
  private readonly own: readonly string[];

  /** @param folder The plugin's, links resolved. */
  constructor(folder: string) {
    this.folders = bothNames(folder);
    // A plugin may lie within Bulkhead's folder, as the samples do.
    this.own = ['src', 'dist'].flatMap((name) => bothNames(join(packageRoot(), name)));
  }

  /** The place in the plugin's code that calls `below`, as `at …`; undefined where something else calls it. */
  caller(below: (...args: never[]) => unknown): string | undefined {
    const frame = framesBelow(below).find((line) => !line.includes('<anonymous>'));
    return frame !== undefined && this.isPlugins(frame) ? frame : undefined;
  }

  /** The innermost place in the plugin's code on the way to `below`. */
  origin(below: (...args: never[]) => unknown): string | undefined {
    return framesBelow(below).find((frame) => this.isPlugins(frame));
  }

  private isPlugins(frame: string): boolean {
    const isIn = (folder: string) => frame.includes(folder);
    return this.folders.some(isIn) && !this.own.some(isIn);
  }
}

/** How stacks name what is in a folder: by paths, and by addresses. */
function bothNames(folder: string): string[] {
  return [folder + sep, `${pathToFileURL(folder).href}/`];
}

function framesBelow(below: (...args: never[]) => unknown): string[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  const here: { stack?: string } = {};
  Error.captureStackTrace(here, below);
  Error.stackTraceLimit = stackTraceLimit;
  return (here.stack ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
}
