import type { Colors } from '../colors.js';

/** One thing that `doctor` has looked at. */
export interface Finding {
  /** What it is about: `ffmpeg`, `port 1935`. The same on every run, for scripts. */
  readonly subject: string;
  /** `problem`: a broadcast cannot go live. `warning`: it can, with less than there could be. */
  readonly verdict: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** How to fix it. */
  readonly remedy?: string | undefined;
}

export function ok(subject: string, message: string): Finding {
  return { subject, verdict: 'ok', message };
}

export function warning(subject: string, message: string, remedy?: string): Finding {
  return { subject, verdict: 'warning', message, remedy };
}

export function problem(subject: string, message: string, remedy?: string): Finding {
  return { subject, verdict: 'problem', message, remedy };
}

/** `✓ ffmpeg  5.1.9 at /usr/bin/ffmpeg`, and on a line of its own how to fix it. */
export function formatFinding({ subject, verdict, message, remedy }: Finding, colors: Colors): string {
  const mark = { ok: colors.green('✓'), warning: colors.yellow('!'), problem: colors.red('✗') }[verdict];
  const line = `${mark} ${colors.bold(subject.padEnd(12))} ${message}`;
  return remedy === undefined ? line : `${line}\n  ${' '.repeat(12)} → ${remedy}`;
}
