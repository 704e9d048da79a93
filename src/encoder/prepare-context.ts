import { existsSync, statSync } from 'node:fs';
import type { EncodeSettings } from '../config/encode-settings.js';
import type { SourceConfig } from '../config/schema.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { CaptureInput } from './arguments/capture-arguments.js';
import { dependsOnBuild } from './arguments/frame-filters.js';
import { xDisplay } from './arguments/screen-arguments.js';
import { findClockFont } from './clock-font.js';
import { listDevices } from './devices.js';
import type { DiskCache } from './disk-cache.js';
import type { EncodeContext } from './encode-context.js';
import { type FfmpegCapabilities, knownCapabilities, probeCapabilities } from './ffmpeg-capabilities.js';
import { describeInput } from './ffmpeg-errors.js';
import { type ImageInfo, readImageInfo } from './image-info.js';
import { isStill } from './media-info.js';
import type { MediaInspector } from './media-inspector.js';
import { screenSize } from './screen-size.js';
import { wholeTitle } from './window-titles.js';
import { findWindow } from './x11/find-window.js';

/** ffmpeg takes up to ten bytes of memory for each pixel, and seconds for 100 million. */
const MAX_IMAGE_PIXELS = 100e6;

export interface Preparation {
  readonly ffmpegPath: string;
  readonly cache: DiskCache;
  readonly inspector: MediaInspector;
  readonly signal: AbortSignal;
  /** Whether an address is opened only by what reads it: it may serve one connection alone. Not asked of recordings. */
  readonly opensOnce?: boolean;
}

/**
 * Determines what the arguments depend on. Runs nothing for the test pattern or an image with the default encoder,
 * nor for cached facts, since a start must not wait.
 *
 * @throws BulkheadError if the input is missing or cannot be read
 */
export async function prepareContext(
  settings: EncodeSettings,
  preparation: Preparation,
): Promise<EncodeContext> {
  const { input } = settings;
  const { ffmpegPath, cache, inspector, signal } = preparation;
  if ('path' in input) checkFile(input);
  const capabilities =
    knownCapabilities(ffmpegPath, cache) ??
    (dependsOnFfmpeg(settings) ? await probe(preparation) : undefined);
  const base = { platform: process.platform, capabilities };
  switch (input.type) {
    case 'test-pattern':
      return { ...base, clockFont: capabilities === undefined ? undefined : findClockFont() };
    case 'file':
    case 'url': {
      if (input.type === 'url' && preparation.opensOnce === true && !isRecording(input.url)) return base;
      const media = await inspector.inspect(input, ffmpegPath, capabilities, signal);
      const needed = capabilities === undefined && dependsOnBuild(media);
      return {
        ...base,
        ...(needed ? { capabilities: await probe(preparation) } : {}),
        ...(input.type === 'file' && isStill(media) ? { image: imageInfo(input) } : {}),
        media,
      };
    }
    case 'colour':
    case 'playlist':
    case 'replay':
    case 'ingest':
    case 'text':
    case 'plugin':
    case 'browser':
      return base;
    case 'image':
      return { ...base, image: imageInfo(input) };
    default:
      return { ...base, ...(await captureContext(input, preparation, capabilities)) };
  }
}

/** Whether an address looks like a file on a web server, which can be read from any position. */
function isRecording(url: string): boolean {
  return /^https?:\/\/[^?#]*\.(mp4|m4v|m4a|mov|mkv|mka|webm|avi|mp3|ogg|opus|flac|wav|m3u8)([?#]|$)/i.test(
    url,
  );
}

/** Whether the arguments differ between versions of ffmpeg; all since 4.1 can read and encode the rest. */
function dependsOnFfmpeg({ input, video }: EncodeSettings): boolean {
  if (video.encoder !== 'libx264') return true;
  switch (input.type) {
    case 'url':
      return /^rtsps?:/i.test(input.url);
    case 'screen':
    case 'microphone':
    case 'desktop-audio':
      return true;
    case 'camera':
      return input.microphone !== undefined;
    default:
      return false;
  }
}

async function probe({ ffmpegPath, cache, signal }: Preparation): Promise<FfmpegCapabilities> {
  try {
    return await probeCapabilities(ffmpegPath, { cache, signal });
  } catch (error) {
    throw new BulkheadError(ErrorCodes.ffmpegFailedToStart, 'ffmpeg cannot be run.', {
      where: ffmpegPath,
      remedy: 'Reinstall ffmpeg; "bulkhead doctor" lists the ones found.',
      cause: error,
    });
  }
}

async function captureContext(
  input: CaptureInput,
  { ffmpegPath, signal }: Preparation,
  capabilities: FfmpegCapabilities | undefined,
): Promise<Partial<EncodeContext>> {
  const window = input.type === 'screen' ? input.window : undefined;
  if (process.platform === 'win32') {
    if (window !== undefined) return { windowTitle: await wholeTitle(window) };
    const { cameras, microphones } = await listDevices(ffmpegPath);
    return { defaultCamera: cameras[0]?.id, defaultMicrophone: microphones[0]?.id };
  }
  if (process.platform === 'darwin') return {};
  const display = process.env['DISPLAY'];
  const captured = input.type === 'screen' ? xDisplay(input.display, { display }) : undefined;
  const needsSize = captured !== undefined && capabilities?.capturesWholeScreen === false;
  const needsWindow =
    captured !== undefined && window !== undefined && capabilities?.capturesWindows !== false;
  return {
    display,
    audioSystem: capabilities?.devices.includes('pulse') === true && hasPulseServer() ? 'pulse' : 'alsa',
    ...(needsSize ? { screenSize: await screenSize(ffmpegPath, captured, signal) } : {}),
    ...(needsWindow ? { window: await findWindow(captured, window) } : {}),
  };
}

/** PulseAudio's own socket; PipeWire provides it too. */
function hasPulseServer(): boolean {
  const { PULSE_SERVER, XDG_RUNTIME_DIR } = process.env;
  return (
    (PULSE_SERVER !== undefined && PULSE_SERVER !== '') ||
    (XDG_RUNTIME_DIR !== undefined && existsSync(`${XDG_RUNTIME_DIR}/pulse/native`))
  );
}

/** Undefined if it cannot be read, for which ffmpeg will give the reason. */
function imageInfo(input: Extract<SourceConfig, { path: string }>): ImageInfo | undefined {
  let image: ImageInfo;
  try {
    image = readImageInfo(input.path);
  } catch {
    return undefined;
  }
  const { width, height } = image.size ?? { width: 0, height: 0 };
  if (width * height <= MAX_IMAGE_PIXELS) return image;
  throw new BulkheadError(
    ErrorCodes.inputInvalid,
    `${describeInput(input)} has ${width} × ${height} pixels, which is too large.`,
    {
      where: input.path,
      remedy: `Scale it down to at most ${MAX_IMAGE_PIXELS / 1e6} million pixels, such as 10000 × 10000.`,
    },
  );
}

function checkFile(input: Extract<SourceConfig, { path: string }>): void {
  const name = describeInput(input);
  let isFolder: boolean;
  try {
    const found = statSync(input.path);
    // Opening a named pipe would wait for its other end, and its bytes are read once only.
    if (found.isFile()) return;
    isFolder = found.isDirectory();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EACCES'
      ? new BulkheadError(ErrorCodes.inputDenied, `${name} may not be read by this user.`, {
          where: input.path,
          remedy: 'Grant read access to it.',
        })
      : new BulkheadError(ErrorCodes.inputNotFound, `${name} does not exist.`, {
          where: input.path,
          remedy: 'Correct its path.',
        });
  }
  throw isFolder
    ? new BulkheadError(ErrorCodes.inputInvalid, `${name} is a folder.`, {
        where: input.path,
        remedy: 'Name one file in it.',
      })
    : new BulkheadError(ErrorCodes.inputInvalid, `${name} is a pipe or a device.`, {
        where: input.path,
        remedy: 'Name a file; a camera, a microphone or a stream is an input of its own type.',
      });
}
