import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { EncodeContext } from '../encode-context.js';
import type { AudioFormat } from '../tracks/audio-encoder.js';

/** What the sound system shows of it. */
const NAME = 'Bulkhead';
/** How much the device may have of what is to be played, ms. */
const BUFFER_MS = 100;
const WHERE = 'mixer.monitorDevice';

/**
 * How ffmpeg plays PCM from its stdin (16 bits, interleaved), and tells on its stdout how far it is.
 *
 * @param device by the sound system's name, or `default`
 * @throws BulkheadError `ffmpeg.unsupported` or `platform.unsupported` if it cannot
 */
export function monitorArguments(
  device: string,
  { sampleRate, channels }: AudioFormat,
  context: EncodeContext,
): string[] {
  return [
    ...['-progress', 'pipe:1', '-probesize', '32', '-analyzeduration', '0', '-f', 's16le'],
    ...['-ar', String(sampleRate), '-ac', String(channels), '-i', 'pipe:0'],
    ...outputTo(device, context),
  ];
}

function outputTo(device: string, context: EncodeContext): string[] {
  switch (context.platform) {
    case 'darwin':
      needOutput('audiotoolbox', context);
      return [...(device === 'default' ? [] : ['-audio_device_index', device]), '-f', 'audiotoolbox', '-'];
    case 'win32':
      throw new BulkheadError(
        ErrorCodes.platformUnsupported,
        'On Windows, no ffmpeg can play sound to a device.',
        {
          where: WHERE,
          remedy: 'Monitor the source by the system: Sound settings, the device, "Listen to this device".',
        },
      );
    default: {
      const system = context.audioSystem ?? 'alsa';
      needOutput(system, context);
      if (system === 'alsa') return ['-f', 'alsa', device];
      const named = device === 'default' ? [] : ['-device', device];
      return [
        ...['-f', 'pulse', '-name', NAME, '-buffer_duration', String(BUFFER_MS)],
        ...named,
        'monitoring',
      ];
    }
  }
}

function needOutput(name: string, { capabilities }: EncodeContext): void {
  if (capabilities === undefined || capabilities.outputDevices.includes(name)) return;
  throw new BulkheadError(
    ErrorCodes.ffmpegUnsupported,
    `This ffmpeg cannot play sound: it has no "${name}".`,
    {
      where: capabilities.path,
      remedy: 'Install a complete ffmpeg, or name one as "ffmpeg" in the configuration or in FFMPEG_BIN.',
    },
  );
}
