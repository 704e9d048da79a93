import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseAudioPayload } from '../../src/media/audio-payload.js';
import { FlvDemuxer, type FlvTag } from '../../src/media/flv-demuxer.js';
import { GopCache } from '../../src/media/gop-cache.js';
import type { StreamTag, StreamTagKind } from '../../src/media/stream-tag.js';
import { parseVideoPayload } from '../../src/media/video-payload.js';
import { QUICK_FFMPEG } from './ffmpeg.js';

export interface FlvSourceOptions {
  /** Real time, like a live encoder; otherwise as fast as possible. */
  readonly realTime?: boolean;
  /** Ends after this much media, s. */
  readonly seconds?: number;
  /** Frames between keyframes, at 30 a second. */
  readonly gop?: number;
  readonly bFrames?: number;
  readonly videoKbps?: number;
  /** Added to every timestamp, ms. */
  readonly offsetMs?: number;
}

/** Real H.264 and AAC from ffmpeg (a moving pattern and a tone, 320x240 at 30 fps), as tags of a broadcast. */
export interface FlvSource {
  /** All tags so far. */
  readonly tags: readonly StreamTag[];
  /** The tags that an output gets when it connects now. */
  readonly snapshot: () => StreamTag[];
  /** Resolves when ffmpeg has ended. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export function startFlvSource(onTag: (tag: StreamTag) => void, options: FlvSourceOptions = {}): FlvSource {
  const { realTime = true, seconds, gop = 30, bFrames = 0, videoKbps = 500, offsetMs = 0 } = options;
  const pace = realTime ? ['-re'] : [];
  const child: ChildProcess = spawn(
    QUICK_FFMPEG,
    [
      ...['-nostdin', '-loglevel', 'error'],
      ...[...pace, '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=30'],
      ...[...pace, '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
      ...(seconds === undefined ? [] : ['-t', String(seconds)]),
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-sc_threshold', '0'],
      ...(bFrames === 0 ? ['-tune', 'zerolatency'] : ['-bf', String(bFrames), '-x264-params', 'b-adapt=0']),
      ...[
        '-g',
        String(gop),
        '-b:v',
        `${videoKbps}k`,
        '-maxrate',
        `${videoKbps}k`,
        '-bufsize',
        `${videoKbps}k`,
      ],
      ...['-c:a', 'aac', '-b:a', '96k', '-ac', '2', '-flush_packets', '1', '-f', 'flv', 'pipe:1'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const closed = once(child, 'close');
  const tags: StreamTag[] = [];
  const cache = new GopCache();
  const demuxer = new FlvDemuxer((flvTag) => {
    const kind = kindOf(flvTag);
    if (kind === undefined) return;
    const { payload } = flvTag;
    const tag = {
      kind,
      timestampMs: Math.max(0, flvTag.timestampMs) + offsetMs,
      payload,
      readAtMs: performance.now(),
    };
    tags.push(tag);
    cache.push(tag);
    onTag(tag);
  });
  child.stdout?.on('data', (bytes: Buffer) => demuxer.push(bytes));
  return {
    tags,
    snapshot: () => cache.snapshot(),
    ended: closed.then(() => {}),
    stop: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Tags for this many seconds of media, made as fast as possible. */
export async function makeTags(
  seconds: number,
  options: Omit<FlvSourceOptions, 'seconds' | 'realTime'> = {},
): Promise<readonly StreamTag[]> {
  const source = startFlvSource(() => {}, { ...options, seconds, realTime: false });
  await source.ended;
  return source.tags;
}

function kindOf({ kind, payload }: FlvTag): StreamTagKind | undefined {
  if (kind === 'script') return 'metadata';
  if (kind === 'audio') {
    const audio = parseAudioPayload(payload);
    return audio === 'header' ? 'audio-header' : audio === 'frame' ? 'audio' : undefined;
  }
  const video = parseVideoPayload(payload).kind;
  return video === 'header' ? 'video-header' : video === 'other' ? undefined : video;
}
