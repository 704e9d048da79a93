import type { OutputState } from './broadcast.js';
import type { Event } from './lifecycle.js';

/**
 * One destination of the broadcast, with what was measured of it since the broadcast began.
 *
 * @since 1.1
 */
export interface Output {
  /** The name given by the streamer; `live-server` is the embedded live server. */
  readonly id: string;
  /** Whether it receives the stream. */
  readonly state: OutputState;
  /** How long it has been live in all, ms. */
  readonly liveMs: number;
  /** Frames sent in the last second. */
  readonly fps: number;
  /** Sent in the last second, kbit/s. */
  readonly bitrateKbps: number;
  /** Between the last two keyframes sent, ms; absent before the second. */
  readonly keyframeIntervalMs?: number;
  /** Bytes sent. */
  readonly bytesSent: number;
  /** Video frames sent. */
  readonly framesSent: number;
  /** Video frames that were left out since the server received too slowly, by their kind. */
  readonly dropped: {
    /** B-frames that no other frame refers to. */
    readonly disposable: number;
    /** Frames that others refer to. */
    readonly inter: number;
    /** Keyframes; each stands for a whole GOP. */
    readonly keyframes: number;
  };
  /** Media waiting to be sent, ms. */
  readonly queueMs: number;
  /** From sending until the server has acknowledged, ms; absent where a server does not say. */
  readonly ackDelayMs?: number;
  /** How far it is behind the broadcast, ms; absent where the streamer has set no delay for it. */
  readonly delayMs?: number;
  /** How often it was live again after it had been lost. */
  readonly reconnects: number;
  /** Times of a second or more without anything sent to it, once it had been live. */
  readonly gaps: {
    /** Their number. */
    readonly count: number;
    /** All of them together, ms. */
    readonly totalMs: number;
    /** The longest of them, ms. */
    readonly longestMs: number;
  };
  /** Why it is not live, or loses frames, for the streamer. */
  readonly error?: string;
}

/**
 * The state of an output has changed.
 *
 * @since 1.1
 */
export interface OutputChange {
  /** Of the output. */
  readonly id: string;
  /** Undefined for one that has been added. */
  readonly from: OutputState | undefined;
  /** Undefined for one that has been removed. */
  readonly to: OutputState | undefined;
  /** Why it is not live, for the streamer. */
  readonly error?: string;
}

/**
 * The destinations of the broadcast. Plugins see neither addresses nor keys. Needs the permission `outputs`.
 *
 * Every call fails with an error with the code `permission.denied`; `rpc.busy` for more than 20 at once, or more than 10 a second after that.
 *
 * @since 1.1
 */
export interface Outputs {
  /** In the streamer's order; empty without a broadcast. */
  list(): Promise<readonly Output[]>;
  /**
   * Sends to an output again that is stopped or has failed; does nothing if it is neither. Resolves before it is live.
   *
   * @throws An error with the code `broadcast.state` without a broadcast; `output.notFound`; `config.secretNotFound` if its key is gone.
   */
  start(id: string): Promise<void>;
  /**
   * Ends the stream there in order, for its viewers; the other outputs go on. It stays so in the next broadcast of the show, until it is
   * started. Resolves when it has ended.
   *
   * @throws An error with the code `broadcast.state` without a broadcast; `output.notFound`.
   */
  stop(id: string): Promise<void>;
  /**
   * Fires with each output whose state has changed.
   *
   * @example
   * ```ts
   * outputs.onDidChangeState(({ id, to }) => {
   *   if (to === 'reconnecting') window.showWarningMessage(`${id} was lost`);
   * });
   * ```
   */
  readonly onDidChangeState: Event<OutputChange>;
}
