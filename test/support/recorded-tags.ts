import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { VideoCodec } from '../../src/config/video-codec.js';
import { codedVideo } from '../../src/encoder/tracks/coded-video.js';
import { FlvDemuxer } from '../../src/media/flv-demuxer.js';
import { onMetadata } from '../../src/media/on-metadata.js';
import type { StreamTag } from '../../src/media/stream-tag.js';
import { parseVideoPayload } from '../../src/media/video-payload.js';
import { QUICK_FFMPEG } from './ffmpeg.js';

export interface RecordedMedia {
  readonly codec?: VideoCodec;
  /** Frames per second, such as `24000/1001`. */
  readonly rate?: string;
  readonly seconds?: number;
  /** Frames between keyframes. */
  readonly gop?: number;
  /** Of H.264 alone. */
  readonly bFrames?: number;
  readonly size?: string;
  /** Arguments of the video encoder besides. */
  readonly encode?: readonly string[];
  /** Constant, with noise in the frames; as little as they need without it. */
  readonly kbps?: number;
  /** Hz; none for no sound. */
  readonly sampleRate?: number | undefined;
  readonly channels?: number;
}

const ENCODERS: Readonly<Record<VideoCodec, readonly string[]>> = {
  h264: ['-c:v', 'libx264', '-preset', 'ultrafast', '-sc_threshold', '0'],
  hevc: [
    ...['-c:v', 'libx265', '-preset', 'ultrafast', '-tune', 'zerolatency'],
    ...['-x265-params', 'log-level=error:scenecut=0:repeat-headers=1'],
  ],
  av1: ['-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime', '-lag-in-frames', '0', '-b:v', '200k'],
};

/** Real frames and sound of an encoder, as the tags of a broadcast in the order of their DTS, headers first. */
export async function recordedTags(media: RecordedMedia = {}): Promise<StreamTag[]> {
  const {
    codec = 'h264',
    rate = '30',
    seconds = 4,
    gop = 30,
    bFrames = 0,
    size = '160x90',
    kbps,
    encode = [],
  } = media;
  const { sampleRate, channels = 2 } = 'sampleRate' in media ? media : { sampleRate: 48_000 };
  const headers: StreamTag[] = [];
  const frames: StreamTag[] = [];
  const video = codedVideo(codec, 0, {
    takeHeader: (payload) => headers.push(tag('video-header', 0, payload)),
    takeFrame: (ptsMs, payload) => {
      const { kind, compositionMs } = parseVideoPayload(payload);
      if (kind === 'header' || kind === 'other') throw new Error(`a frame of the kind ${kind}`);
      frames.push(tag(kind, Math.round(ptsMs - compositionMs), payload));
    },
  });
  const reordered =
    codec !== 'h264' ? [] : bFrames === 0 ? ['-tune', 'zerolatency'] : ['-bf', String(bFrames)];
  const rateArguments =
    kbps === undefined
      ? []
      : [
          ...['-vf', 'noise=alls=20:allf=t', '-b:v', `${kbps}k`, '-maxrate', `${kbps}k`],
          ...['-bufsize', `${kbps}k`],
        ];
  await run(
    codec === 'h264' ? QUICK_FFMPEG : 'ffmpeg',
    [
      ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}`, '-t', String(seconds)],
      ...[
        '-pix_fmt',
        'yuv420p',
        ...ENCODERS[codec],
        ...reordered,
        ...rateArguments,
        ...encode,
        '-g',
        String(gop),
        ...video.muxer,
      ],
    ],
    video.read,
  );
  if (sampleRate !== undefined) {
    const demuxer = new FlvDemuxer(({ kind, timestampMs, payload }) => {
      if (kind !== 'audio') return;
      if (payload.readUInt8(1) === 0) headers.push(tag('audio-header', 0, payload));
      else frames.push(tag('audio', Math.max(0, timestampMs), payload));
    });
    await run(
      QUICK_FFMPEG,
      [
        ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${sampleRate}`, '-t', String(seconds)],
        ...['-c:a', 'aac', '-b:a', '96k', '-ac', String(channels), '-f', 'flv'],
      ],
      (chunk) => demuxer.push(chunk),
    );
  }
  const [width = 0, height = 0] = size.split('x').map(Number);
  const metadata = onMetadata({
    ...{ width, height, fps: fpsOf(rate), codec, videoKbps: kbps ?? 500, audioKbps: 96 },
    ...{ sampleRate: sampleRate ?? 48_000, channels },
  });
  return [tag('metadata', 0, metadata), ...headers, ...frames.sort((a, b) => a.timestampMs - b.timestampMs)];
}

/** Of a rate such as `24000/1001`. */
export function fpsOf(rate: string): number {
  const [frames = 0, seconds = 1] = rate.split('/').map(Number);
  return frames / seconds;
}

/** The tags of one track as those of a further one, as Enhanced RTMP has them. */
export function asFurtherTrack(tags: readonly StreamTag[], track: number): StreamTag[] {
  const ofTrack = tags.filter(({ kind }) => kind !== 'metadata');
  return ofTrack.map(({ kind, timestampMs, payload }) => {
    const first = payload.readUInt8(0);
    const types = Buffer.from([payload.readUInt8(1) & 0x0f]);
    if (kind === 'audio' || kind === 'audio-header') {
      const parts = [
        Buffer.from([0x95]),
        types,
        Buffer.from('mp4a'),
        Buffer.from([track]),
        payload.subarray(2),
      ];
      return { ...tag(`extra-${kind}`, timestampMs, Buffer.concat(parts)), track };
    }
    const isHeader = kind === 'video-header';
    const parts = [
      Buffer.from([0x80 | (first & 0x70) | 6]),
      ...[types, Buffer.from('avc1'), Buffer.from([track]), payload.subarray(isHeader ? 5 : 2)],
    ];
    const extraKind = isHeader
      ? 'extra-video-header'
      : kind === 'keyframe'
        ? 'extra-keyframe'
        : 'extra-interframe';
    return { ...tag(extraKind, timestampMs, Buffer.concat(parts)), track };
  });
}

function tag(kind: StreamTag['kind'], timestampMs: number, payload: Buffer): StreamTag {
  return { kind, timestampMs, payload: Buffer.from(payload), readAtMs: 0 };
}

async function run(ffmpeg: string, args: readonly string[], take: (chunk: Buffer) => void): Promise<void> {
  const child = spawn(ffmpeg, ['-nostdin', '-v', 'error', ...args, 'pipe:1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', take);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`ffmpeg has ended with ${code}`);
}
