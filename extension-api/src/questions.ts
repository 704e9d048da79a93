import type { Disposable } from './lifecycle.js';

/** What all questions to the streamer can say. */
export interface QuestionOptions {
  /** What is asked for. */
  readonly title?: string;
  /** How long the answer is waited for, ms: above 0; 600,000 (ten minutes) at most, and by default. */
  readonly timeoutMs?: number;
}

/** Options of {@link Window.showInputBox}. */
export interface InputBoxOptions extends QuestionOptions {
  /** More about what is asked for, below the title. */
  readonly prompt?: string;
  /** An example, one line: `Name of the channel`. */
  readonly placeHolder?: string;
  /** What is filled in at first; of a password nothing is. */
  readonly value?: string;
  /**
   * Whether the text is a secret: it is not shown while it is entered, not accepted as an argument of a command, and never logged. Store
   * it in `context.secrets`, if at all.
   */
  readonly password?: boolean;
  /** Fewest characters; 0 by default. */
  readonly minLength?: number;
  /** Most characters; 16,384 at most, and by default. */
  readonly maxLength?: number;
  /** What the text has to match, anywhere in it: begin with `^` and end with `$` for the whole text. */
  readonly pattern?: string | RegExp;
  /** What is said of a text that does not match; by default what the pattern is. */
  readonly patternErrorMessage?: string;
  /**
   * Called with each text that the streamer enters and that fits so far. It has 5 s.
   *
   * @returns What is wrong with it, one line: the question stays open then. Undefined, null or an empty text if nothing is.
   */
  readonly validateInput?: (
    value: string,
  ) => string | undefined | null | PromiseLike<string | undefined | null>;
}

/** An item to pick from. */
export interface QuickPickItem {
  /** Its name, one line. */
  readonly label: string;
  /** More about it, on the same line. */
  readonly description?: string;
  /** More about it, on a line of its own. */
  readonly detail?: string;
  /** Whether it is picked at first, where several may be; false by default. */
  readonly picked?: boolean;
}

/** Options of {@link Window.showQuickPick}. */
export interface QuickPickOptions extends QuestionOptions {
  /** What to pick, one line; shown below the title. */
  readonly placeHolder?: string;
  /** Whether any number of items may be picked, none included; false by default: exactly one. */
  readonly canPickMany?: boolean;
}

/** Options of {@link Window.showOpenFile}. */
export interface OpenFileOptions extends QuestionOptions {
  /** Which files fit, by the end of their names, without the dot: `{ Images: ['png', 'jpg'] }`; all by default. */
  readonly filters?: Readonly<Record<string, readonly string[]>>;
  /** Whether several files may be given; false by default. */
  readonly canSelectMany?: boolean;
}

/**
 * A file that the streamer has picked. The plugin may read this file and no other, also with the isolation `strict`, until it disposes of
 * it or ends.
 */
export interface PickedFile extends Disposable {
  /** Its name, without its folder, which the plugin is not told. */
  readonly name: string;
  /** Its size when it was picked, bytes. */
  readonly size: number;
  /**
   * Reads bytes of it. Bulkhead reads 8 MB a second for a plugin; of a large file, read the part that you need.
   *
   * @param offset Where to begin, bytes; 0 by default.
   * @param length How many bytes; up to the end of the file by default.
   * @returns These bytes; fewer if the file ends before.
   * @throws An error with the code `storage.failed` if it cannot be read, or has been disposed of.
   */
  read(offset?: number, length?: number): Promise<Uint8Array>;
  /** Reads all of it, as UTF-8. @throws Like {@link read}. */
  readText(): Promise<string>;
}
