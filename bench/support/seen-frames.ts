import type { RecordingCheck } from '../../test/tools/recording/check-recording.js';
import { exactly } from './targets.js';

/**
 * What a viewer has seen of a clip whose frames are numbered, for printing: with none missing and none repeated as the targets.
 *
 * @param inputLacked frames that the studio had to show again, since the input had none in time
 */
export function seenFrames({ video, decodeErrors }: RecordingCheck, inputLacked: number): string {
  const order = video?.order;
  const repeated = Math.max(0, (order?.repeated ?? 0) - inputLacked);
  return (
    `of ${video?.frames} frames ` +
    `${order?.missing} missing ${exactly(order?.missing, 0)}, ${repeated} repeated ${exactly(repeated, 0)}, ` +
    `${order?.outOfOrder} out of order ${exactly(order?.outOfOrder, 0)}, ${order?.unreadable} unreadable ${exactly(order?.unreadable, 0)}; ` +
    `${decodeErrors.length} decode errors ${exactly(decodeErrors.length, 0)}`
  );
}
