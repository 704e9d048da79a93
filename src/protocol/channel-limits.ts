/**
 * What the core takes from any other process, be it a plugin's or its own encoder's (rule: every message is hostile until it has
 * been checked). Whoever sends to the core keeps to it, so that an oversized value fails where it comes from.
 */
export const TO_CORE_LIMITS = {
  maxBytes: 256 * 1024,
  maxDepth: 64,
  maxElements: 20_000,
} as const;

/** Longest piece of text that a value is cut into which may not fit in one message: with each character escaped it still does. */
export const MAX_PIECE_CHARACTERS = 32 * 1024;

const MIB = 1024 * 1024;

/** The core's end of a channel to any other process: what `RpcConnection` takes. */
export const CORE_END = {
  receive: TO_CORE_LIMITS,
  /** What one peer may cost the core. A plugin that is slowed to this for ten seconds is ended. */
  budget: { bytesPerSecond: 4 * MIB, cpuMsPerSecond: 200, burstMs: 1000, patienceMs: 10_000 },
  /** Each of them costs an error when the peer dies, all in one turn. */
  maxInFlight: 1024,
  maxInFlightBytes: 4 * MIB,
  /** For a peer that does not read. */
  maxQueuedBytes: 8 * MIB,
} as const;
