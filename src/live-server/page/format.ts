const NOTHING = '–';

export function formatDelay(seconds: number | undefined): string {
  return seconds === undefined ? NOTHING : `${seconds.toFixed(1)} s`;
}

export function formatFreeze(ms: number): string {
  return ms === 0 ? NOTHING : `${(ms / 1000).toFixed(2)} s`;
}

export function formatBitrate(kbitPerSecond: number): string {
  if (kbitPerSecond < 1) return NOTHING;
  return kbitPerSecond < 1000
    ? `${Math.round(kbitPerSecond)} kbit/s`
    : `${(kbitPerSecond / 1000).toFixed(1)} Mbit/s`;
}

export function formatPicture(width: number, height: number, fps: number): string {
  if (width === 0) return NOTHING;
  return fps === 0 ? `${width}×${height}` : `${width}×${height} · ${Math.round(fps)} fps`;
}
