import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { EncodeSettings } from '../config/schema.js';
import type { ErrorData } from './errors.js';

/**
 * The encoder's part of the protocol (patent: the main control process controls the encoding process through the
 * encoding stub). One encoder part runs ffmpeg once: an epoch. The encoded FLV never comes this way; it leaves on a
 * connection to the core's media socket.
 */

/**
 * Where a run's media goes. Whoever has it to send connects to `path` and sends `token` and a newline; the core answers with
 * {@link MEDIA_ACCEPTED} and a newline, and from there on takes FLV. One connection is taken for each token, whose end is the run's.
 */
export interface MediaAddress {
  /** A Unix socket, or a named pipe on Windows. */
  readonly path: string;
  /** 64 hexadecimal digits. */
  readonly token: string;
}

export const MEDIA_ACCEPTED = 'accepted';

export interface EncoderStartParams {
  readonly settings: EncodeSettings;
  readonly media: MediaAddress;
  /** An explicit path to ffmpeg from the configuration; the resolver's order applies without it. */
  readonly ffmpegPath?: string;
}

export interface EncoderStartResult {
  readonly ffmpegPid: number;
  readonly ffmpegPath: string;
  readonly ffmpegVersion: string;
}

/**
 * Has ffmpeg loaded and waiting with these settings, no input opened yet, for an `encoder/start` with the same ones that
 * may come at any time. Fails as that does.
 */
export namespace EncoderPrepareRequest {
  export const method = 'encoder/prepare' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<EncoderStartParams, null, never, void, void>(method);
}

/** Has ffmpeg encode. Fails with a typed error (`ffmpeg.notFound`, `encoder.unknown`, `input.notFound` …) when it cannot. */
export namespace EncoderStartRequest {
  export const method = 'encoder/start' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<EncoderStartParams, EncoderStartResult, never, void, void>(
    method,
  );
}

/** Ends ffmpeg in order: the last GOP is flushed and the media ends. Resolves once ffmpeg has exited. */
export namespace EncoderStopRequest {
  export const method = 'encoder/stop' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, null, never, void, void>(method);
}

/** A live command for one of ffmpeg's filters, as its stdin takes them: `c<target> <time> <command> <argument>`. */
export interface EncoderCommandParams {
  /** Filter instance, e.g. `volume@main`. */
  readonly target: string;
  readonly command: string;
  readonly argument: string;
}

export namespace EncoderCommandRequest {
  export const method = 'encoder/command' as const;
  export const messageDirection = MessageDirection.clientToServer;
  /** Answers with ffmpeg's reply code, 0 when the filter took the command. */
  export const type = new ProtocolRequestType<
    EncoderCommandParams,
    { readonly code: number },
    never,
    void,
    void
  >(method);
}

/** What ffmpeg's `-progress` reports, about once a second. */
export interface EncoderProgress {
  readonly frames: number;
  readonly fps: number;
  /** kbit/s, averaged by ffmpeg over the run. */
  readonly bitrateKbps: number;
  readonly duplicatedFrames: number;
  readonly droppedFrames: number;
  /** Encoding speed as a multiple of real time. */
  readonly speed: number;
}

export namespace EncoderProgressNotification {
  export const method = 'encoder/progress' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<EncoderProgress, void>(method);
}

/** ffmpeg has ended. `error` says why in a streamer's words when it was not asked to and the input had not ended. */
export interface EncoderExited {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** True when the input came to its end (a file played once) or a stop was asked for. */
  readonly finished: boolean;
  readonly error?: ErrorData;
}

export namespace EncoderExitedNotification {
  export const method = 'encoder/exited' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<EncoderExited, void>(method);
}
