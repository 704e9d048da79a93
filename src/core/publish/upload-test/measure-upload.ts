import { withDeadline } from '../../../base/with-deadline.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import type { MediaSession } from '../media-session.js';
import { TestStream, type TestTag } from './test-stream.js';
import { type MeasuredUpload, UploadMeter } from './upload-meter.js';

const SAMPLE_MS = 100;
/** Tags that wait at most: seconds of a stream. */
const MOST_WAITING = 500;
/** How long the stream's end may take, ms. */
const END_MS = 1000;

export interface UploadTestOptions {
  /** What is sent, kbit/s. */
  readonly kbps: number;
  readonly seconds: number;
}

export interface UploadResult extends MeasuredUpload {
  /** Until the server acknowledges; undefined where it does not. */
  readonly ackDelayMs: number | undefined;
}

/**
 * Sends a test stream, as much as the connection takes of it, and ends it in order. Nothing is left out: what cannot be sent waits.
 *
 * @throws {BulkheadError} if the session ends before
 */
export async function measureUpload(
  session: MediaSession,
  { kbps, seconds }: UploadTestOptions,
): Promise<UploadResult> {
  const stream = new TestStream(kbps);
  const meter = new UploadMeter(kbps);
  const startMs = performance.now();
  let waiting: TestTag[] = stream.begin();
  let made = 0;
  const pump = () => {
    while (waiting.length > 0 && !session.progress.busy) {
      const [tag] = waiting;
      if (tag === undefined) return;
      waiting = waiting.slice(1);
      session.send(tag.kind, tag.timestampMs, tag.payload);
    }
  };
  session.hooks = { onFlush: () => {}, onDrain: pump };
  const makeDue = () => {
    const due = Math.floor((performance.now() - startMs) / stream.frameMs) + 1;
    for (; made < due && waiting.length < MOST_WAITING; made++) waiting.push(...stream.next());
    pump();
  };
  const making = setInterval(makeDue, stream.frameMs / 2);
  const sampling = setInterval(() => {
    const nowMs = performance.now();
    const lateMs = waiting[0] === undefined ? 0 : nowMs - startMs - waiting[0].timestampMs;
    const { receivedBytes, progress } = session;
    meter.take({
      ...{ nowMs, lateMs, receivedBytes, takenBytes: progress.bytesTaken },
      stalledMs: waiting.length === 0 ? 0 : session.stalledMs(nowMs),
    });
  }, SAMPLE_MS);
  try {
    const ended = session.ended.then((error) => {
      throw error;
    });
    await withDeadline(ended, seconds * 1000, () => {});
  } finally {
    clearInterval(making);
    clearInterval(sampling);
    session.hooks = undefined;
  }
  const { ackDelayMs } = session;
  await session.endStream(END_MS);
  const result = meter.result();
  if (result !== undefined) return { ...result, ackDelayMs };
  throw new BulkheadError(ErrorCodes.outputUnreachable, 'the test was too short to measure anything');
}
