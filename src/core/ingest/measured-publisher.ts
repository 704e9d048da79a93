import { isHeaderKind, StreamHeaders } from '../../media/stream-headers.js';
import type { StreamTag } from '../../media/stream-tag.js';
import type { BulkheadError } from '../../protocol/errors.js';
import { type EpochOptions, type EpochWriter, Timeline } from '../timeline/timeline.js';
import type { PublisherSession } from './publisher-session.js';
import type { PublisherTarget } from './used-ingest.js';

/**
 * The publisher of an ingest that the encoder decodes, which plays it from the live server. Here it is checked and measured, on a
 * timeline of its own, which goes to recordings of it alone: the broadcast's is the encoder's.
 */
export class MeasuredPublisher implements PublisherTarget {
  readonly passesThrough = false;
  private publisher: PublisherSession | undefined;
  private timeline: Timeline | undefined;
  private headers = new StreamHeaders();

  /** @param onTag gets what is published, with what `performance.now()` was at its time 0 */
  constructor(private readonly onTag: (tag: StreamTag, beganAtMs: number) => void = () => {}) {}

  /** What a recording of it begins with. */
  snapshot(): StreamTag[] {
    return Array.from(this.headers.entries(), ([kind, payload]) => ({
      ...{ kind, payload, timestampMs: 0, readAtMs: performance.now() },
    }));
  }

  beginEpoch(options: EpochOptions): EpochWriter {
    this.timeline?.dispose();
    const timeline = new Timeline();
    this.timeline = timeline;
    this.headers = new StreamHeaders();
    timeline.onTag((tag) => {
      if (isHeaderKind(tag.kind)) this.headers.set(tag.kind, tag.payload);
      this.onTag(tag, timeline.beganAtMs ?? tag.readAtMs);
    });
    return timeline.beginEpoch(options);
  }

  take(publisher: PublisherSession, onEnd: (reason: BulkheadError | undefined) => void): void {
    this.publisher?.dispose();
    this.publisher = publisher;
    publisher.onDidEnd((reason) => {
      if (this.publisher === publisher) this.forget();
      onEnd(reason);
      publisher.dispose();
    });
  }

  dispose(): void {
    this.publisher?.dispose();
    this.forget();
  }

  private forget(): void {
    this.publisher = undefined;
    this.timeline?.dispose();
    this.timeline = undefined;
  }
}
