import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';

// Between the core and the process that hears of keys wherever the keyboard's input goes.

export interface SetHotkeysParams {
  /** Canonical, such as `ctrl+shift+m`. */
  readonly keys: readonly string[];
}

export interface SetHotkeysResult {
  /** Those that it does not hear of: another program has them, or the keyboard does not. */
  readonly failed: readonly string[];
}

/** Core → hotkeys: the keys to hear of from now on. Fails with `platform.unsupported` where there is no X display. */
export namespace SetHotkeysRequest {
  export const method = 'hotkeys/set' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SetHotkeysParams, SetHotkeysResult, never, void, void>(method);
}

/** Hotkeys → core: one of the keys was pressed. */
export namespace HotkeyPressedNotification {
  export const method = 'hotkeys/didPress' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<{ readonly key: string }, void>(method);
}
