import { type DiskCache, fileKey } from './disk-cache.js';
import { runTool, type ToolOutput } from './run-ffmpeg.js';

/** Capabilities of one ffmpeg, as reported by it. */
export interface FfmpegCapabilities {
  readonly path: string;
  /** Its version string: `5.1.9-0+deb12u1`, `N-47683-g0e8eb07980-static`. */
  readonly version: string;
  /** Reported by every build; 58 is ffmpeg 4, 59 is 5, and so on. 0 if it was not reported. */
  readonly libavformatMajor: number;
  /** Names of the video and audio encoders. */
  readonly encoders: readonly string[];
  readonly filters: readonly string[];
  /** Protocols it can read from. */
  readonly protocols: readonly string[];
  /** Devices it can capture, as formats: `x11grab`, `v4l2`, `alsa` … */
  readonly devices: readonly string[];
  /** Devices it can play to: `alsa`, `pulse`, `audiotoolbox` … */
  readonly outputDevices: readonly string[];
  /** Whether a screen capture without a size captures the whole screen; 640 × 480 pixels otherwise. */
  readonly capturesWholeScreen: boolean;
  /** Whether it can capture one window of an X display; ffmpeg 4.4 was the first. */
  readonly capturesWindows: boolean;
}

const KIND = 'ffmpeg';
const DEADLINE_MS = 10_000;

/** The cached capabilities of this ffmpeg, without running it. */
export function knownCapabilities(path: string, cache: DiskCache): FfmpegCapabilities | undefined {
  try {
    const value = cache.read(KIND, fileKey(path));
    return isCapabilities(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Determines the capabilities of an ffmpeg by running it several times in sequence (about half a second), and
 * caches the result. Rejects if it cannot be run.
 */
export async function probeCapabilities(
  path: string,
  { cache, signal }: { readonly cache?: DiskCache; readonly signal?: AbortSignal } = {},
): Promise<FfmpegCapabilities> {
  const ask = (...args: string[]): Promise<ToolOutput> =>
    runTool(path, args, { deadlineMs: DEADLINE_MS, signal });
  const encoders = await ask('-encoders');
  const version = /^ffmpeg version (\S+)/m.exec(encoders.stderr)?.[1];
  if (version === undefined) throw new Error(`${path} is not an ffmpeg: it printed no version`);
  const filters = await ask('-hide_banner', '-filters');
  const protocols = await ask('-hide_banner', '-protocols');
  const listed = (await ask('-hide_banner', '-devices')).stdout;
  const devices = parseDevices(listed);
  const screens = devices.includes('x11grab')
    ? (await ask('-hide_banner', '-h', 'demuxer=x11grab')).stdout
    : '';
  const capabilities: FfmpegCapabilities = {
    path,
    version,
    libavformatMajor: Number(/^\s*libavformat\s+(\d+)/m.exec(encoders.stderr)?.[1] ?? 0),
    encoders: parseEncoders(encoders.stdout),
    filters: parseFilters(filters.stdout),
    protocols: parseInputProtocols(protocols.stdout),
    devices,
    outputDevices: parseOutputDevices(listed),
    capturesWholeScreen: !screens.includes('(default "vga")'),
    capturesWindows: screens.includes('-window_id'),
  };
  cache?.write(KIND, fileKey(path), capabilities);
  return capabilities;
}

/** ` V....D libx264   libx264 H.264 …`; the legend above has an equals sign in place of the name. */
export function parseEncoders(text: string): string[] {
  return [...text.matchAll(/^ [VA][A-Z.]{5} (?!=)(\S+)/gm)].map(([, name = '']) => name);
}

/** ` TSC drawtext   V->V   Draw text …` */
export function parseFilters(text: string): string[] {
  return [...text.matchAll(/^ [A-Z.]{2,3} (\S+) +\S+->\S+/gm)].map(([, name = '']) => name);
}

export function parseInputProtocols(text: string): string[] {
  return (/^Input:$([\s\S]*?)^Output:$/m.exec(text)?.[1] ?? '').split(/\s+/).filter((name) => name !== '');
}

/** ` DE video4linux2,v4l2 Video4Linux2 output device` */
export function parseDevices(text: string): string[] {
  return [...text.matchAll(/^ D[E ] {1,2}(?!=)(\S+)/gm)].flatMap(([, names = '']) => names.split(','));
}

/** `  E sdl,sdl2 SDL2 output device` */
export function parseOutputDevices(text: string): string[] {
  return [...text.matchAll(/^ [D ]E {1,2}(?!=)(\S+)/gm)].flatMap(([, names = '']) => names.split(','));
}

function isCapabilities(value: unknown): value is FfmpegCapabilities {
  const candidate = value as Partial<FfmpegCapabilities> | null | undefined;
  return (
    typeof candidate?.version === 'string' &&
    typeof candidate.path === 'string' &&
    typeof candidate.libavformatMajor === 'number' &&
    typeof candidate.capturesWholeScreen === 'boolean' &&
    typeof candidate.capturesWindows === 'boolean' &&
    [
      candidate.encoders,
      candidate.filters,
      candidate.protocols,
      candidate.devices,
      candidate.outputDevices,
    ].every(Array.isArray)
  );
}
