import type { EncodeSettings } from '../config/schema.js';
import { checkEncoder } from './arguments/check-encoder.js';
import { BT709_TAGS, OUTPUT_AUDIO, SAMPLE_RATE } from './arguments/filters.js';
import { inputArguments } from './arguments/input-arguments.js';
import { videoEncoderArguments } from './arguments/video-encoder-arguments.js';
import type { EncodeContext } from './encode-context.js';

/** ffmpeg's descriptor for the output of `-progress`. */
export const PROGRESS_FD = 3;

/**
 * ffmpeg's descriptor for its gate: an input without streams, placed before the real ones. ffmpeg opens its inputs in
 * order, so it waits there, loaded and linked, until {@link GATE_OPEN} arrives.
 */
export const GATE_FD = 4;
/** The gate's complete input: the header of an empty ffmetadata file. */
export const GATE_OPEN = ';FFMETADATA1\n';
/** With `async:`, since for an input called `pipe:` ffmpeg ignores the commands on its stdin. */
const GATE = ['-f', 'ffmetadata', '-i', `async:pipe:${GATE_FD}`];
/** The gate is ffmpeg's input 0. */
export const FIRST_REAL_INPUT = 1;

/**
 * Number of filtergraphs that answer a live command: one for video and one for audio. Each of them answers, even without
 * such a filter.
 */
export const FILTERGRAPHS = 2;

/** libavformat's major version in ffmpeg 5.0. */
const FFMPEG_5 = 59;

/**
 * ffmpeg's arguments for these settings: FLV with H.264 and AAC on its stdout, progress on {@link PROGRESS_FD}, live
 * commands on its stdin. Pure.
 *
 * @throws BulkheadError for settings that cannot be encoded: `config.invalid`, `encoder.unknown`, `ffmpeg.unsupported`,
 * `input.notFound`, `input.invalid`
 */
export function ffmpegArguments(settings: EncodeSettings, context: EncodeContext): string[] {
  const { video, audio } = settings;
  const { capabilities } = context;
  const encoder = videoEncoderArguments(video, (capabilities?.libavformatMajor ?? FFMPEG_5) >= FFMPEG_5);
  checkEncoder(video.encoder, context);
  const source = inputArguments(settings, context);
  const videoFilters = [...source.videoFilters, ...encoder.filters];
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'level+info', '-progress', `pipe:${PROGRESS_FD}`],
    ...encoder.global,
    ...GATE,
    ...source.inputs,
    ...['-map', behindGate(source.video), '-map', behindGate(source.audio)],
    ...['-map_metadata', '-1', '-map_chapters', '-1'],
    ...(videoFilters.length === 0 ? [] : ['-vf', videoFilters.join(',')]),
    ...['-af', [...source.audioFilters, ...OUTPUT_AUDIO].join(',')],
    ...encoder.output,
    ...(encoder.filters.length === 0 ? ['-pix_fmt', 'yuv420p'] : []),
    ...['-c:a', 'aac', '-b:a', `${audio.bitrateKbps}k`, '-ar', String(audio.sampleRate ?? SAMPLE_RATE)],
    ...['-ac', String(audio.channels ?? 2)],
    ...BT709_TAGS,
    ...(source.output ?? []),
    ...['-f', 'flv', '-flvflags', 'no_duration_filesize+no_sequence_end', '-flush_packets', '1', 'pipe:1'],
  ];
}

/** A stream specifier of the source (`0:v:0`), renumbered for the inputs after the gate. */
function behindGate(specifier: string): string {
  const [input, ...stream] = specifier.split(':');
  return [Number(input) + FIRST_REAL_INPUT, ...stream].join(':');
}
