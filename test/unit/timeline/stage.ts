import assert from 'node:assert/strict';
import sinon from 'sinon';
import {
  type EpochJoin,
  type EpochOptions,
  type EpochWriter,
  Timeline,
  type TimelineOptions,
} from '../../../src/core/timeline/timeline.js';
import { parseAacHeader } from '../../../src/media/aac.js';
import { isVideoFrame, type StreamTag } from '../../../src/media/stream-tag.js';
import {
  AAC_HEADER,
  avcFrame,
  avcHeader,
  FLV_PREAMBLE,
  type FlvInput,
  flvTag,
  metadata,
} from '../../support/flv.js';

/** Duration of the sound frames in these tests, ms. */
export const AUDIO_FRAME_MS = 1024 / 48;

/** Functions that the timeline uses; not `nextTick`, which Mocha's output uses as well. */
const FAKED = ['setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'performance'] as const;

export function fakeClock(): sinon.SinonFakeTimers {
  return sinon.useFakeTimers({ toFake: [...FAKED] });
}

/** A timeline on a fake clock, and everything that it has sent. */
export class Stage {
  readonly clock = fakeClock();
  readonly tags: StreamTag[] = [];
  readonly joins: EpochJoin[] = [];
  readonly timeline: Timeline;

  constructor(options?: TimelineOptions) {
    this.timeline = new Timeline(options);
    this.timeline.onTag((tag) => this.tags.push(tag));
    this.timeline.onDidJoin((join) => this.joins.push(join));
  }

  begin(options?: EpochOptions): EpochWriter {
    const epoch = this.timeline.beginEpoch(options);
    epoch.write(FLV_PREAMBLE, performance.now());
    return epoch;
  }

  write(epoch: EpochWriter, ...tags: FlvInput[]): void {
    for (const tag of tags) epoch.write(flvTag(tag), performance.now());
  }

  /** An epoch with all its headers and one keyframe at `ms` of its own clock. */
  live(ms = 0, options?: EpochOptions): EpochWriter {
    const epoch = this.begin(options);
    this.write(
      epoch,
      { kind: 'script', ms: 0, payload: metadata(1) },
      { kind: 'video', ms, payload: avcHeader(1) },
      { kind: 'audio', ms, payload: AAC_HEADER },
      { kind: 'video', ms, payload: avcFrame('keyframe', 1) },
    );
    return epoch;
  }

  get frames(): StreamTag[] {
    return this.tags.filter(isVideoFrame);
  }

  get sounds(): StreamTag[] {
    return this.tags.filter(({ kind }) => kind === 'audio');
  }

  dispose(): void {
    this.timeline.dispose();
    const timers = this.clock.countTimers();
    this.clock.restore();
    assert.equal(timers, 0, 'a disposed timeline has no timers');
  }
}

export function assertStrictlyRising(tags: readonly StreamTag[]): void {
  tags.forEach((tag, n) => {
    const before = tags[n - 1];
    if (before !== undefined)
      assert.ok(tag.timestampMs > before.timestampMs, `${before.timestampMs} → ${tag.timestampMs}`);
  });
}

/** @param header the stream's audio header; that of 48 kHz stereo without it */
export function isSilence(tag: StreamTag, header: Buffer = AAC_HEADER): boolean {
  return parseAacHeader(header).silence?.equals(tag.payload) === true;
}
