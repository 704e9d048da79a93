import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';
import type { ChapterParams, RecordingStatus, StartRecordingParams } from './recording.js';

// Between `MainThreadRecording` and `ExtHostRecording`. All requests fail like those of `RecordingManagement`, and with `permission.denied` and
// `rpc.busy`.

const { clientToServer, serverToClient } = MessageDirection;

/** What plugins see of a recording. */
export interface PluginRecordingStatus
  extends Pick<
    RecordingStatus,
    'state' | 'file' | 'format' | 'files' | 'recordedMs' | 'writtenBytes' | 'lostMs'
  > {
  readonly error?: string;
}

/** Host → core. */
export namespace PluginAsksRecordingRequest {
  export const method = 'recordings/status' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, PluginRecordingStatus | null, never, void, void>(
    method,
  );
}

export namespace PluginStartsRecordingRequest {
  export const method = 'recordings/start' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & StartRecordingParams, null, never, void, void>(
    method,
  );
}

export type RecordingStep = 'stop' | 'pause' | 'resume' | 'split';

/** What needs no settings. */
export namespace PluginChangesRecordingRequest {
  export const method = 'recordings/change' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<
    FromPlugin & { readonly step: RecordingStep },
    null,
    never,
    void,
    void
  >(method);
}

export namespace PluginAddsChapterRequest {
  export const method = 'recordings/chapter' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin & ChapterParams, null, never, void, void>(method);
}

/** Host → core: from now on the host gets {@link RecordingChangedNotification}. */
export namespace FollowRecordingRequest {
  export const method = 'recordings/follow' as const;
  export const messageDirection = serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, null, never, void, void>(method);
}

/** Core → host: its state, its file or its error has changed. */
export namespace RecordingChangedNotification {
  export const method = 'recordings/didChange' as const;
  export const messageDirection = clientToServer;
  export const type = new ProtocolNotificationType<PluginRecordingStatus, void>(method);
}
