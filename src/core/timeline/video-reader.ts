import { parameterSetsOf, withParameterSets } from '../../media/avc.js';
import {
  AVC_DATA_OFFSET,
  isLegacyAvc,
  parseVideoPayload,
  withCompositionTime,
} from '../../media/video-payload.js';

/** What a video tag is to the timeline. */
export interface ReadVideo {
  readonly kind: 'video-header' | 'keyframe' | 'interframe' | 'disposable';
  /** PTS − DTS, ms, never negative. */
  readonly compositionMs: number;
  readonly payload: Buffer;
}

/** Reads the video tags of one encoder. */
export class VideoReader {
  /** Inserted into each keyframe that lacks them: many encoders send SPS and PPS only in the sequence header. */
  private parameterSets: Buffer | undefined;

  /** @returns undefined for what viewers do not need */
  read(given: Buffer): ReadVideo | undefined {
    const { kind, compositionMs } = parseVideoPayload(given);
    if (kind === 'other') return undefined;
    if (kind === 'header') {
      this.parameterSets = parameterSetsOf(given, AVC_DATA_OFFSET);
      return { kind: 'video-header', compositionMs: 0, payload: given };
    }
    let payload = given;
    if (kind === 'keyframe' && this.parameterSets !== undefined && isLegacyAvc(payload))
      payload = withParameterSets(payload, AVC_DATA_OFFSET, this.parameterSets);
    if (compositionMs < 0) payload = withCompositionTime(payload, 0);
    return { kind, compositionMs: Math.max(0, compositionMs), payload };
  }
}
