import type { BulkheadError } from '../../protocol/errors.js';
import { type EpochOptions, type EpochWriter, Timeline } from '../timeline/timeline.js';
import type { PublisherSession } from './publisher-session.js';
import type { PublisherTarget } from './used-ingest.js';

/**
 * The publisher of an ingest that the encoder decodes, which plays it from the live server. Here it is checked and measured, on a
 * timeline of its own that goes nowhere: the broadcast's is the encoder's.
 */
export class MeasuredPublisher implements PublisherTarget {
  readonly passesThrough = false;
  private publisher: PublisherSession | undefined;
  private timeline: Timeline | undefined;

  beginEpoch(options: EpochOptions): EpochWriter {
    this.timeline?.dispose();
    this.timeline = new Timeline();
    return this.timeline.beginEpoch(options);
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
