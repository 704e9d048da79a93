import type { Disposable } from './lifecycle.js';

/**
 * Commands: named functions, which other plugins, Bulkhead's tools and any client of its control API can call. Arguments and
 * results are passed between processes as JSON: text, finite numbers, booleans, null, and lists and plain objects of them.
 * `undefined` is left out of objects, and becomes null in lists. Anything else, such as a `Date`, a `Map` or a function, is
 * refused with an error that names its place: `args[0].when is a Date`.
 */
export interface Commands {
  /**
   * Registers a command.
   *
   * @example
   * ```ts
   * context.subscriptions.push(
   *   commands.registerCommand('my-plugin.greet', (name: string) => `Hello, ${name}!`),
   * );
   * ```
   *
   * @param command Its name. Begin it with the plugin's own name.
   * @param handler Its result, or the value of the promise that it returns, is the command's result. An
   * error that it throws is logged with its stack, and passed to the caller with the plugin's name. It has 30 s, which
   * do not run while a question of the plugin to the streamer is open, and begin again when that has ended.
   * @throws An error if this plugin has already registered the name. If another plugin has, or had before its process was started again,
   * the activation fails; after the activation, the error is logged.
   */
  registerCommand<A extends unknown[]>(command: string, handler: (...args: A) => unknown): Disposable;

  /**
   * Runs a command of this plugin or another one. Commands whose names begin
   * with `bulkhead.` are for the streamer only.
   *
   * @example
   * ```ts
   * const report = await commands.executeCommand<string>('stream-health.report');
   * ```
   *
   * @returns The command's result.
   * @throws An error if there is no such command, if it fails, or if it does not respond in time. Its `code` is `command.notFound`
   * or `plugin.failed`; of an error that the command threw, it has the `name` and the `code`, and that error as its `cause`.
   */
  executeCommand<T = unknown>(command: string, ...args: unknown[]): Promise<T>;

  /** Returns the names of all available commands, sorted. */
  getCommands(): Promise<string[]>;
}
