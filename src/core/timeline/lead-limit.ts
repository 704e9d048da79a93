import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/**
 * An input may begin with media buffered by its server, such as the last segments of an HLS stream: for this long, ms
 * …
 */
const BURST_MS = 10_000;
/** … and by at most this lead, ms. */
const MAX_BURST_LEAD_MS = 60_000;
/** After that the lead may grow by this much for jitter, ms … */
const SLACK_MS = 5000;
/** … and by this share of the time since, for a camera or a server whose clock is fast. */
const MAX_DRIFT = 0.01;

/**
 * How far one encoder run may be ahead of its position on the timeline. A run that ignores real time would move the
 * broadcast's timestamps away from the clock, by hours in minutes.
 */
export class LeadLimit {
  private burstLeadMs: number;

  /** @param leadMs how far the run is ahead when it joins, because the run before it was */
  constructor(
    private readonly joinedAtMs: number,
    private readonly leadMs: number,
  ) {
    this.burstLeadMs = leadMs;
  }

  /** @throws `encoder.ahead` if the run is further ahead than any valid input could be. */
  check(leadMs: number, readAtMs: number): void {
    const sinceBurstMs = readAtMs - this.joinedAtMs - BURST_MS;
    if (sinceBurstMs <= 0) {
      this.burstLeadMs = Math.max(this.burstLeadMs, leadMs);
      if (leadMs <= Math.max(MAX_BURST_LEAD_MS, this.leadMs + SLACK_MS)) return;
    } else if (leadMs <= this.burstLeadMs + SLACK_MS + sinceBurstMs * MAX_DRIFT) {
      return;
    }
    throw new BulkheadError(
      ErrorCodes.encoderAhead,
      `The encoder delivers faster than real time: its stream is ${Math.round(leadMs / 1000)} s ahead of the clock.`,
      {
        where: 'encoder',
        remedy: 'Restarting it; if this repeats, check that the input is live, or play it as a file.',
      },
    );
  }
}
