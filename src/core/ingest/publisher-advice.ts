import type { StreamMeasures } from './stream-meter.js';

/** Platforms require 2 s; a longer interval delays viewers and the return from the fallback, ms. */
const MAX_KEYFRAME_INTERVAL_MS = 4200;
/** From this value on viewers notice that sound and video are out of sync, ms. */
const MAX_SKEW_MS = 400;

/** What is done with the publisher's stream. */
export interface StreamUse {
  /** Whether it is passed through, and not decoded. */
  readonly passesThrough: boolean;
  /** Whether some output takes all tracks of what is passed through. */
  readonly takesMultitrack: boolean;
}

/** What the streamer should change, one sentence each. */
export function publisherAdvice(
  { videoCodec, audioCodec, keyframeIntervalMs, skewMs, tracks }: StreamMeasures,
  { passesThrough, takesMultitrack }: StreamUse,
): string[] {
  const advice: string[] = [];
  if (keyframeIntervalMs !== undefined && keyframeIntervalMs > MAX_KEYFRAME_INTERVAL_MS) {
    const seconds = Math.round(keyframeIntervalMs / 1000);
    const reason = passesThrough ? 'as the platforms want it' : 'so that it is back sooner after a loss';
    advice.push(`The keyframe interval is ${seconds} s; set it to 2 s, ${reason}.`);
  }
  if (skewMs !== undefined && Math.abs(skewMs) > MAX_SKEW_MS) {
    advice.push(
      `The sound is ${Math.abs(Math.round(skewMs / 100) / 10)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the video; check the audio offset.`,
    );
  }
  if (passesThrough && videoCodec !== undefined && videoCodec !== 'h264') {
    advice.push(
      `The video is ${videoCodec}; the fallback cannot match it, and some platforms do not take it.`,
    );
  }
  if (!passesThrough && videoCodec !== undefined && videoCodec !== 'h264') {
    advice.push(
      `The video is ${videoCodec}; only an ffmpeg from 6.1 on decodes that from an ingest. H.264 works with all.`,
    );
  }
  if (passesThrough && audioCodec === undefined && videoCodec !== undefined) {
    advice.push('There is no sound; some platforms do not take a stream without it.');
  } else if (passesThrough && audioCodec !== undefined && audioCodec !== 'aac') {
    advice.push(`The sound is ${audioCodec}; the platforms want AAC.`);
  }
  if (!(passesThrough && takesMultitrack) && tracks.video + tracks.audio > 2) {
    const sent = `${count(tracks.video, 'video')} and ${count(tracks.audio, 'audio')}`;
    const remedy = passesThrough ? ' "multitrack": true passes all of them on to an output.' : '';
    advice.push(`The publisher sends ${sent}; only the first of each is used.${remedy}`);
  }
  return advice;
}

function count(tracks: number, kind: string): string {
  return `${tracks} ${kind} track${tracks === 1 ? '' : 's'}`;
}
