import type { MeasuredUpload } from '../../core/publish/upload-test/upload-meter.js';

/** How much more is tried than is needed: a stream of this share of what the network carries is safe. */
export const MARGIN = 1.25;
/** What counts as all that was tried. */
const NEARLY = 0.97;
/** Below this share of the mean in the worst seconds, or with a stall of so long, ms, a network is unsteady. */
const STEADY = 0.75;
const LONG_STALL_MS = 1000;
const STEP_KBPS = 50;

export interface UploadVerdict {
  readonly verdict: 'good' | 'tight' | 'unsteady' | 'too-slow';
  /** Of video, kbit/s: what leaves a fifth of the network free. At most what was needed to be tried. */
  readonly recommendedKbps: number;
  readonly message: string;
}

/**
 * Says what a measured upload means.
 *
 * @param neededKbps video and sound, kbit/s
 * @param audioKbps of them
 */
export function judgeUpload(upload: MeasuredUpload, neededKbps: number, audioKbps: number): UploadVerdict {
  const { carriedKbps, lowestKbps, longestStallMs, triedKbps, isAcknowledged } = upload;
  const safeKbps = carriedKbps / MARGIN - audioKbps;
  const isAll = carriedKbps >= NEARLY * triedKbps;
  const mostKbps = neededKbps - audioKbps;
  const recommendedKbps = isAll
    ? mostKbps
    : Math.max(0, Math.min(mostKbps, Math.floor(safeKbps / STEP_KBPS) * STEP_KBPS));
  const doubt = isAcknowledged ? '' : ' The server does not say what it has received, so it may be less.';
  const carried = isAll ? `at least ${carriedKbps} kbit/s` : `${carriedKbps} kbit/s`;
  const lower = `set "video.bitrateKbps" to ${recommendedKbps} or less`;
  const say = (verdict: UploadVerdict['verdict'], message: string) => ({
    ...{ verdict, recommendedKbps },
    message: message + doubt,
  });
  if (carriedKbps < neededKbps) {
    return say('too-slow', `carries ${carried}, and ${neededKbps} are needed: ${lower}.`);
  }
  if (longestStallMs >= LONG_STALL_MS || lowestKbps < STEADY * Math.min(carriedKbps, neededKbps)) {
    const worst = `${lowestKbps} kbit/s in the worst two seconds`;
    const stall =
      longestStallMs >= LONG_STALL_MS ? `, nothing for ${(longestStallMs / 1000).toFixed(1)} s` : '';
    return say(
      'unsteady',
      `carries ${carried}, but not steadily (${worst}${stall}): test again, or use a cable.`,
    );
  }
  if (!isAll)
    return say('tight', `carries ${carried}, little more than the ${neededKbps} that are needed: ${lower}.`);
  return say('good', `carries ${carried}; ${neededKbps} are needed.`);
}
