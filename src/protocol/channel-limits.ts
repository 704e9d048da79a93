/**
 * What the core accepts from any other process, whether a plugin's or its own encoder's (rule: every message is hostile until
 * it has been checked). The senders keep to the same limits, so that an oversized value fails at its origin.
 */
export const TO_CORE_LIMITS = {
  maxBytes: 256 * 1024,
  maxDepth: 64,
  maxElements: 20_000,
} as const;

/** Maximum length of one piece of a text that may not fit in one message: it fits even with each character escaped. */
export const MAX_PIECE_CHARACTERS = 32 * 1024;

const MIB = 1024 * 1024;

/** `RpcConnection` options for the core's end of a channel to any other process. */
export const CORE_END = {
  receive: TO_CORE_LIMITS,
  /** What one peer may cost the core. A plugin that is slowed to this for ten seconds is killed. */
  budget: { bytesPerSecond: 4 * MIB, cpuMsPerSecond: 200, burstMs: 1000, patienceMs: 10_000 },
  /** Each of them costs an error when the peer crashes, all in one turn. */
  maxInFlight: 1024,
  maxInFlightBytes: 4 * MIB,
  /** For a peer that does not read. */
  maxQueuedBytes: 8 * MIB,
} as const;
