import type { SourceConfig, VideoConfig } from '../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { EncodeContext } from '../encode-context.js';
import { frameRate, STEADY_AUDIO } from './filters.js';
import { frameFilters } from './frame-filters.js';

type CaptureInput = Extract<SourceConfig, { type: 'screen' | 'camera' | 'microphone' }>;

/** Number of packets queued between a device's reading thread and the encoder. */
const QUEUE = ['-thread_queue_size', '512'] as const;

/** A device's frames or its sound, alone. */
export interface CaptureTrack {
  /** Up to and including `-i`. */
  readonly input: readonly string[];
  readonly filters: readonly string[];
}

/**
 * The frames of a capture; undefined for a microphone.
 *
 * @param rate filters that choose the frames by their time
 * @throws BulkheadError `input.notFound` or `ffmpeg.unsupported` if they cannot be captured
 */
export function capturedFrames(
  input: CaptureInput,
  video: VideoConfig,
  context: EncodeContext,
  rate: readonly string[] = [],
): CaptureTrack | undefined {
  const frame = frameInput(input, video, context);
  if (frame === undefined) return undefined;
  const { capabilities } = context;
  const source = { type: input.type === 'screen' ? 'screen' : 'camera' } as const;
  return { input: frame, filters: frameFilters(source, { video, capabilities, rate }) };
}

/** The device that a capture's sound comes from; undefined if it has none. */
export function microphoneOf(input: CaptureInput): string | undefined {
  return input.type === 'microphone' ? (input.device ?? 'default') : input.microphone;
}

/**
 * The sound of a capture; undefined if it has none.
 *
 * @throws BulkheadError `input.notFound` or `ffmpeg.unsupported` if it cannot be captured
 */
export function capturedSound(input: CaptureInput, context: EncodeContext): CaptureTrack | undefined {
  const microphone = microphoneOf(input);
  return microphone === undefined
    ? undefined
    : { input: soundInput(microphone, context), filters: [STEADY_AUDIO] };
}

function frameInput(input: CaptureInput, video: VideoConfig, context: EncodeContext): string[] | undefined {
  switch (input.type) {
    case 'screen':
      return screenInput(input.display, video, context);
    case 'camera':
      return cameraInput(input.device, video, context);
    case 'microphone':
      return undefined;
  }
}

function screenInput(display: string | undefined, video: VideoConfig, context: EncodeContext): string[] {
  const rate = ['-framerate', frameRate(video.fps)];
  switch (context.platform) {
    case 'darwin': {
      needDevice('avfoundation', 'the screen', context);
      const screen = `Capture screen ${display ?? '0'}`;
      return [...QUEUE, '-f', 'avfoundation', '-capture_cursor', '1', ...rate, '-i', `${screen}:none`];
    }
    case 'win32':
      needDevice('gdigrab', 'the screen', context);
      return [...QUEUE, '-f', 'gdigrab', ...rate, '-i', display ?? 'desktop'];
    default: {
      needDevice('x11grab', 'the screen', context);
      const name = display === undefined ? context.display : xDisplay(display);
      if (name === undefined || name === '') {
        throw new BulkheadError(ErrorCodes.inputNotFound, 'There is no X display to capture.', {
          where: 'input.display',
          remedy:
            'Run inside an X session, or name one (":0.0"). Wayland sessions can be captured only where XWayland shows them.',
        });
      }
      const size = context.screenSize === undefined ? [] : ['-video_size', context.screenSize];
      return [...QUEUE, '-f', 'x11grab', ...rate, ...size, '-i', name];
    }
  }
}

/** `1` and `1.0` are the displays `:1` and `:1.0`, as in the argument `screen:1`. */
export function xDisplay(display: string): string {
  return /^\d+(\.\d+)?$/.test(display) ? `:${display}` : display;
}

/** `1` is `/dev/video1`, as in the argument `camera:1`. */
function videoDevice(device: string): string {
  return /^\d+$/.test(device) ? `/dev/video${device}` : device;
}

function cameraInput(device: string | undefined, video: VideoConfig, context: EncodeContext): string[] {
  const { width, height } = video;
  const rate = ['-framerate', frameRate(video.fps)];
  switch (context.platform) {
    case 'darwin':
      needDevice('avfoundation', 'a camera', context);
      return [...QUEUE, '-f', 'avfoundation', ...rate, '-i', `${device ?? 'default'}:none`];
    case 'win32': {
      needDevice('dshow', 'a camera', context);
      const name = device ?? named(context.defaultCamera, 'camera');
      return [...QUEUE, '-f', 'dshow', '-rtbufsize', '256M', '-i', `video=${name}`];
    }
    default:
      needDevice('v4l2', 'a camera', context);
      // The driver chooses the nearest supported mode.
      return [
        ...[...QUEUE, '-f', 'v4l2', ...rate, '-video_size', `${width}x${height}`],
        ...['-i', videoDevice(device ?? '0')],
      ];
  }
}

function soundInput(device: string, context: EncodeContext): string[] {
  switch (context.platform) {
    case 'darwin':
      needDevice('avfoundation', 'a microphone', context);
      return [...QUEUE, '-f', 'avfoundation', '-i', `none:${device}`];
    case 'win32': {
      needDevice('dshow', 'a microphone', context);
      const name = device === 'default' ? named(context.defaultMicrophone, 'microphone') : device;
      return [...QUEUE, '-f', 'dshow', '-audio_buffer_size', '50', '-i', `audio=${name}`];
    }
    default: {
      const system = context.audioSystem ?? 'alsa';
      needDevice(system, 'a microphone', context);
      return [...QUEUE, '-f', system, '-i', device];
    }
  }
}

function named(name: string | undefined, what: string): string {
  if (name !== undefined) return name;
  throw new BulkheadError(ErrorCodes.inputNotFound, `No ${what} was found.`, {
    where: 'input',
    remedy: 'Connect one; "bulkhead doctor" lists what is there.',
  });
}

function needDevice(name: string, what: string, { capabilities }: EncodeContext): void {
  if (capabilities === undefined || capabilities.devices.includes(name)) return;
  throw new BulkheadError(
    ErrorCodes.ffmpegUnsupported,
    `This ffmpeg cannot capture ${what}: it has no "${name}".`,
    {
      where: capabilities.path,
      remedy: 'Install a complete ffmpeg, or name one as "ffmpeg" in the configuration or in FFMPEG_BIN.',
    },
  );
}
