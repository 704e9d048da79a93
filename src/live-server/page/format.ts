import type { FreezeMeter } from './meters.js';

const NOTHING = '–';

export function formatDelay(seconds: number | undefined): string {
  return seconds === undefined ? NOTHING : `${seconds.toFixed(1)} s`;
}

/** `none`, or `2, the longest 1.3 s`. */
export function formatInterruptions({
  hasBegun,
  count,
  longestMs,
}: Pick<FreezeMeter, 'hasBegun' | 'count' | 'longestMs'>): string {
  if (!hasBegun) return NOTHING;
  return count === 0 ? 'none' : `${count}, the longest ${(longestMs / 1000).toFixed(1)} s`;
}

export function formatBitrate(kbitPerSecond: number): string {
  if (kbitPerSecond < 1) return NOTHING;
  return kbitPerSecond < 1000
    ? `${Math.round(kbitPerSecond)} kbit/s`
    : `${(kbitPerSecond / 1000).toFixed(1)} Mbit/s`;
}

/** `1080p · 60 fps`, named after the shorter side as on streaming sites. */
export function formatQuality(width: number, height: number, fps: number): string {
  if (width === 0) return NOTHING;
  const lines = `${Math.min(width, height)}p`;
  return fps === 0 ? lines : `${lines} · ${Math.round(fps)} fps`;
}

export function formatFrameSize(width: number, height: number): string {
  return width === 0 ? NOTHING : `${width} × ${height}`;
}
