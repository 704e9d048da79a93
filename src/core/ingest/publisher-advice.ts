import type { StreamMeasures } from './stream-meter.js';

/** Platforms require 2 s; a longer interval delays viewers and the return from the fallback, ms. */
const MAX_KEYFRAME_INTERVAL_MS = 4200;
/** From this value on viewers notice that sound and video are out of sync, ms. */
const MAX_SKEW_MS = 400;

/**
 * What the streamer should change, one sentence each.
 *
 * @param takesMultitrack whether some output takes all tracks
 */
export function publisherAdvice(
  { videoCodec, audioCodec, keyframeIntervalMs, skewMs, tracks }: StreamMeasures,
  takesMultitrack: boolean,
): string[] {
  const advice: string[] = [];
  if (keyframeIntervalMs !== undefined && keyframeIntervalMs > MAX_KEYFRAME_INTERVAL_MS) {
    const seconds = Math.round(keyframeIntervalMs / 1000);
    advice.push(`The keyframe interval is ${seconds} s; set it to 2 s, as the platforms want it.`);
  }
  if (skewMs !== undefined && Math.abs(skewMs) > MAX_SKEW_MS) {
    advice.push(
      `The sound is ${Math.abs(Math.round(skewMs / 100) / 10)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the video; check the audio offset.`,
    );
  }
  if (videoCodec !== undefined && videoCodec !== 'h264') {
    advice.push(
      `The video is ${videoCodec}; the fallback cannot match it, and some platforms do not take it.`,
    );
  }
  if (audioCodec === undefined && videoCodec !== undefined) {
    advice.push('There is no sound; some platforms do not take a stream without it.');
  } else if (audioCodec !== undefined && audioCodec !== 'aac') {
    advice.push(`The sound is ${audioCodec}; the platforms want AAC.`);
  }
  if (!takesMultitrack && tracks.video + tracks.audio > 2) {
    advice.push(
      `The publisher sends ${count(tracks.video, 'video')} and ${count(tracks.audio, 'audio')}; only the first of each is used. "multitrack": true passes all of them on to an output.`,
    );
  }
  return advice;
}

function count(tracks: number, kind: string): string {
  return `${tracks} ${kind} track${tracks === 1 ? '' : 's'}`;
}
