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

/** What one peer may cost the core. A plugin that is slowed to this for ten seconds is ended. */
export const TO_CORE_BUDGET = {
  bytesPerSecond: 4 * 1024 * 1024,
  cpuMsPerSecond: 200,
  burstMs: 1000,
  patienceMs: 10_000,
} as const;

/** Bytes of requests that one peer may have the core working on at a time, and that the core keeps for a peer that does not read. */
export const TO_CORE_IN_FLIGHT_BYTES = 4 * 1024 * 1024;
export const FROM_CORE_QUEUED_BYTES = 8 * 1024 * 1024;
