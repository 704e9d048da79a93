import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { ErrorData } from './errors.js';

// A relay process takes one output's stream to its destination, by a protocol that the core does not speak itself. Its media, FLV,
// comes on a descriptor of its own; the first line there holds what may be secret.

/** The name of a playlist of HLS in its folder. */
export const PLAYLIST = 'stream.m3u8';

interface Segments {
  /** Shortest length of a segment, which ends at a keyframe. */
  readonly segmentSeconds: number;
  /** Number of segments in the playlist. */
  readonly playlistSegments: number;
}

/** Where to by ffmpeg, without what may be secret. */
export type FfmpegTarget =
  | {
      readonly kind: 'srt';
      readonly host: string;
      readonly port: number;
      readonly mode: 'caller' | 'listener';
      readonly latencyMs: number;
    }
  | {
      readonly kind: 'rist';
      readonly host: string;
      readonly port: number;
      readonly profile: 'simple' | 'main';
      readonly bufferMs: number;
    }
  | {
      readonly kind: 'udp';
      readonly host: string;
      readonly port: number;
      readonly ttl?: number | undefined;
    }
  | ({ readonly kind: 'hls'; readonly folder: string } & Segments)
  | ({
      readonly kind: 'hls-push';
      /** Where segments are on their way: a folder that the relay makes, and another relay of the same output goes on with. */
      readonly folder: string;
      /** Host and port, for messages. */
      readonly server: string;
      /** PEM file of an authority to trust besides the system's. */
      readonly tlsCaFile?: string | undefined;
    } & Segments);

export type FfmpegTargetKind = FfmpegTarget['kind'];

/** WebRTC, which ffmpeg does not send. */
export interface WhipTarget {
  readonly kind: 'whip';
  /** Host and port, for messages. */
  readonly server: string;
  /** PEM file of an authority to trust besides the system's. */
  readonly tlsCaFile?: string | undefined;
}

/** What sends to that; it may not be installed. */
export const WEB_RTC_PACKAGE = 'node-datachannel';

export type RelayTarget = FfmpegTarget | WhipTarget;

/** What may be secret. It is in no message: see `relaySecretsLine`. */
export interface RelaySecrets {
  /** Of SRT and RIST. */
  readonly passphrase?: string | undefined;
  /** Of SRT. */
  readonly streamId?: string | undefined;
  /** Address of the playlist to upload, or of the endpoint of WHIP. */
  readonly url?: string | undefined;
  /** For HTTP. */
  readonly authorization?: string | undefined;
}

/** Longest line of secrets, bytes. */
export const MAX_RELAY_SECRETS = 64 * 1024;

/** The first line on the media descriptor, which precedes the FLV. */
export function relaySecretsLine(secrets: RelaySecrets): string {
  return `${Buffer.from(JSON.stringify(secrets)).toString('base64')}\n`;
}

/** @throws SyntaxError */
export function parseRelaySecrets(line: string): RelaySecrets {
  return JSON.parse(Buffer.from(line, 'base64').toString()) as RelaySecrets;
}

export interface RelayStartParams {
  /** The ffmpeg of the configuration; else one is found. */
  readonly ffmpegPath?: string | undefined;
  readonly target: RelayTarget;
  /** Such as `h264`. */
  readonly videoCodec: string;
}

export interface RelayStarted {
  /** 0 if there is none. */
  readonly ffmpegPid: number;
}

/** Sent once. The media may follow the answer. Rejects with the reason why the target cannot be relayed to. */
export namespace RelayStartRequest {
  export const method = 'relay/start' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<RelayStartParams, RelayStarted, never, void, void>(method);
}

/** The media that comes now is the last: what is kept of it should say that the stream has ended. */
export namespace RelayFinishNotification {
  export const method = 'relay/finish' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<Record<string, never>, void>(method);
}

/** The destination is connected to: from now on, media reaches it. */
export namespace RelayOpenedNotification {
  export const method = 'relay/opened' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<Record<string, never>, void>(method);
}

export interface RelayProgress {
  /** Whether the destination has got any media, as far as the protocol tells. */
  readonly delivered: boolean;
  /** How long a packet and its answer take, ms, as far as the protocol tells. */
  readonly roundTripMs?: number | undefined;
}

/** Twice a second, while media is taken. */
export namespace RelayProgressNotification {
  export const method = 'relay/progress' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<RelayProgress, void>(method);
}

/** All is sent, or no more can be. */
export interface RelayEnded {
  /** Undefined if it has ended since its media has. */
  readonly error?: ErrorData | undefined;
}

export namespace RelayEndedNotification {
  export const method = 'relay/ended' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<RelayEnded, void>(method);
}
