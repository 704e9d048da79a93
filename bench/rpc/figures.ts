/** What one round measures of one contender. */
export interface Figures {
  /** Round trip of a call that is alone on the channel, µs. */
  readonly roundTripP50: number;
  readonly roundTripP99: number;
  /** Calls per second with 100 and with 1000 calls in flight. */
  readonly callsPerSecond100: number;
  readonly callsPerSecond1000: number;
  /** User and system time of both processes for one call, with 1000 in flight, µs. */
  readonly cpuPerCall: number;
}
