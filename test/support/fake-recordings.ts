import type { RecordedBroadcast, Recordings } from '../../src/core/recording/recordings.js';
import type { StreamTag } from '../../src/media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../src/protocol/errors.js';
import type { RecordingManagement, RecordingStatus } from '../../src/protocol/recording.js';

/** Recordings that only note their calls. */
export class FakeRecordings {
  begun: RecordedBroadcast | undefined;
  readonly tags: StreamTag[] = [];
  readonly marks: string[] = [];
  current: RecordingStatus | undefined;

  begin(broadcast: RecordedBroadcast): void {
    this.begun = broadcast;
  }

  push(tag: StreamTag): void {
    this.tags.push(tag);
  }

  mark(timestampMs: number, label: string): void {
    this.marks.push(`${label} at ${timestampMs}`);
  }

  async end(): Promise<void> {
    this.begun = undefined;
  }

  status(): RecordingStatus | undefined {
    return this.current;
  }

  reports(): ReturnType<Recordings['reports']> {
    return [];
  }
}

/** Recording for tests of something else: nothing is on air. */
export function noRecording(): RecordingManagement {
  const refuse = async () => {
    throw new BulkheadError(ErrorCodes.recordingState, 'nothing is recorded');
  };
  return {
    recording: async () => null,
    ...{ startRecording: refuse, stopRecording: refuse, pauseRecording: refuse, resumeRecording: refuse },
    ...{ splitRecording: refuse, addChapter: refuse },
  };
}
