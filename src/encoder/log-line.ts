export type FfmpegLogLevel = 'panic' | 'fatal' | 'error' | 'warning' | 'info' | 'verbose' | 'debug' | 'trace';

/** One line of ffmpeg's stderr, as it prints them with `-loglevel level+info`. */
export interface FfmpegLogLine {
  readonly level: FfmpegLogLevel;
  /** Who says so, e.g. `rtmp` or `libx264`; empty for ffmpeg itself. */
  readonly source: string;
  readonly text: string;
}

const LINE = /^((?:\[[^\]]+ @ [^\]]+\] )*)\[(panic|fatal|error|warning|info|verbose|debug|trace)\] ?(.*)$/;

/** Libraries (x264, ALSA) print lines of their own between ffmpeg's. */
export function parseLogLine(line: string): FfmpegLogLine {
  const [, context = '', level, text = ''] = LINE.exec(line) ?? [];
  if (level === undefined) {
    return { level: /\berror\b/i.test(line) ? 'error' : 'info', source: '', text: line };
  }
  const source = /\[([^\]]+) @ [^\]]+\] $/.exec(context)?.[1] ?? '';
  return { level: level as FfmpegLogLevel, source, text };
}

/** Whether the line tells of something that went wrong. */
export function isFailure({ level }: FfmpegLogLine): boolean {
  return level === 'panic' || level === 'fatal' || level === 'error';
}
