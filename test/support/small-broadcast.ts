import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BroadcastConfigInput } from '../../src/config/schema.js';
import type { ViewedPacket } from './live-viewer.js';

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
