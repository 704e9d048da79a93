import pc from 'picocolors';
import type { TextSink } from './cli-context.js';

export type Colors = ReturnType<typeof pc.createColors>;

/** Colours for a terminal, none for anything else or where NO_COLOR (no-color.org) is set. */
export function colorsFor(sink: TextSink, env: NodeJS.ProcessEnv): Colors {
  return pc.createColors(sink.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb');
}
