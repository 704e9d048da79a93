import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';

export interface LiveServerPorts {
  /** TCP port for RTMP; if it is in use, the next free one is taken. */
  readonly rtmpPort: number;
  /** TCP port for the viewer page and the stream over HTTP; if it is in use, the next free one is taken. */
  readonly httpPort: number;
  /** The address that the viewer page listens on; 127.0.0.1 if undefined. */
  readonly host?: string;
  /** The address that RTMP listens on; 127.0.0.1 if undefined. */
  readonly rtmpHost?: string;
}

/** Used to check a key without knowing the key itself. */
export interface KeyHash {
  readonly salt: string;
  /** SHA-256 of the salt's characters followed by the key's, hex. */
  readonly hash: string;
}

/** RTMP application from which what is published to an ingest is played. */
export const INGEST_PLAY_APP = 'ingest-play';

/** One ingest's settings, as sent to the live server. */
export interface IngestSettings {
  readonly id: string;
  readonly key: KeyHash;
  /** Whether a second publisher replaces the first one or is refused. */
  readonly secondPublisher: 'replace' | 'refuse';
  /** A publisher that sends more is disconnected, kbit/s. */
  readonly maxBitrateKbps: number;
  /** Whether this machine's programs, such as the encoder, may play it from {@link INGEST_PLAY_APP} by its id. */
  readonly decoded: boolean;
}

export interface LiveServerStartParams extends LiveServerPorts {
  /** Hash of the key required to publish; the key itself stays in the core. */
  readonly publishKey: KeyHash;
  /** Hash of the token that viewers need as `?token=`; undefined if only this machine can watch. */
  readonly viewToken?: KeyHash;
  /** Where others may publish. If there are any, the RTMP port is fixed: if it is in use, that is an error. */
  readonly ingests: readonly IngestSettings[];
}

export interface LiveServerStartResult {
  /** Where to publish, e.g. `rtmp://127.0.0.1:1935/live/stream`, including `?key=` and the key. */
  readonly publishUrl: string;
  /** The viewer page, e.g. `http://127.0.0.1:8000/`. */
  readonly pageUrl: string;
  /** HTTP-FLV of the stream, e.g. `http://127.0.0.1:8000/live/stream.flv`: same origin as the page. */
  readonly playUrl: string;
  /** Where to publish to an ingest, without the key, e.g. `rtmp://127.0.0.1:1935/ingest`. */
  readonly ingestUrl: string;
  /**
   * The ports in use, to be requested again when the process is restarted, so that the page's address stays the
   * same.
   */
  readonly rtmpPort: number;
  readonly httpPort: number;
}

export namespace LiveServerStartRequest {
  export const method = 'liveServer/start' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<
    LiveServerStartParams,
    LiveServerStartResult,
    never,
    void,
    void
  >(method);
}
