/** How often a broadcast is shown while nothing about it changes, ms. */
export const STATUS_INTERVAL_MS = 1000;
