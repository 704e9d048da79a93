import type { PartRole } from '../../protocol/lifecycle.js';

/** How patient the supervisor is with a part. All times in ms. */
export interface SupervisionLimits {
  /** From the launch to the answer to `initialize`. */
  readonly startDeadlineMs: number;
  readonly heartbeatIntervalMs: number;
  /** Heartbeats missed in a row until the part counts as unresponsive. */
  readonly warnAfterMissed: number;
  /** Heartbeats missed in a row until the part is told to end (SIGTERM). */
  readonly terminateAfterMissed: number;
  /** From SIGTERM to SIGKILL of a part that does not respond; with 0 it is killed at once. */
  readonly terminateGraceMs: number;
  /** Delay of the second restart in a row, which doubles up to the cap; the first is immediate. */
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  /** A part that ran this long is stable: its next restart is immediate again. */
  readonly stableAfterMs: number;
  /** This many crashes within the window put the part into quarantine; Infinity never does. */
  readonly maxCrashes: number;
  readonly crashWindowMs: number;
  /** From a part becoming active to the launch of its warm spare, which would else compete with it for the CPU. */
  readonly spareDelayMs: number;
}

const COMMON: SupervisionLimits = {
  startDeadlineMs: 10_000,
  heartbeatIntervalMs: 1000,
  warnAfterMissed: 2,
  terminateAfterMissed: 5,
  terminateGraceMs: 1000,
  backoffBaseMs: 250,
  backoffCapMs: 30_000,
  stableAfterMs: 10_000,
  maxCrashes: 3,
  crashWindowMs: 5 * 60_000,
  spareDelayMs: 500,
};

/**
 * A stream must come back, whatever it takes: the encoder and the live server are never given up, and their tries
 * are closer together than live servers' patience (SRS: 5 s). Plugins are given up as VS Code does.
 */
const ESSENTIAL: Partial<SupervisionLimits> = {
  backoffCapMs: 3000,
  stableAfterMs: 2000,
  maxCrashes: Number.POSITIVE_INFINITY,
};

const BY_ROLE: Readonly<Record<PartRole, Partial<SupervisionLimits>>> = {
  // Its ffmpeg ends on SIGTERM while it hangs itself: the stream would be off for the time of the grace.
  encoder: { ...ESSENTIAL, terminateGraceMs: 0 },
  'live-server': ESSENTIAL,
  // Plugins have work to do: what blocks for less than 3 s is not worth a word.
  'extension-host': { warnAfterMissed: 3 },
};

/** Delays between restarts are shortened by up to a half at random, so that parts that died together do not start together. */
export const RESTART_JITTER = 0.5;

export function supervisionLimits(
  role: PartRole,
  overrides: Partial<SupervisionLimits> = {},
): SupervisionLimits {
  return { ...COMMON, ...BY_ROLE[role], ...overrides };
}
