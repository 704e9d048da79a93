import { ffmpegKind } from './ffmpeg-kind.js';
import { gstreamerKind } from './gstreamer-kind.js';
import { obsKind } from './obs-kind.js';
import type { PublisherKind } from './publisher-kind.js';

export const PUBLISHER_KINDS: readonly PublisherKind[] = [ffmpegKind, gstreamerKind, obsKind];

/** The exit code of a bench that cannot run here. */
export const NOT_RUN = 2;

/** Ends the process with {@link NOT_RUN} and says why, where the publisher cannot run here. */
export async function endUnlessThere(kind: PublisherKind): Promise<void> {
  const missing = await kind.missing();
  if (missing.length === 0) return;
  console.error(`not run: ${kind.name} needs what is not installed here: ${missing.join(', ')}`);
  process.exit(NOT_RUN);
}
