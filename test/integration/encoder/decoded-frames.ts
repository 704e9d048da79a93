import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BroadcastConfigInput } from '../../../src/config/schema.js';
import {
  type Pulled,
  pulledArguments,
  receivedArguments,
  SOUND_FD,
} from '../../../src/encoder/arguments/source-arguments.js';
import { DiskCache } from '../../../src/encoder/disk-cache.js';
import { MediaInspector } from '../../../src/encoder/media-inspector.js';
import { prepareContext } from '../../../src/encoder/prepare-context.js';
import { encodeSettings } from './encoder-session.js';

type Input = BroadcastConfigInput['input'];

const run = promisify(execFile);

export const WIDTH = 320;
export const HEIGHT = 180;
const PIXELS = WIDTH * HEIGHT;
const FRAME_BYTES = (PIXELS * 3) / 2;

export type Rgb = readonly [number, number, number];
/** Luma and two chroma samples, 8 bits. */
export type Yuv = readonly [number, number, number];

/** A frame of the programme, as the encoders get it. */
export class DecodedFrame {
  constructor(private readonly bytes: Buffer) {}

  luma(x: number, y: number): number {
    return this.bytes[y * WIDTH + x] ?? Number.NaN;
  }

  at(x: number, y: number): Yuv {
    const chroma = (y >> 1) * (WIDTH / 2) + (x >> 1);
    const [cb, cr] = [this.bytes[PIXELS + chroma], this.bytes[PIXELS * 1.25 + chroma]];
    return [this.luma(x, y), cb ?? Number.NaN, cr ?? Number.NaN];
  }

  /** How much neighbouring rows differ beyond those after next: high where the fields of two times are woven. */
  combing(): number {
    let comb = 0;
    let detail = 0;
    for (let y = 20; y < HEIGHT - 20; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const here = this.luma(x, y);
        comb += Math.abs(here - (this.luma(x, y - 1) + this.luma(x, y + 1)) / 2);
        detail += Math.abs(this.luma(x, y - 1) - this.luma(x, y + 1));
      }
    }
    return comb / (detail + PIXELS / 100);
  }
}

/** A file is pulled; an address, of which nothing is known before, is received. */
export type Reader = 'pulled' | 'received';

export interface Decoding {
  readonly ffmpeg: string;
  /** Pulled if undefined. */
  readonly reader?: Reader;
  /** A folder for what is known of media. */
  readonly cacheFolder: string;
  readonly frames?: number;
  readonly fps?: number;
}

/** Reads the input with the arguments that a broadcast would have, without pacing, and returns its first frames. */
export async function decodeFrames(
  input: Input,
  { ffmpeg, cacheFolder, reader = 'pulled', frames = 1, fps = 30 }: Decoding,
): Promise<DecodedFrame[]> {
  const { settings, context } = await opened(input, ffmpeg, cacheFolder, fps);
  const common = ['-v', 'error', '-nostdin', '-y'];
  const raw = ['-frames:v', String(frames), '-pix_fmt', 'yuv420p', '-f', 'rawvideo', 'pipe:1'];
  let stdout: Buffer;
  if (reader === 'pulled') {
    const args = pulledArguments(settings.input as Pulled, context).frames?.(0) ?? [];
    stdout = await output(ffmpeg, [...common, ...args.map((arg) => (arg === 'nut' ? 'rawvideo' : arg))]);
  } else {
    const path = 'path' in settings.input ? settings.input.path : '';
    const nut = `${cacheFolder}.nut`;
    const args = receivedArguments({ type: 'url', url: `file:${path}` }, context);
    const files = args.map((arg) =>
      arg === 'pipe:1' ? nut : arg === `pipe:${SOUND_FD}` ? '/dev/null' : arg,
    );
    await output(ffmpeg, [...common, ...files]);
    stdout = await output(ffmpeg, [...common, '-i', nut, '-map', '0:v:1', ...raw]);
  }
  return Array.from(
    { length: Math.min(frames, Math.floor(stdout.length / FRAME_BYTES)) },
    (_, n) => new DecodedFrame(stdout.subarray(n * FRAME_BYTES, (n + 1) * FRAME_BYTES)),
  );
}

/** The largest sample of its sound, of 32767. */
export async function soundPeak(input: Input, { ffmpeg, cacheFolder }: Decoding): Promise<number> {
  const { settings, context } = await opened(input, ffmpeg, cacheFolder, 30);
  const args = pulledArguments(settings.input as Pulled, context).sound?.(0) ?? [];
  const pcm = await output(ffmpeg, [
    ...['-v', 'error', '-nostdin', '-y'],
    ...args.map((arg) => (arg === 'nut' ? 's16le' : arg)),
  ]);
  let peak = 0;
  for (let at = 0; at + 1 < pcm.length; at += 2) peak = Math.max(peak, Math.abs(pcm.readInt16LE(at)));
  return peak;
}

async function output(ffmpeg: string, args: readonly string[]): Promise<Buffer> {
  const { stdout } = await run(ffmpeg, args, { encoding: 'buffer', maxBuffer: 64 << 20, timeout: 30_000 });
  return stdout;
}

async function opened(input: Input, ffmpeg: string, cacheFolder: string, fps: number) {
  const base = encodeSettings({ input });
  const video = { ...base.video, width: WIDTH, height: HEIGHT, fps };
  const settings = { ...base, video };
  const cache = new DiskCache(cacheFolder);
  const inspector = new MediaInspector(cache);
  const { signal } = new AbortController();
  const context = await prepareContext(settings, { ffmpegPath: ffmpeg, cache, inspector, signal });
  return { settings, context: { ...context, video, format: { sampleRate: 48_000, channels: 2 } } };
}

/** The programme's samples for a colour: ITU-R BT.709, limited range. */
export function bt709([r, g, b]: Rgb): Yuv {
  const [red, green, blue] = [r / 255, g / 255, b / 255];
  const y = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return [
    Math.round(16 + 219 * y),
    Math.round(128 + (224 * (blue - y)) / 1.8556),
    Math.round(128 + (224 * (red - y)) / 1.5748),
  ];
}
