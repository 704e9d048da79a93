import type { EncodeSettings } from '../../config/schema.js';
import type { EncodeContext } from '../encode-context.js';
import type { AudioFormat } from '../tracks/audio-encoder.js';
import { inputArguments } from './input-arguments.js';

/** A source's descriptor for its sound. */
export const SOUND_FD = 3;

export interface SourceProcess {
  /**
   * ffmpeg's arguments by the position at which it begins, in slots: raw frames to stdout, unless it has none, and PCM (16
   * bits) to descriptor 3, unless it is silent.
   */
  readonly argumentsFrom: (positionSlots: number) => readonly string[];
  /** It has no sound. */
  readonly silent: boolean;
  /** It has no frames: a plain one is shown. */
  readonly blank: boolean;
}

/**
 * How ffmpeg reads the input as a source: frames of the programme's size and rate. It is not paced: what reads it decides.
 *
 * @throws BulkheadError like `inputArguments`
 */
export function sourceProcess(
  settings: EncodeSettings,
  context: EncodeContext,
  { sampleRate, channels }: AudioFormat,
): SourceProcess {
  const { fps } = settings.video;
  const from = (startS: number) => inputArguments(settings, context, { paced: false, startS });
  const { substitute } = from(0);
  const silent = substitute === 'sound';
  const blank = substitute === 'frames';
  return {
    silent,
    blank,
    argumentsFrom: (positionSlots) => {
      const source = from(positionSlots / fps);
      const sound = [
        ...['-map', source.audio, ...filters('-af', source.audioFilters)],
        ...['-ar', String(sampleRate), '-ac', String(channels)],
        ...['-flush_packets', '1', '-f', 's16le', `pipe:${SOUND_FD}`],
      ];
      const frames = [
        ...['-map', source.video, ...filters('-vf', source.videoFilters), '-pix_fmt', 'yuv420p'],
        ...['-flush_packets', '1', '-f', 'rawvideo', 'pipe:1'],
      ];
      return [...source.inputs, ...(blank ? [] : frames), ...(silent ? [] : sound)];
    },
  };
}

function filters(option: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [option, names.join(',')];
}
