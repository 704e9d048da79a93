import type { CancellationToken, Disposable } from './lifecycle.js';
import type {
  InputBoxOptions,
  OpenFileOptions,
  PickedFile,
  QuickPickItem,
  QuickPickOptions,
} from './questions.js';

/**
 * A named log of the plugin. Its lines appear in Bulkhead's log with the plugin's id and the channel's name. Further
 * arguments are formatted like those of `console.log`.
 */
export interface LogOutputChannel extends Disposable {
  /** What its lines are marked with. */
  readonly name: string;
  /** Logs the finest detail. Not logged unless the streamer wants it. */
  trace(message: string, ...args: unknown[]): void;
  /** Logs what helps to find mistakes. */
  debug(message: string, ...args: unknown[]): void;
  /** Logs what happens. */
  info(message: string, ...args: unknown[]): void;
  /** Logs what is not as it should be. */
  warn(message: string, ...args: unknown[]): void;
  /** Logs what has failed; an `Error` with its stack. */
  error(message: string | Error, ...args: unknown[]): void;
}

/** A short text in Bulkhead's status, with the name given in the plugin's `package.json`. */
export interface StatusItem extends Disposable {
  /** As in `contributes.statusItems`. */
  readonly id: string;
  /** One line, 200 characters at most; an empty text, the initial value, hides the item. */
  text: string;
}

/** Options of a message; others are ignored. */
export interface MessageOptions {
  /** More text, shown below the message. */
  readonly detail?: string;
  /** Whether a question is to be answered before anything else: the status says so, for tools that can show it in front. */
  readonly modal?: boolean;
  /** How long the answer to a question is waited for, ms: above 0; 600,000 (ten minutes) at most, and by default. */
  readonly timeoutMs?: number;
}

/** Options of {@link Window.withProgress}. */
export interface ProgressOptions {
  /** What is being done, one line. */
  readonly title: string;
  /** Whether the streamer can cancel it; false by default. */
  readonly cancellable?: boolean;
}

/** Reports the progress of a task. */
export interface Progress {
  /**
   * Says how far the task is.
   *
   * @param value `message`: the current step, one line. `increment`: percentage done since the last report; increments add
   * up.
   */
  report(value: { readonly message?: string; readonly increment?: number }): void;
}

/** What a context key can be; in lists, `in` of a condition finds one. */
export type ContextValue = string | number | boolean | readonly (string | number)[];

/** Messages, questions, logs, status items and progress for the streamer. */
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
   * or dismisses it. It is dismissed after ten minutes, or after the option `timeoutMs`. A plugin can have five open questions. Do not wait
   * for an answer in `activate`, which has 10 s.
   *
   * @param message One or two sentences.
   * @param actions Answers to offer: ten at most, of one line and 100 characters at most.
   * @returns The action that the streamer chose; `undefined` if none was given or chosen. Messages that
   * come faster than a person can read are dropped, and their number is logged.
   * @throws TypeError for an action that is not text, or an option of another type.
   */
  showInformationMessage<T extends string>(message: string, ...actions: T[]): Promise<T | undefined>;
  /** Shows a message with options, which precede the actions. */
  showInformationMessage<T extends string>(
    message: string,
    options: MessageOptions,
    ...actions: T[]
  ): Promise<T | undefined>;
  /** Shows a warning; see {@link showInformationMessage}. */
  showWarningMessage<T extends string>(message: string, ...actions: T[]): Promise<T | undefined>;
  /** Shows a warning with options, which precede the actions. */
  showWarningMessage<T extends string>(
    message: string,
    options: MessageOptions,
    ...actions: T[]
  ): Promise<T | undefined>;
  /** Shows an error; see {@link showInformationMessage}. */
  showErrorMessage<T extends string>(message: string, ...actions: T[]): Promise<T | undefined>;
  /** Shows an error with options, which precede the actions. */
  showErrorMessage<T extends string>(
    message: string,
    options: MessageOptions,
    ...actions: T[]
  ): Promise<T | undefined>;

  /**
   * Asks the streamer for a text.
   *
   * @example
   * ```ts
   * const channel = await window.showInputBox({
   *   title: 'Which channel do you stream to?',
   *   pattern: /^\w{4,25}$/,
   *   patternErrorMessage: 'A name has 4 to 25 letters, digits and underscores.',
   * });
   * if (channel !== undefined) await configuration.update('channel', channel);
   * ```
   *
   * The streamer answers by `bulkhead answer`, or another tool. What does not fit is refused with its reason, and the question stays open. It
   * counts among the five that a plugin can have open.
   *
   * @param token Withdraws the question.
   * @returns The text; `undefined` if the question was dismissed, withdrawn, or not answered in time.
   * @throws TypeError for an option of another type; an error with the code `rpc.busy` if the plugin asks too much at once.
   */
  showInputBox(options?: InputBoxOptions, token?: CancellationToken): Promise<string | undefined>;

  /**
   * Asks the streamer to pick some of these items; see {@link showInputBox} for how it is answered.
   *
   * @example
   * ```ts
   * const picked = await window.showQuickPick(
   *   [{ label: 'Today', description: '3 clips' }, { label: 'This week', description: '17 clips' }],
   *   { title: 'Which clips shall be uploaded?', canPickMany: true },
   * );
   * ```
   *
   * @param items 500 at most; all that they say has at most 16,384 characters.
   * @returns The items that were picked, in their order; `undefined` if the question was dismissed, withdrawn, or not answered in time.
   * @throws Like {@link showInputBox}.
   */
  showQuickPick<T extends string | QuickPickItem>(
    items: readonly T[] | PromiseLike<readonly T[]>,
    options: QuickPickOptions & { readonly canPickMany: true },
    token?: CancellationToken,
  ): Promise<T[] | undefined>;
  /**
   * Asks the streamer to pick one of these items.
   *
   * @returns The item; `undefined` if the question was dismissed, withdrawn, or not answered in time.
   */
  showQuickPick<T extends string | QuickPickItem>(
    items: readonly T[] | PromiseLike<readonly T[]>,
    options?: QuickPickOptions,
    token?: CancellationToken,
  ): Promise<T | undefined>;

  /**
   * Asks the streamer for files, which the plugin may read from then on; see {@link showInputBox} for how it is answered.
   *
   * @returns The files; `undefined` if the question was dismissed, withdrawn, or not answered in time.
   * @throws Like {@link showInputBox}.
   */
  showOpenFile(
    options: OpenFileOptions & { readonly canSelectMany: true },
    token?: CancellationToken,
  ): Promise<PickedFile[] | undefined>;
  /**
   * Asks the streamer for one file.
   *
   * @example
   * ```ts
   * const file = await window.showOpenFile({ title: 'The names of your moderators', filters: { Text: ['txt'] } });
   * const names = (await file?.readText())?.split('\n') ?? [];
   * file?.dispose();
   * ```
   *
   * @returns The file; `undefined` if the question was dismissed, withdrawn, or not answered in time.
   */
  showOpenFile(options?: OpenFileOptions, token?: CancellationToken): Promise<PickedFile | undefined>;

  /**
   * Shows a task's progress until it is done: in `bulkhead live` and in the status. If it is
   * cancellable the streamer can cancel it. A plugin can show ten tasks at once.
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
   * @param task The task. Its token is cancelled when the streamer cancels it, and when the plugin is deactivated.
   * @returns The result of the task.
   * @throws Errors of the task.
   */
  withProgress<R>(
    options: ProgressOptions,
    task: (progress: Progress, token: CancellationToken) => R | PromiseLike<R>,
  ): Promise<R>;

  /**
   * Creates one of the status items that the plugin declares in `contributes.statusItems`.
   *
   * @example
   * ```ts
   * const mood = window.createStatusItem('mood');
   * context.subscriptions.push(mood);
   * mood.text = '12 viewers, all happy';
   * ```
   *
   * @param id Its `id` there. If there is no such item, the activation fails.
   */
  createStatusItem(id: string): StatusItem;

  /**
   * Sets a context key of the plugin, which conditions of keybindings (`when`) and of commands (`enablement`) can ask for. It is gone when the plugin's
   * process ends.
   *
   * @example
   * ```ts
   * await window.setContext('my-plugin.mode', 'quiz');
   * // "enablement": "my-plugin.mode == quiz"
   * ```
   *
   * @param key It begins with the plugin's own name, or with its id: 200 letters, digits, `.`, `-` and `_` at most. A plugin can have 100.
   * @param value One line of 200 characters at most, or a list of 100 of these; `undefined` removes the key.
   * @throws BulkheadError `plugin.invalid` for a name that it cannot have, or that another plugin has taken; `rpc.busy` for more than 100 at once and 30 a
   * second after that.
   */
  setContext(key: string, value: ContextValue | undefined): Promise<void>;

  /** Creates another log of the plugin. For a single log, use `context.log`. */
  createOutputChannel(name: string): LogOutputChannel;
}
