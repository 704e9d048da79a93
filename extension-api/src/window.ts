import type { CancellationToken, Disposable } from './lifecycle.js';

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

/** What a progress shows. */
export interface ProgressOptions {
  /** What is being done, one line. */
  readonly title: string;
  /** Whether the streamer may ask it to stop; false by default. */
  readonly cancellable?: boolean;
}

/** Tells how far something has come. */
export interface Progress {
  /**
   * @param value `message`: what it is at, one line. `increment`: how much more is done, in percent; they add up.
   */
  report(value: { readonly message?: string; readonly increment?: number }): void;
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
   * With actions it is a question, which stays open until the streamer answers it, by `bulkhead answer` or another tool,
   * or dismisses it. It is given up after ten minutes. A plugin can have five open. Do not wait for an answer in `activate`,
   * which has 10 s.
   *
   * @param message One or two sentences.
   * @param actions Answers to offer: ten at most, of one line and 100 characters at most.
   * @returns The action that the streamer chose; `undefined` when none was given or chosen. Messages that come faster than
   * a person reads are dropped, and counted in the log.
   */
  showInformationMessage<T extends string>(message: string, ...actions: T[]): Promise<T | undefined>;
  /** Shows a warning; see {@link showInformationMessage}. */
  showWarningMessage<T extends string>(message: string, ...actions: T[]): Promise<T | undefined>;
  /** Shows an error; see {@link showInformationMessage}. */
  showErrorMessage<T extends string>(message: string, ...actions: T[]): Promise<T | undefined>;

  /**
   * Shows that something takes its time, until the task is done: in `bulkhead live` and in the status. Where it is
   * cancellable the streamer can ask it to stop. A plugin can show ten at once.
   *
   * @example
   * ```ts
   * await window.withProgress({ title: 'Uploading highlights', cancellable: true }, async (progress, token) => {
   *   for (const clip of clips) {
   *     if (token.isCancellationRequested) return;
   *     progress.report({ message: clip.name });
   *     await upload(clip);
   *     progress.report({ increment: 100 / clips.length });
   *   }
   * });
   * ```
   *
   * @param task What is done. Its token is cancelled when the streamer asks for it, and when the plugin is deactivated.
   * @returns What the task returns.
   * @throws What the task throws.
   */
  withProgress<R>(
    options: ProgressOptions,
    task: (progress: Progress, token: CancellationToken) => R | PromiseLike<R>,
  ): Promise<R>;

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
