/** What a session is like at one moment of a test. */
export interface UploadSample {
  /** By `performance.now()`. */
  readonly nowMs: number;
  /** Bytes that the system has taken. */
  readonly takenBytes: number;
  /** Bytes that the server has; undefined where it does not say so. */
  readonly receivedBytes: number | undefined;
  /** How much of the stream waits to be sent, ms. */
  readonly lateMs: number;
  /** How long nothing was taken although something waits, ms. */
  readonly stalledMs: number;
}

/** What a connection has carried. */
export interface MeasuredUpload {
  /** What was sent at most, kbit/s. */
  readonly triedKbps: number;
  /** What was carried, as a mean; kbit/s. */
  readonly carriedKbps: number;
  /** In the worst two seconds, kbit/s. */
  readonly lowestKbps: number;
  /** The longest time in which nothing was taken, ms. */
  readonly longestStallMs: number;
  /** How much of the stream was waiting at the end, ms. */
  readonly lateMs: number;
  /** Whether the server said what it has received: otherwise what the system has taken was counted, which may be more. */
  readonly isAcknowledged: boolean;
}

/** TCP begins slowly: what is carried first is left out, ms. */
const WARM_UP_MS = 2000;
const LOWEST_OVER_MS = 2000;

/** Finds what a connection carries from samples of a session that is sent more than is needed. */
export class UploadMeter {
  private readonly samples: UploadSample[] = [];
  private startMs: number | undefined;

  constructor(private readonly triedKbps: number) {}

  take(sample: UploadSample): void {
    this.startMs ??= sample.nowMs;
    this.samples.push(sample);
  }

  /** Undefined until it has measured for long enough. */
  result(): MeasuredUpload | undefined {
    const begun = (this.startMs ?? 0) + WARM_UP_MS;
    const counted = this.samples.filter(({ nowMs }) => nowMs >= begun);
    const [first] = counted;
    const last = counted.at(-1);
    if (first === undefined || last === undefined || last.nowMs - first.nowMs < LOWEST_OVER_MS)
      return undefined;
    const isAcknowledged = counted.every(({ receivedBytes }) => receivedBytes !== undefined);
    const bytes = (sample: UploadSample) =>
      isAcknowledged ? (sample.receivedBytes ?? 0) : sample.takenBytes;
    const rate = (from: UploadSample, to: UploadSample) =>
      Math.round(((bytes(to) - bytes(from)) * 8) / (to.nowMs - from.nowMs));
    const windows = counted.flatMap((from) => {
      const to = counted.find(({ nowMs }) => nowMs >= from.nowMs + LOWEST_OVER_MS);
      return to === undefined ? [] : [rate(from, to)];
    });
    return {
      triedKbps: this.triedKbps,
      carriedKbps: rate(first, last),
      lowestKbps: Math.min(...windows),
      longestStallMs: Math.round(Math.max(...counted.map(({ stalledMs }) => stalledMs))),
      lateMs: Math.round(last.lateMs),
      isAcknowledged,
    };
  }
}
