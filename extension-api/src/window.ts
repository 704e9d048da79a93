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

/** A short text in Bulkhead's status, under the name that the plugin's `package.json` gives it. */
export interface StatusItem extends Disposable {
  readonly id: string;
  /** One line, 200 characters at most; an empty text, as it is at first, hides the item. */
  text: string;
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

  /**
   * Takes one of the status items that the plugin declares in `contributes.statusItems`.
   *
   * @example
   * ```ts
   * const mood = window.createStatusItem('mood');
   * context.subscriptions.push(mood);
   * mood.text = '12 viewers, all happy';
   * ```
   *
   * @param id Its `id` there. When there is no such item, the activation fails.
   */
  createStatusItem(id: string): StatusItem;

  /** Opens a log of the plugin's own. For one log, `context.log` is there already. */
  createOutputChannel(name: string): LogOutputChannel;
}
