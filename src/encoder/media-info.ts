/** What ffmpeg reports about a file or an address when it opens it. */
export interface MediaInfo {
  /** A cover image in an audio file does not count as video. */
  readonly hasVideo: boolean;
  readonly hasAudio: boolean;
  /** Seconds; undefined if the container does not contain it. */
  readonly durationS?: number;
  /** Timestamp of the first packet, seconds. */
  readonly startS: number;
  /** Only if all frames have the same duration. */
  readonly constantFps?: number;
  readonly width?: number;
  readonly height?: number;
  /** Whether a display matrix rotates the image (phone recordings). */
  readonly rotated: boolean;
}

const STREAM = /^\s*Stream #\d+:\d+\S*: (Video|Audio): (.*)$/;

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
    .map(([, type, text = '']) => ({ type, text }));
  const video = streams.find(({ type, text }) => type === 'Video' && !text.includes('(attached pic)'));
  const [, hours, minutes, seconds] =
    dump.map((line) => /^\s*Duration: (\d+):(\d+):([\d.]+)/.exec(line)).find((match) => match !== null) ?? [];
  const start = dump
    .map((line) => /^\s*Duration: .* start: (-?[\d.]+)/.exec(line))
    .find((match) => match !== null);
  const [, width, height] = /, (\d+)x(\d+)[ ,]/.exec(video?.text ?? '') ?? [];
  const fps = /, ([\d.]+) fps/.exec(video?.text ?? '')?.[1];
  const tbr = /, ([\d.]+) tbr/.exec(video?.text ?? '')?.[1];
  return {
    hasVideo: video !== undefined,
    hasAudio: streams.some(({ type }) => type === 'Audio'),
    ...(hours === undefined
      ? {}
      : { durationS: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) }),
    startS: Number(start?.[1] ?? 0),
    ...(fps !== undefined && fps === tbr ? { constantFps: Number(fps) } : {}),
    ...(width === undefined ? {} : { width: Number(width), height: Number(height) }),
    rotated: dump.some((line) => /displaymatrix: rotation/.test(line)),
  };
}
