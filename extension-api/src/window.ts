import type { Disposable } from './lifecycle.js';

/**
 * A named log of the plugin's own. Its lines appear in Bulkhead's log with the plugin's id and the channel's name.
 * Further arguments are formatted as `console.log` does it.
 */
export interface LogOutputChannel extends Disposable {
  readonly name: string;
  trace(message: string, ...args: unknown[]): void;
  debug(message: string, ...args: unknown[]): void;
  info(message: string, ...args: unknown[]): void;
  warn(message: string, ...args: unknown[]): void;
  error(message: string | Error, ...args: unknown[]): void;
}

/** What the streamer sees and reads. */
export interface Window {
  /**
   * Shows a message to the streamer.
   *
   * @example
   * ```ts
   * const answer = await window.showWarningMessage('The bitrate is falling.', 'Lower it', 'Ignore');
   * if (answer === 'Lower it') await lowerBitrate();
   * ```
   *
   * @param message One or two sentences.
   * @param actions Answers to offer.
   * @returns The action that the streamer chose; `undefined` when none was given or chosen, or when nobody can be
   * asked, as in a terminal. Messages that come faster than a person reads are dropped, and counted in the log.
   */
  showInformationMessage<T extends string>(message: string, ...actions: T[]): Promise<T | undefined>;
  /** Shows a warning; see {@link showInformationMessage}. */
  showWarningMessage<T extends string>(message: string, ...actions: T[]): Promise<T | undefined>;
  /** Shows an error; see {@link showInformationMessage}. */
  showErrorMessage<T extends string>(message: string, ...actions: T[]): Promise<T | undefined>;

  /** Opens a log of the plugin's own. For one log, `context.log` is there already. */
  createOutputChannel(name: string): LogOutputChannel;
}
