import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';

export interface LiveServerPorts {
  /** TCP port for RTMP on 127.0.0.1; the next free one is taken when it is in use. */
  readonly rtmpPort: number;
  /** TCP port for the viewer page and the stream by HTTP; likewise. */
  readonly httpPort: number;
  /** The address that the viewer page listens on; 127.0.0.1 without it. RTMP is for this machine alone. */
  readonly host?: string;
}

/** By which a key is checked where the key itself is not known. */
export interface KeyHash {
  readonly salt: string;
  /** SHA-256 of the salt's characters and the key's, hex. */
  readonly hash: string;
}

/** One ingest, as the live server is told of it. */
export interface IngestSettings {
  readonly id: string;
  readonly key: KeyHash;
  /** Whether a second publisher takes the first one's place, or is refused. */
  readonly secondPublisher: 'replace' | 'refuse';
  /** A publisher that sends more is cut off, kbit/s. */
  readonly maxBitrateKbps: number;
}

export interface LiveServerStartParams extends LiveServerPorts {
  /** Of the key without which nobody may publish; the key itself stays in the core. */
  readonly publishKey: KeyHash;
  /** Of the token that viewers need as `?token=`; none where only this machine can watch. */
  readonly viewToken?: KeyHash;
  /** Where others may publish. With any, the port for RTMP does not move: one that is in use is an error. */
  readonly ingests: readonly IngestSettings[];
}

export interface LiveServerStartResult {
  /** Where to publish, e.g. `rtmp://127.0.0.1:1935/live/stream`, with `?key=` and the key behind it. */
  readonly publishUrl: string;
  /** The viewer page, e.g. `http://127.0.0.1:8000/`. */
  readonly pageUrl: string;
  /** HTTP-FLV of the stream, e.g. `http://127.0.0.1:8000/live/stream.flv`: the same origin as the page. */
  readonly playUrl: string;
  /** Where to publish to an ingest, without the key, e.g. `rtmp://127.0.0.1:1935/ingest`. */
  readonly ingestUrl: string;
  /** The ports in use, to be asked for again when the process is restarted, so that the page's address stays. */
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
