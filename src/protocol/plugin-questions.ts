import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';
import type { FileQuestion, PickQuestion, TextQuestion } from './questions.js';

// Between `MainThreadQuestions` and `ExtHostQuestions`. Cancelling a request withdraws the question.

/** What every question has. */
export interface PluginQuestion extends FromPlugin {
  /** What is asked for; lines of it. */
  readonly message: string;
  /** How long the answer is waited for, ms; `QUESTION_MS` at most, and if absent. */
  readonly timeoutMs?: number;
}

/** Host → core: asks for a text. Resolves to null if it was dismissed or not answered in time, as all three do. */
export namespace InputBoxRequest {
  export const method = 'window/showInputBox' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<
    PluginQuestion & {
      readonly text: TextQuestion;
      /** Set if the plugin has to check what is entered: a number of the host's, for {@link CheckInputRequest}. */
      readonly check?: number;
    },
    string | null,
    never,
    void,
    void
  >(method);
}

/** Core → host: whether a text is what the plugin asks for. Resolves to what is wrong with it, or to null. */
export namespace CheckInputRequest {
  export const method = 'window/checkInput' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<
    { readonly check: number; readonly text: string },
    string | null,
    never,
    void,
    void
  >(method);
}

/** Host → core: asks to pick from items. Resolves to their places, from 0 on. */
export namespace QuickPickRequest {
  export const method = 'window/showQuickPick' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<
    PluginQuestion & { readonly pick: PickQuestion },
    readonly number[] | null,
    never,
    void,
    void
  >(method);
}

/** A file that the streamer has picked for a plugin, which may read it until it closes it. */
export interface OpenedFile {
  /** Its number, for {@link ReadFileRequest}. */
  readonly file: number;
  /** Without its folder. */
  readonly name: string;
  /** Bytes, when it was picked. */
  readonly size: number;
}

/** Host → core: asks for files. */
export namespace OpenFileRequest {
  export const method = 'window/showOpenFile' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<
    PluginQuestion & { readonly question: FileQuestion },
    readonly OpenedFile[] | null,
    never,
    void,
    void
  >(method);
}

/** Most bytes of one piece of a file. */
export const MAX_FILE_PIECE_BYTES = 96 * 1024;

/** Host → core: resolves to bytes of a file in base64, fewer only at its end. */
export namespace ReadFileRequest {
  export const method = 'window/readFile' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<
    FromPlugin & { readonly file: number; readonly offset: number; readonly length: number },
    string,
    never,
    void,
    void
  >(method);
}

/** Host → core: the plugin reads the file no longer. */
export namespace CloseFileNotification {
  export const method = 'window/closeFile' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<FromPlugin & { readonly file: number }, void>(method);
}
