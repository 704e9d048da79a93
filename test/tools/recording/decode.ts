import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Marks, ROW_CROP, readMarks, SQUARES } from '../../support/marks.js';
import { LevelMeter, type SoundLevel } from './levels.js';

/** A small copy of each frame tells a new one from the one before. */
const THUMB_WIDTH = 64;
const THUMB_HEIGHT = 36;
const ROW_BYTES = THUMB_WIDTH;
const FRAME_BYTES = ROW_BYTES + THUMB_WIDTH * THUMB_HEIGHT;
const SAMPLE_RATE = 48_000;
const SOUND_FD = 3;
const MOST_ERRORS = 1000;

const FRAME_FILTER = [
  'format=gray,split[a][b]',
  `[a]crop=${ROW_CROP},scale=${SQUARES}:1:flags=area,pad=${THUMB_WIDTH}:1[row]`,
  `[b]scale=${THUMB_WIDTH}:${THUMB_HEIGHT}:flags=area[thumb]`,
  '[row][thumb]vstack,settb=1/1000000,showinfo=checksum=0',
].join(';');

export interface DecodedFrame {
  /** When it is shown, ms. */
  readonly ptsMs: number;
  /** Undefined if it shows none. */
  readonly marks: Marks | undefined;
  /** Mean difference in brightness to the frame before, 0 to 255. */
  readonly difference: number;
}

export interface Decoded {
  readonly frames: readonly DecodedFrame[];
  /** Of each ms of sound, in its order. */
  readonly levels: readonly SoundLevel[];
  /** What the decoders and the demuxer report. */
  readonly errors: readonly string[];
}

/** Decodes the first video and the first audio track as a player does, in one run of ffmpeg. */
export async function decode(
  file: string,
  { video, audio }: { video: boolean; audio: boolean },
): Promise<Decoded> {
  // Microseconds, since the filters print no timestamps in seconds that are exact enough.
  const frames = [
    ...['-map', '0:v:0', '-filter_complex_threads', '1'],
    ...['-vf', FRAME_FILTER],
    ...['-vsync', 'passthrough', '-f', 'rawvideo', 'pipe:1'],
  ];
  const sound = [
    ...['-map', '0:a:0', '-af'],
    `aformat=sample_fmts=s16:channel_layouts=mono:sample_rates=${SAMPLE_RATE},asettb=1/1000000,ashowinfo`,
    ...['-f', 's16le', `pipe:${SOUND_FD}`],
  ];
  const child = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'repeat+level+info', '-nostats', '-copyts', '-i', file],
      ...(video ? frames : []),
      ...(audio ? sound : []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
  const errors: string[] = [];
  const frameTimes: number[] = [];
  const blocks: { ptsMs: number; samples: number }[] = [];
  createInterface({ input: child.stderr as Readable }).on('line', (line) => {
    if (line.includes('showinfo_')) {
      const ptsUs = Number(/ pts:\s*(-?\d+|NOPTS)/.exec(line)?.[1]);
      const samples = Number(/ nb_samples:\s*(\d+)/.exec(line)?.[1]);
      if (/ n:\s*\d/.test(line)) {
        if (line.includes('ashowinfo_')) blocks.push({ ptsMs: ptsUs / 1000, samples });
        else frameTimes.push(ptsUs / 1000);
      }
    } else if (/\[(error|fatal|panic)\]/.test(line) && errors.length < MOST_ERRORS) {
      errors.push(line.replace(/ @ 0x[0-9a-f]+/g, ''));
    }
  });
  const shown: Pick<DecodedFrame, 'marks' | 'difference'>[] = [];
  let before: Buffer | undefined;
  const takeFrames = inPieces(FRAME_BYTES, (bytes) => {
    const thumb = bytes.subarray(ROW_BYTES);
    shown.push({ marks: readMarks(bytes.subarray(0, SQUARES)), difference: difference(before, thumb) });
    before = thumb;
  });
  const meter = new LevelMeter(SAMPLE_RATE);
  (child.stdout as Readable).on('data', takeFrames);
  (child.stdio[SOUND_FD] as Readable).on('data', (bytes: Buffer) => meter.take(bytes));
  const [code] = await once(child, 'close');
  if (code !== 0) errors.push(`ffmpeg ended with ${code}`);
  return {
    frames: shown.map((frame, index) => ({ ...frame, ptsMs: frameTimes[index] ?? Number.NaN })),
    levels: meter.finish(blocks),
    errors,
  };
}

/** Cuts a stream into pieces of one length. Each piece has memory of its own. */
function inPieces(length: number, onPiece: (bytes: Buffer) => void): (bytes: Buffer) => void {
  let piece = Buffer.alloc(length);
  let filled = 0;
  return (bytes) => {
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(piece, filled, at);
      at += copied;
      filled += copied;
      if (filled < length) continue;
      onPiece(piece);
      piece = Buffer.alloc(length);
      filled = 0;
    }
  };
}

function difference(before: Buffer | undefined, now: Buffer): number {
  if (before === undefined) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let at = 0; at < now.length; at++) sum += Math.abs((now[at] ?? 0) - (before[at] ?? 0));
  return sum / now.length;
}
