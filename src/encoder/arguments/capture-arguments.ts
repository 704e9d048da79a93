import type { SourceConfig } from '../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { EncodeContext } from '../encode-context.js';
import { type CaptureTrack, needDevice, QUEUE } from './device-arguments.js';
import { frameRate, STEADY_AUDIO } from './filters.js';
import { type FrameFormat, frameFilters } from './frame-filters.js';
import { screenInput } from './screen-arguments.js';

export type CaptureInput = Extract<
  SourceConfig,
  { type: 'screen' | 'camera' | 'microphone' | 'desktop-audio' }
>;

/** What PulseAudio calls what the default output plays. */
const DEFAULT_MONITOR = '@DEFAULT_MONITOR@';

/**
 * The frames of a capture; undefined for sound alone.
 *
 * @param rate filters that choose the frames by their time
 * @throws BulkheadError `input.notFound` or `ffmpeg.unsupported` if they cannot be captured
 */
export function capturedFrames(
  input: CaptureInput,
  video: FrameFormat,
  context: EncodeContext,
  rate: readonly string[] = [],
): CaptureTrack | undefined {
  const frame = frameInput(input, video, context);
  if (frame === undefined) return undefined;
  const { capabilities } = context;
  const source = { type: input.type === 'screen' ? 'screen' : 'camera' } as const;
  return {
    input: frame.input,
    filters: [...frame.filters, ...frameFilters(source, { video, capabilities, rate })],
  };
}

/** What a capture's sound comes from: itself, or the microphone beside it; undefined if it has none. */
export function soundOf(
  input: CaptureInput,
): Extract<CaptureInput, { type: 'microphone' | 'desktop-audio' }> | undefined {
  if (input.type === 'microphone' || input.type === 'desktop-audio') return input;
  return input.microphone === undefined ? undefined : { type: 'microphone', device: input.microphone };
}

/**
 * The sound of a capture; undefined if it has none.
 *
 * @throws BulkheadError `input.notFound` or `ffmpeg.unsupported` if it cannot be captured
 */
export function capturedSound(input: CaptureInput, context: EncodeContext): CaptureTrack | undefined {
  const sound = soundOf(input);
  if (sound === undefined) return undefined;
  const device =
    sound.type === 'microphone'
      ? microphoneInput(sound.device ?? 'default', context)
      : monitorInput(sound.device ?? DEFAULT_MONITOR, context);
  return { input: device, filters: [STEADY_AUDIO] };
}

function frameInput(
  input: CaptureInput,
  video: FrameFormat,
  context: EncodeContext,
): CaptureTrack | undefined {
  switch (input.type) {
    case 'screen':
      return screenInput(input, video.fps, context);
    case 'camera':
      return { input: cameraInput(input.device, video, context), filters: [] };
    case 'microphone':
    case 'desktop-audio':
      return undefined;
  }
}

/** `1` is `/dev/video1`, as in the argument `camera:1`. */
function videoDevice(device: string): string {
  return /^\d+$/.test(device) ? `/dev/video${device}` : device;
}

function cameraInput(device: string | undefined, video: FrameFormat, context: EncodeContext): string[] {
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

function microphoneInput(device: string, context: EncodeContext): string[] {
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

function monitorInput(device: string, context: EncodeContext): string[] {
  const { platform } = context;
  if (platform === 'darwin' || platform === 'win32') {
    const system = platform === 'darwin' ? 'macOS' : 'Windows';
    throw new BulkheadError(
      ErrorCodes.inputInvalid,
      `On ${system}, what the computer plays cannot be captured by "desktop-audio".`,
      { where: 'input "desktop-audio"', remedy: OTHER_MONITORS[platform] },
    );
  }
  needDevice('pulse', 'what this computer plays', context);
  if (context.audioSystem !== 'pulse') {
    throw new BulkheadError(
      ErrorCodes.inputNotFound,
      'What this computer plays cannot be captured: neither PulseAudio nor PipeWire runs for this user.',
      {
        where: 'input "desktop-audio"',
        remedy:
          'Start PipeWire with pipewire-pulse, or PulseAudio. With ALSA alone, load snd-aloop and use a "microphone" with its device.',
      },
    );
  }
  return [...QUEUE, '-f', 'pulse', '-i', device];
}

const OTHER_MONITORS = {
  darwin:
    'Install a loopback device such as BlackHole, have the system play to it, and use a "microphone" with it as its "device".',
  win32: 'Enable "Stereo Mix" in the sound settings, and use a "microphone" with it as its "device".',
} as const;

function named(name: string | undefined, what: string): string {
  if (name !== undefined) return name;
  throw new BulkheadError(ErrorCodes.inputNotFound, `No ${what} was found.`, {
    where: 'input',
    remedy: 'Connect one; "bulkhead doctor" lists what is there.',
  });
}
