import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';

// What plugins ask the streamer, and how clients of the control API answer.

/** A text that a question asks for. */
export interface TextQuestion {
  /** Whether the text must not be shown, stored or logged while it is entered. */
  readonly password?: boolean;
  /** An example, to be shown while nothing has been entered. */
  readonly placeHolder?: string;
  /** What is filled in at first. */
  readonly value?: string;
  /** Fewest characters; 0 if absent. */
  readonly minLength?: number;
  /** Most characters. */
  readonly maxLength: number;
}

/** One of the items that a question asks to pick from. */
export interface PickItem {
  /** Its name. */
  readonly label: string;
  /** More about it, for the same line. */
  readonly description?: string;
  /** More about it, for a line of its own. */
  readonly detail?: string;
  /** Whether it is picked at first, where several may be. */
  readonly picked?: boolean;
}

/** Items that a question asks to pick from. */
export interface PickQuestion {
  /** In the plugin's order. */
  readonly items: readonly PickItem[];
  /** Whether any number of them may be picked, none included. */
  readonly many?: boolean;
}

/** Files that are offered together. */
export interface FileFilter {
  /** Such as `Images`. */
  readonly name: string;
  /** Ends of names, without the dot and in lower case; `*` for all. */
  readonly extensions: readonly string[];
}

/** A file that a question asks for. The plugin may read it from then on, and no other. */
export interface FileQuestion {
  /** Which files fit; all if empty. */
  readonly filters: readonly FileFilter[];
  /** Whether several may be given. */
  readonly many?: boolean;
}

/** A plugin's question to the streamer, until it is answered, dismissed or withdrawn. */
export interface OpenQuestion {
  /** Its number, for `bulkhead answer`. */
  readonly id: number;
  /** The plugin's id. */
  readonly plugin: string;
  /** How urgent the plugin says that it is. */
  readonly severity: 'info' | 'warning' | 'error';
  /** The question. */
  readonly message: string;
  /** The answers to choose from, one line each. Empty if it asks for something else: a text, items or a file. */
  readonly actions: readonly string[];
  /** The text that it asks for. */
  readonly text?: TextQuestion;
  /** The items that it asks to pick from. */
  readonly pick?: PickQuestion;
  /** The file that it asks for. */
  readonly file?: FileQuestion;
  /** Whether the plugin asks for an answer before anything else; a tool may show it in front. */
  readonly modal?: boolean;
  /** When it was asked, ms since 1970. */
  readonly atMs: number;
}

/**
 * An answer: one of the question's actions, the text, the path of the file, or what was picked, by its label or by its place, from 0 on.
 * Several files or items are a list.
 */
export type Answer = string | number | readonly (string | number)[];

/** Most entries of an answer. */
export const MAX_ANSWERS = 500;
/** Most characters of a text, and of a path. */
export const MAX_ANSWER_CHARACTERS = 16 * 1024;

export interface AnswerQuestionParams {
  readonly id: number;
  /** Null dismisses the question. */
  readonly answer: Answer | null;
}

/**
 * Answers a plugin's question. Fails with `question.notFound`, and with `config.invalid` for what does not answer the question: it stays open then.
 */
export namespace AnswerQuestionRequest {
  export const method = 'core/answerQuestion' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<AnswerQuestionParams, null, never, void, void>(method);
}
