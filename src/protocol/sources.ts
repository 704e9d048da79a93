import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { NamedSource } from '../config/schema.js';

// The sources that scenes show. They can be changed while the broadcast is on air.

export interface SceneSource {
  readonly id: string;
  /** Its type in the configuration: `file`. */
  readonly type: string;
  /** One printable line, without keys and passwords: `talk.mp4`. */
  readonly name: string;
  /** Id of the source that is shown while this one delivers nothing. */
  readonly fallback?: string;
  /** Whether it is open while no scene on air has it. */
  readonly warm: boolean;
  /** Id of the plugin that has added it. */
  readonly addedBy?: string;
  /** Ids of the scenes that have it. */
  readonly scenes: readonly string[];
}

export interface SourceList {
  readonly sources: readonly SceneSource[];
}

export interface AddSourceParams {
  readonly source: NamedSource;
}

export interface SetSourceParams {
  readonly id: string;
  /**
   * Settings of the source; null goes back to what a setting is by itself, what is absent stays. With another `type`, the settings of the one
   * before go, but for `fallback` and `warm`.
   */
  readonly change: Readonly<Record<string, unknown>>;
}

export interface SourceParams {
  readonly id: string;
}

export interface SourceSnapshot {
  readonly type: 'image/jpeg';
  /** The image, no wider than 640 pixels, in base64. */
  readonly data: string;
}

/**
 * The sources of the broadcast's scenes. Every method fails like those of `SceneManagement`, with `source.notFound` in the place of
 * `scene.notFound`.
 */
export interface SourceManagement {
  list(): Promise<SourceList>;
  add(params: AddSourceParams): Promise<SourceList>;
  /** What is on air of it stays until it delivers with its new settings. */
  set(params: SetSourceParams): Promise<SourceList>;
  /** One that no layer shows. */
  remove(params: SourceParams): Promise<SourceList>;
  /** Opens it anew: a file plays from its beginning. */
  restart(params: SourceParams): Promise<SourceList>;
  /**
   * Plays a file or a list of files that does not loop once, from its beginning, heard whatever is on air. It is no change. Fails with `config.invalid`
   * for other sources.
   */
  play(params: SourceParams): Promise<SourceList>;
  /** What it shows now. Fails with `broadcast.state` while it is not open. */
  snapshot(params: SourceParams): Promise<SourceSnapshot>;
}

export namespace ListSourcesRequest {
  export const method = 'source/list' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, SourceList, never, void, void>(method);
}

export namespace AddSourceRequest {
  export const method = 'source/add' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<AddSourceParams, SourceList, never, void, void>(method);
}

export namespace SetSourceRequest {
  export const method = 'source/set' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SetSourceParams, SourceList, never, void, void>(method);
}

export namespace RemoveSourceRequest {
  export const method = 'source/remove' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SourceParams, SourceList, never, void, void>(method);
}

export namespace RestartSourceRequest {
  export const method = 'source/restart' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SourceParams, SourceList, never, void, void>(method);
}

export namespace PlaySourceRequest {
  export const method = 'source/play' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SourceParams, SourceList, never, void, void>(method);
}

export namespace SnapshotSourceRequest {
  export const method = 'source/snapshot' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SourceParams, SourceSnapshot, never, void, void>(method);
}
