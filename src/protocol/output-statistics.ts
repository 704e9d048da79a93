/** Video frames that an output has left out, by their kind. */
export interface DroppedFrames {
  /** B-frames that no other frame refers to: they are left out first, and hardly anybody sees it. */
  readonly disposable: number;
  /** Frames that others refer to: what follows up to the next keyframe is left out as well. */
  readonly inter: number;
  /** Keyframes: each stands for a whole GOP. */
  readonly keyframes: number;
}

/** Times of a second or more in which nothing was sent to an output, from its first going live to its end. */
export interface SendGaps {
  /** Their number. */
  readonly count: number;
  /** All of them together, ms. */
  readonly totalMs: number;
  /** The longest of them, ms. */
  readonly longestMs: number;
}

/** What an output itself measures and counts. */
export interface SentStatistics {
  /** Video frames that were sent; those included that another session has sent again, since the server may not have had them. */
  readonly framesSent: number;
  /** `droppedFrames` by their kind. */
  readonly dropped: DroppedFrames;
  /** Between the last two keyframes that were sent, ms; absent before the second. */
  readonly keyframeIntervalMs?: number;
  /**
   * From handing data to the system until the server has acknowledged it, ms: the median of the last acknowledgements. It holds the network's
   * round trip, the system's queue and the server's own time. Absent where a server does not acknowledge, and for other protocols than RTMP.
   */
  readonly ackDelayMs?: number;
  /** Times without anything sent. */
  readonly gaps: SendGaps;
}

/** What was measured and counted of an output since the broadcast began, whatever was changed of it. */
export interface OutputStatistics extends SentStatistics {
  /** Frames that were sent in the last second. */
  readonly fps: number;
  /** Bitrate of what was sent in the last second, kbit/s. */
  readonly bitrateKbps: number;
  /** How often it was live again after it had been lost. */
  readonly reconnects: number;
  /** How long it has been live in all, ms. */
  readonly liveMs: number;
}

export const NO_GAPS: SendGaps = { count: 0, totalMs: 0, longestMs: 0 };

export const NOTHING_DROPPED: DroppedFrames = { disposable: 0, inter: 0, keyframes: 0 };

/** Of an output that has sent nothing yet. */
export const NO_OUTPUT_STATISTICS: OutputStatistics = {
  framesSent: 0,
  dropped: NOTHING_DROPPED,
  gaps: NO_GAPS,
  fps: 0,
  bitrateKbps: 0,
  reconnects: 0,
  liveMs: 0,
};
