import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';

// A part of the control API: keys that run commands.

/** What is expected when a key is pressed. */
export interface KeybindingInfo {
  /** With modifiers in the order ctrl, shift, alt, meta, as in `ctrl+shift+m`; `meta` is cmd on macOS and win on Windows. */
  readonly key: string;
  readonly command: string;
  /** What the command does; absent where nothing says it. */
  readonly title?: string | undefined;
  readonly args: readonly unknown[];
  /** The condition under which the key runs it. */
  readonly when?: string | undefined;
  /** Id of the plugin that declares it; absent for those of the configuration. */
  readonly plugin?: string | undefined;
  /** Whether there is such a command. */
  readonly exists: boolean;
  /** Whether pressing the key now runs this one. */
  readonly applies: boolean;
  /** The command of the same key that always runs in its place, and the plugin that declares that, if any. */
  readonly shadowedBy?: { readonly command: string; readonly plugin?: string | undefined };
}

export interface KeybindingList {
  /** In the order in which they are tried. */
  readonly keybindings: readonly KeybindingInfo[];
}

export interface PressKeyParams {
  /** In any order and case: `Shift+Ctrl+M`. */
  readonly key: string;
}

export interface PressedKey {
  readonly key: string;
  readonly command: string;
  /** Of the command. */
  readonly result: unknown;
}

/** A value that conditions can ask for. */
export interface ContextKey {
  readonly key: string;
  readonly value: string | number | boolean | readonly (string | number)[];
  /** Id of the plugin that has set it; absent for Bulkhead's own. */
  readonly plugin?: string | undefined;
}

export interface KeyManagement {
  list(): Promise<KeybindingList>;
  /** Runs the command of a key. Fails with `key.notBound`, `config.invalid` for what is no key, and with the errors of commands. */
  press(params: PressKeyParams): Promise<PressedKey>;
  /** What conditions can ask for now, sorted. */
  context(): Promise<readonly ContextKey[]>;
}

export namespace ListKeybindingsRequest {
  export const method = 'key/list' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, KeybindingList, never, void, void>(
    method,
  );
}

export namespace PressKeyRequest {
  export const method = 'key/press' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<PressKeyParams, PressedKey, never, void, void>(method);
}

export namespace ListContextRequest {
  export const method = 'key/context' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<
    Record<string, never>,
    readonly ContextKey[],
    never,
    void,
    void
  >(method);
}
