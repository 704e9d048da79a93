import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BroadcastConfigInput } from '../../src/config/schema.js';
import type { ViewedPacket } from './live-viewer.js';
import { eventually } from './wait.js';

/** A frame so small that a busy machine still encodes several broadcasts in real time. */
export const SMALL_VIDEO = {
  width: 320,
  height: 180,
  fps: 15,
  bitrateKbps: 300,
  preset: 'ultrafast',
  keyframeIntervalSeconds: 1,
} as const;

/** Writes a configuration with a small image and the given settings; returns its path. */
export function writeConfig(folder: string, settings: BroadcastConfigInput = {}): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'show.json');
  writeFileSync(file, JSON.stringify({ video: SMALL_VIDEO, ...settings }));
  return file;
}

/**
 * Number of frames that a viewer is missing between its first and its last, judged by the constant frame rate of
 * the encoder. Late frames do not count.
 */
export function missingFrames(packets: readonly ViewedPacket[], fps: number = SMALL_VIDEO.fps): number {
  const slots = packets
    .filter(({ stream }) => stream === 'video')
    .map(({ dtsMs }) => Math.round((dtsMs * fps) / 1000));
  return slots.slice(1).reduce((missing, slot, i) => missing + Math.abs(slot - (slots[i] ?? 0) - 1), 0);
}

/** Slots left out on purpose are in the status this long after they were due, ms. */
const REPORTED_WITHIN_MS = 3000;

/**
 * Fails if a viewer is missing a frame, but for those that the encoder process left out on purpose, as it has to on a
 * computer that is too busy to encode them.
 */
export async function assertNoFrameMissing(
  packets: readonly ViewedPacket[],
  status: () => Promise<{ readonly encoder: { readonly skippedSlots: number } }>,
  { fps, name }: { fps?: number; name?: string } = {},
): Promise<void> {
  const missing = missingFrames(packets, fps);
  if (missing === 0) return;
  const deadline = Date.now() + REPORTED_WITHIN_MS;
  const leftOut = await eventually('the slots that were left out', async () => {
    const { skippedSlots } = (await status()).encoder;
    return skippedSlots >= missing || Date.now() > deadline ? skippedSlots : undefined;
  });
  const where = name === undefined ? '' : `${name}: `;
  assert.ok(missing <= leftOut, `${where}${missing} frames missing at the viewer, ${leftOut} left out`);
}
