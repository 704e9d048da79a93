import type { Disposable } from './lifecycle.js';

/**
 * Commands: functions with a name, which other plugins, Bulkhead's tools and any client of its control API can call. Arguments and results travel between processes as JSON.
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
   * @param handler What it does. Its result, or what the promise that it returns resolves to, is the command's result.
   * An error it throws reaches the caller with the plugin's name. It has 30 s.
   * @throws An error when this plugin has already registered the name. When another plugin has, the activation fails;
   * after the activation, the error is reported in the log.
   */
  registerCommand<A extends unknown[]>(command: string, handler: (...args: A) => unknown): Disposable;

  /**
   * Runs a command of this plugin or another one. Those whose names begin with `bulkhead.` are the streamer's own, and
   * refuse plugins.
   *
   * @example
   * ```ts
   * const report = await commands.executeCommand<string>('stream-health.report');
   * ```
   *
   * @returns What the command returns.
   * @throws An error when there is no such command, when it fails, and when it does not respond in time.
   */
  executeCommand<T = unknown>(command: string, ...args: unknown[]): Promise<T>;

  /** Names of all commands there are, sorted. */
  getCommands(): Promise<string[]>;
}
