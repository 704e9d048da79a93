import * as z from '../base/zod.js';
import { ConfigError, type ConfigMistake } from './config-error.js';
import type { ConfigPath } from './config-path.js';

/** The longest delay of an output, seconds: it is held in memory. */
export const MOST_DELAY_SECONDS = 60;
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
    'How much later than it happens this output airs, seconds. What has not aired yet can be removed with `bulkhead delay cut`.',
  );

interface DelayedConfig {
  readonly outputs: readonly { readonly delaySeconds?: number | undefined }[];
  readonly video: { readonly bitrateKbps: number };
  readonly audio: { readonly bitrateKbps: number };
  readonly input: { readonly type: string };
}

/**
 * Whether the delays fit into memory.
 *
 * @throws ConfigError with every mistake found
 */
export function checkDelays(
  { outputs, video, audio, input }: DelayedConfig,
  where: (path: ConfigPath) => string,
): void {
  // What a publisher will send is not known. Where it is too much, the delay is shorter.
  if (input.type === 'ingest') return;
  const kbps = video.bitrateKbps + audio.bitrateKbps;
  const mostSeconds = Math.floor((DELAY_MAX_BYTES * 8) / (kbps * 1000 * RESERVE));
  const mistakes = outputs.flatMap(({ delaySeconds = 0 }, index): ConfigMistake[] => {
    if (delaySeconds <= mostSeconds) return [];
    const message = `a delay is held in memory, and has room for ${mostSeconds} s at ${kbps} kbit/s; got ${delaySeconds}`;
    return [{ where: where(['outputs', index, 'delaySeconds']), message }];
  });
  if (mistakes.length > 0) throw new ConfigError(mistakes);
}
