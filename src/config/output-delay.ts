import * as z from '../base/zod.js';
import { ConfigError, type ConfigMistake } from './config-error.js';
import type { ConfigPath } from './config-path.js';

/** The longest delay of an output, seconds. */
export const MOST_DELAY_SECONDS = 1800;
/** The longest one that is held in memory, seconds; longer ones are on disk. */
export const MOST_SECONDS_IN_MEMORY = 60;
/** Bytes of the stream that one output's delay may hold: 60 s at 35 Mbit/s. */
export const DELAY_MAX_BYTES = 256 << 20;
/** How much more than the configured bitrate an encoder may need for a while. */
const RESERVE = 1.25;

export const DelaySeconds = z
  .number()
  .min(0)
  .max(MOST_DELAY_SECONDS)
  .optional()
  .describe(
    'How much later than it happens this output airs, seconds, up to 1800. Above 60, or with a "delayFolder", what has not aired yet is on disk. It can be removed with `bulkhead delay cut`.',
  );

interface DelayedConfig {
  readonly outputs: readonly { readonly delaySeconds?: number | undefined }[];
  readonly video: { readonly bitrateKbps: number };
  readonly audio: { readonly bitrateKbps: number };
  readonly input: { readonly type: string };
  readonly delayFolder?: string | undefined;
}

/** What a delay needs, bytes. */
export function delayBytes(seconds: number, kbps: number): number {
  return (seconds * kbps * 1000 * RESERVE) / 8;
}

/**
 * Whether the delays fit into memory that are held there.
 *
 * @throws ConfigError with every mistake found
 */
export function checkDelays(
  { outputs, video, audio, input, delayFolder }: DelayedConfig,
  where: (path: ConfigPath) => string,
): void {
  // What a publisher will send is not known. Where it is too much, the delay is shorter.
  if (input.type === 'ingest' || delayFolder !== undefined) return;
  const kbps = video.bitrateKbps + audio.bitrateKbps;
  const mostSeconds = Math.floor((DELAY_MAX_BYTES * 8) / (kbps * 1000 * RESERVE));
  const mistakes = outputs.flatMap(({ delaySeconds = 0 }, index): ConfigMistake[] => {
    if (delaySeconds <= mostSeconds || delaySeconds > MOST_SECONDS_IN_MEMORY) return [];
    const message = `a delay of up to ${MOST_SECONDS_IN_MEMORY} s is held in memory, and has room for ${mostSeconds} s at ${kbps} kbit/s; got ${delaySeconds}`;
    return [{ where: where(['outputs', index, 'delaySeconds']), message }];
  });
  if (mistakes.length > 0) throw new ConfigError(mistakes);
}
