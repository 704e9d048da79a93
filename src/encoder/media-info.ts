/** What is known of how frames are stored; a field is undefined if ffmpeg did not say. */
export interface FrameInfo {
  /** ffmpeg's name of its demuxer: `mov,mp4,m4a,3gp,3g2,mj2`, `mpegts` … */
  readonly container: string;
  /** `h264`, `vp9` … */
  readonly codec: string;
  /** Index of the stream in its container. */
  readonly index: number;
  /** `yuv420p`, `rgba` … */
  readonly pixelFormat?: string;
  /** Limited or full range. */
  readonly range?: 'tv' | 'pc';
  /** ffmpeg's names: `bt709`, `bt470bg`, `bt2020nc` … */
  readonly matrix?: string;
  readonly primaries?: string;
  /** `smpte2084` is HDR10, `arib-std-b67` is HLG. */
  readonly transfer?: string;
  readonly fields?: 'progressive' | 'interlaced';
  /** Frames per second, on average. */
  readonly fps?: number;
  /** The container says that the frames have an alpha channel, which the pixel format does not show. */
  readonly hasAlphaTrack: boolean;
}

/** The sound track that is played: the file's default one, otherwise the first. */
export interface SoundTrack {
  /** Its position among the sound tracks, from 0. */
  readonly track: number;
}

/** What ffmpeg reports about a file or an address when it opens it. */
export interface MediaInfo {
  /** A cover image in an audio file does not count as video. */
  readonly hasVideo: boolean;
  readonly hasAudio: boolean;
  /** Seconds; undefined if the container does not contain it. */
  readonly durationS?: number;
  /** Only if all frames have the same duration. */
  readonly constantFps?: number;
  readonly width?: number;
  readonly height?: number;
  /** The video's; undefined without video. */
  readonly frame?: FrameInfo;
  /** Undefined without sound. */
  readonly sound?: SoundTrack;
  /** An audio file's cover image; undefined if there is none, or video. */
  readonly cover?: FrameInfo;
}

/** Of a GIF without an animation, s: one frame of it is shown for at most this long. */
const MOST_OF_A_FRAME_S = 0.1;

/** Whether it is an image, or an animation of one frame: played in a loop, it would be opened again for each frame. */
export function isStill({ frame, hasAudio, durationS = 0 }: MediaInfo): boolean {
  if (frame === undefined || hasAudio) return false;
  const isImage = frame.container === 'image2' || /_pipe$/.test(frame.container);
  return isImage || (frame.container === 'gif' && durationS <= MOST_OF_A_FRAME_S);
}

interface Stream {
  readonly index: number;
  readonly type: string;
  readonly text: string;
}

const STREAM = /^\s*Stream #\d+:(\d+)\S*: (Video|Audio): (.*)$/;
/** The parenthesis may hold others: "top coded first (swapped)". */
const PIXELS = /, ([a-z]\w*)(?:\(((?:[^()]|\([^()]*\))*)\))?, \d+x\d+/;

/**
 * Parses ffmpeg's description of one of its inputs (`Input #0 … Stream #0:0 …`); `lines` must not contain its
 * description of outputs. Undefined if there is none because the input could not be opened.
 */
export function parseMediaInfo(lines: readonly string[], input = 0): MediaInfo | undefined {
  const begin = lines.findIndex((line) => line.startsWith(`Input #${input}`));
  if (begin < 0) return undefined;
  const next = lines.findIndex((line) => line.startsWith(`Input #${input + 1}`));
  const dump = lines.slice(begin, next < 0 ? undefined : next);
  const streams = dump
    .map((line) => STREAM.exec(line))
    .filter((match) => match !== null)
    .map(([, index, type = '', text = '']): Stream => ({ index: Number(index), type, text }));
  const video = streams.find(({ type, text }) => type === 'Video' && !isCover(text));
  const cover = streams.find(({ type, text }) => type === 'Video' && isCover(text));
  const sound = soundTrack(streams);
  const [, hours, minutes, seconds] =
    dump.map((line) => /^\s*Duration: (\d+):(\d+):([\d.]+)/.exec(line)).find((match) => match !== null) ?? [];
  const [, width, height] = /, (\d+)x(\d+)[ ,]/.exec(video?.text ?? '') ?? [];
  const fps = /, ([\d.]+) fps/.exec(video?.text ?? '')?.[1];
  const tbr = /, ([\d.]+) tbr/.exec(video?.text ?? '')?.[1];
  return {
    hasVideo: video !== undefined,
    hasAudio: sound !== undefined,
    ...(hours === undefined
      ? {}
      : { durationS: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) }),
    ...(fps !== undefined && fps === tbr ? { constantFps: Number(fps) } : {}),
    ...(width === undefined ? {} : { width: Number(width), height: Number(height) }),
    ...(video === undefined ? {} : { frame: frameInfo(video, dump) }),
    ...(sound === undefined ? {} : { sound }),
    ...(cover === undefined || video !== undefined ? {} : { cover: frameInfo(cover, dump) }),
  };
}

/** Old versions of ffmpeg do not say "attached pic". Such a stream has no frame rate, and the ticks of one. */
function isCover(text: string): boolean {
  return text.includes('(attached pic)') || (/, 90k tbr, 90k tbn/.test(text) && !/ fps, /.test(text));
}

function soundTrack(streams: readonly Stream[]): SoundTrack | undefined {
  // A transport stream's are listed by program.
  const sounds = streams.filter(({ type }) => type === 'Audio').sort((a, b) => a.index - b.index);
  const track = Math.max(
    sounds.findIndex(({ text }) => text.includes('(default)')),
    0,
  );
  return sounds.length === 0 ? undefined : { track };
}

function frameInfo({ index, text }: Stream, dump: readonly string[]): FrameInfo {
  const [, pixelFormat, details = ''] = PIXELS.exec(text) ?? [];
  let known: Partial<FrameInfo> = {};
  for (const detail of details.split(', ')) known = { ...known, ...frameDetail(detail) };
  const fps = /, ([\d.]+) fps/.exec(text)?.[1];
  return {
    container: /^Input #\d+, (\S+), from /.exec(dump[0] ?? '')?.[1] ?? '',
    codec: /^\w+/.exec(text)?.[0] ?? '',
    index,
    ...(pixelFormat === undefined || pixelFormat === 'none' ? {} : { pixelFormat }),
    ...known,
    ...(fps === undefined ? {} : { fps: Number(fps) }),
    hasAlphaTrack: dump.some((line) => /^\s+alpha_mode\s+: 1$/i.test(line)),
  };
}

/** One of the details after the pixel format: `tv`, `top first`, `bt709`, or `bt2020nc/bt2020/smpte2084`. */
function frameDetail(detail: string): Partial<FrameInfo> {
  if (detail === '') return {};
  if (detail === 'tv' || detail === 'pc') return { range: detail };
  if (detail === 'progressive') return { fields: 'progressive' };
  if (/ first\b/.test(detail)) return { fields: 'interlaced' };
  const names = detail.split('/').map((name) => (/^(unknown|reserved)$/.test(name) ? undefined : name));
  // One name stands for all three.
  const [matrix, primaries, transfer] = names.length === 1 ? [names[0], names[0], names[0]] : names;
  return {
    ...(matrix === undefined ? {} : { matrix }),
    ...(primaries === undefined ? {} : { primaries }),
    ...(transfer === undefined ? {} : { transfer }),
  };
}
