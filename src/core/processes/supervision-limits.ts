import type { PartRole } from '../../protocol/lifecycle.js';

/** Timeouts and thresholds of supervision. All times in ms. */
export interface SupervisionLimits {
  /** From the launch to the answer to `initialize`. */
  readonly startDeadlineMs: number;
  readonly heartbeatIntervalMs: number;
  /** Consecutive missed heartbeats until the part counts as unresponsive. */
  readonly warnAfterMissed: number;
  /** Consecutive missed heartbeats until the part is sent SIGTERM. */
  readonly terminateAfterMissed: number;
  /** Consecutive heartbeats that do not count as missed, since the part only waits for the processor. */
  readonly mostStarved: number;
  /** From SIGTERM to SIGKILL of a part that does not respond; 0 kills it immediately. */
  readonly terminateGraceMs: number;
  /** Delay of the second consecutive restart, doubled up to the cap; the first is immediate. */
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  /** A part that has run this long is stable: its next restart is immediate again. */
  readonly stableAfterMs: number;
  /** This many crashes within the window quarantine the part; Infinity disables that. */
  readonly maxCrashes: number;
  readonly crashWindowMs: number;
  /** From a part becoming active to the launch of its warm spare, which would otherwise compete with it for the CPU. */
  readonly spareDelayMs: number;
}

const COMMON: SupervisionLimits = {
  startDeadlineMs: 10_000,
  heartbeatIntervalMs: 1000,
  warnAfterMissed: 2,
  terminateAfterMissed: 5,
  mostStarved: 0,
  terminateGraceMs: 1000,
  backoffBaseMs: 250,
  backoffCapMs: 30_000,
  stableAfterMs: 10_000,
  maxCrashes: 3,
  crashWindowMs: 5 * 60_000,
  spareDelayMs: 500,
};

/**
 * A stream must come back: the encoder and the live server are restarted without limit, with shorter delays than live servers'
 * timeouts (SRS: 5 s). Plugins are quarantined as in VS Code.
 */
const ESSENTIAL: Partial<SupervisionLimits> = {
  // Another one would have no more of the processor, and has to begin anew.
  mostStarved: 25,
  backoffCapMs: 3000,
  stableAfterMs: 2000,
  maxCrashes: Number.POSITIVE_INFINITY,
};

const BY_ROLE: Readonly<Record<PartRole, Partial<SupervisionLimits>>> = {
  // If it hangs, its ffmpeg still ends on SIGTERM: the stream would be off for the whole grace period.
  encoder: { ...ESSENTIAL, terminateGraceMs: 0 },
  'live-server': ESSENTIAL,
  hotkeys: {},
  // What comes meanwhile is kept for the next one. One that hangs has nothing to end in order.
  recorder: {
    mostStarved: 25,
    maxCrashes: Number.POSITIVE_INFINITY,
    backoffCapMs: 3000,
    stableAfterMs: 2000,
    terminateGraceMs: 0,
  },
  // Its output starts another one; if it hangs, its ffmpeg may go on, so there is nothing to wait for.
  relay: { mostStarved: 25, terminateGraceMs: 0 },
  // Plugins may be busy: blocking for less than 3 s is not reported.
  'extension-host': { warnAfterMissed: 3 },
  // Plugins depend on it, and none of them can end it.
  'network-gate': { maxCrashes: Number.POSITIVE_INFINITY, backoffCapMs: 3000 },
};

/**
 * Delays between restarts are shortened by up to a half at random, so that parts that crashed together do not restart
 * together.
 */
export const RESTART_JITTER = 0.5;

export function supervisionLimits(
  role: PartRole,
  overrides: Partial<SupervisionLimits> = {},
): SupervisionLimits {
  return { ...COMMON, ...BY_ROLE[role], ...overrides };
}
