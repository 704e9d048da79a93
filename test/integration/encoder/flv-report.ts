import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface StreamReport {
  readonly codec: string;
  readonly width?: number;
  readonly height?: number;
  readonly pixelFormat?: string;
  readonly frameRate?: string;
  readonly sampleRate?: number;
  readonly channels?: number;
  /** Decode times of its packets since the first packet of the file, ms. */
  readonly times: readonly number[];
}

export interface FlvReport {
  readonly video: StreamReport;
  readonly audio: StreamReport;
}

interface Probe {
  streams: {
    index: number;
    codec_type: string;
    codec_name: string;
    width?: number;
    height?: number;
    pix_fmt?: string;
    r_frame_rate: string;
    sample_rate?: string;
    channels?: number;
  }[];
  packets: { stream_index: number; dts: number }[];
}

/** What ffprobe, as an independent program, finds in a recorded stream. */
export async function inspectFlv(file: string): Promise<FlvReport> {
  const args = ['-v', 'error', '-print_format', 'json', '-show_streams', '-show_packets', file];
  const { stdout } = await run('ffprobe', args, { maxBuffer: 64 * 1024 * 1024 });
  const { streams, packets } = JSON.parse(stdout) as Probe;
  const first = Math.min(...packets.map(({ dts }) => dts));
  const report = (type: string): StreamReport => {
    const [stream, ...more] = streams.filter(({ codec_type }) => codec_type === type);
    if (stream === undefined || more.length > 0)
      throw new Error(`${streams.length} streams, expected one ${type}`);
    return {
      codec: stream.codec_name,
      ...(type === 'video'
        ? {
            width: stream.width ?? 0,
            height: stream.height ?? 0,
            pixelFormat: stream.pix_fmt ?? '',
            frameRate: stream.r_frame_rate,
          }
        : { sampleRate: Number(stream.sample_rate), channels: stream.channels ?? 0 }),
      times: packets
        .filter(({ stream_index }) => stream_index === stream.index)
        .map(({ dts }) => dts - first),
    };
  };
  return { video: report('video'), audio: report('audio') };
}

/** Decodes everything, as a viewer does, and returns the error output. */
export async function decode(file: string): Promise<string> {
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-']);
  return stderr;
}

/** The output of a filter of ffmpeg, e.g. `-af volumedetect`. */
export async function analyse(file: string, args: readonly string[]): Promise<string> {
  const { stderr } = await run('ffmpeg', [
    '-hide_banner',
    '-nostats',
    '-i',
    file,
    ...args,
    '-f',
    'null',
    '-',
  ]);
  return stderr;
}

/** Loudness of a recorded stream, dB below full scale; -91 is digital silence. */
export async function meanVolume(file: string, fromS = 0): Promise<number> {
  const text = await analyse(file, ['-map', '0:a', '-af', `atrim=start=${fromS},volumedetect`]);
  return Number(/mean_volume: (-?[\d.]+) dB/.exec(text)?.[1] ?? Number.NaN);
}

const KEYFRAME = 1;
const NAL_UNITS = 1;

/** The NAL unit types of each complete keyframe in an FLV file (7 SPS, 8 PPS, 5 IDR slice). */
export function keyframeNalTypes(file: string): number[][] {
  const bytes = readFileSync(file);
  const keyframes: number[][] = [];
  for (let tag = 13; tag + 11 <= bytes.length; ) {
    const size = bytes.readUIntBE(tag + 1, 3);
    const body = bytes.subarray(tag + 11, tag + 11 + size);
    const isWhole = body.length === size;
    if (isWhole && bytes[tag] === 9 && (body[0] ?? 0) >> 4 === KEYFRAME && body[1] === NAL_UNITS) {
      const types: number[] = [];
      for (let unit = 5; unit + 4 < size; unit += 4 + body.readUInt32BE(unit))
        types.push((body[unit + 4] ?? 0) & 31);
      keyframes.push(types);
    }
    tag += 11 + size + 4;
  }
  return keyframes;
}

/** Slots without a frame between those that have one, at 30 frames a second. */
export function missingSlots(times: readonly number[]): number {
  const slots = times.map((time) => Math.round((time * 30) / 1000));
  return slots.slice(1).reduce((missing, slot, i) => missing + slot - (slots[i] ?? 0) - 1, 0);
}

/** The longest step between two neighbours, and whether all are positive. */
export function steps(times: readonly number[]): { readonly longest: number; readonly forward: boolean } {
  const differences = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  return { longest: Math.max(...differences), forward: differences.every((difference) => difference > 0) };
}
