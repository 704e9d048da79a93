import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';

// A part of the control API.

/** A command that can be run. */
export interface AvailableCommand {
  readonly command: string;
  /** What it does; absent if the manifest of its plugin does not declare it. */
  readonly title?: string | undefined;
  /** Id of its plugin; absent for those of Bulkhead. */
  readonly plugin?: string | undefined;
  /** The condition under which it can be run; absent if it always can be. */
  readonly enablement?: string | undefined;
  /** Whether that holds now. */
  readonly isEnabled: boolean;
}

/** All commands, sorted by name. */
export namespace ListAvailableCommandsRequest {
  export const method = 'core/listCommands' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<
    Record<string, never>,
    readonly AvailableCommand[],
    never,
    void,
    void
  >(method);
}
