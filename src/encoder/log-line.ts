export type FfmpegLogLevel = 'panic' | 'fatal' | 'error' | 'warning' | 'info' | 'verbose' | 'debug' | 'trace';

/** One line of ffmpeg's stderr, as printed with `-loglevel level+info`. */
export interface FfmpegLogLine {
  readonly level: FfmpegLogLevel;
  /** The component, e.g. `rtmp` or `libx264`; empty for ffmpeg itself. */
  readonly source: string;
  readonly text: string;
}

const LINE = /^((?:\[[^\]]+ @ [^\]]+\] )*)\[(panic|fatal|error|warning|info|verbose|debug|trace)\] ?(.*)$/;

/** Libraries (x264, ALSA) print lines in other formats in between. */
export function parseLogLine(line: string): FfmpegLogLine {
  const [, context = '', level, text = ''] = LINE.exec(line) ?? [];
  if (level === undefined) {
    return { level: /\berror\b/i.test(line) ? 'error' : 'info', source: '', text: line };
  }
  const source = /\[([^\]]+) @ [^\]]+\] $/.exec(context)?.[1] ?? '';
  return { level: level as FfmpegLogLevel, source, text };
}

/** Whether the line reports a failure. */
export function isFailure({ level }: FfmpegLogLine): boolean {
  return level === 'panic' || level === 'fatal' || level === 'error';
}
