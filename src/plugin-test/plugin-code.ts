import { dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Number of stack frames to inspect: Node's own come first. */
const FRAMES = 30;

/** The folder of this module's build, and that of its source according to the build's source map. */
const HERE = dirname(fileURLToPath(import.meta.url));
const OWN = [HERE, join(HERE, '..', '..', 'src')];

/** Distinguishes the code in a plugin's folder from Bulkhead's and Node's on stacks. */
export class PluginCode {
  private readonly folders: readonly string[];
  private readonly own: readonly string[];

  /** @param folder The plugin's, links resolved. */
  constructor(folder: string) {
    this.folders = bothNames(folder);
    // Bulkhead may be installed in the plugin's folder, and a plugin may be in Bulkhead's, as the samples are.
    this.own = OWN.flatMap(bothNames);
  }

  /**
   * The location in the plugin's code that directly calls `below`, as `at …`; undefined if other code calls
   * it.
   */
  caller(below: (...args: never[]) => unknown): string | undefined {
    const frame = framesBelow(below).find((line) => !line.includes('<anonymous>'));
    return frame !== undefined && this.isPlugins(frame) ? frame : undefined;
  }

  /** The innermost location in the plugin's code on the way to `below`. */
  origin(below: (...args: never[]) => unknown): string | undefined {
    return framesBelow(below).find((frame) => this.isPlugins(frame));
  }

  private isPlugins(frame: string): boolean {
    const isIn = (folder: string) => frame.includes(folder);
    return this.folders.some(isIn) && !this.own.some(isIn);
  }
}

/** A folder as it appears on stacks: as a path, and as a URL. */
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
