import { bold, dim, green, red, type Styled, styled, yellow } from '../terminal/styled.js';

/** Result of one of `doctor`'s checks. */
export interface Finding {
  /** The subject: `ffmpeg`, `port 1935`. The same on every run, for scripts. */
  readonly subject: string;
  /**
   * `problem`: a broadcast cannot go live, or not to the `output` that is named. `warning`: it can, with limitations.
   */
  readonly verdict: 'ok' | 'warning' | 'problem';
  /** Id of the only output affected by a problem. */
  readonly output?: string;
  readonly message: string;
  /** How to fix it. */
  readonly remedy?: string | undefined;
  /** Further information, line by line. */
  readonly details?: readonly string[];
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

const SUBJECT_WIDTH = 13;

/** `✓ ffmpeg  5.1.9 at /usr/bin/ffmpeg`, followed by lines with the details and the remedy. */
export function findingLines({ subject, verdict, message, remedy, details = [] }: Finding): Styled[] {
  const mark = { ok: green('✓'), warning: yellow('!'), problem: red('✗') }[verdict];
  const indent = ' '.repeat(SUBJECT_WIDTH + 3);
  return [
    styled`${mark} ${bold(subject.padEnd(SUBJECT_WIDTH))} ${message}`,
    ...details.map((detail) => dim(`${indent}${detail}`)),
    ...(remedy === undefined ? [] : [styled`${indent}→ ${remedy}`]),
  ];
}
