import { inputRedactor, redactUrl } from '../config/input-secrets.js';
import type { SourceConfig } from '../config/schema.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../protocol/errors.js';
import { type FfmpegLogLine, isFailure } from './log-line.js';
import { explainScreen, windowIsGone } from './screen-errors.js';

/** How a run of ffmpeg ended. */
export interface FfmpegExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of its stderr. */
  readonly log: readonly FfmpegLogLine[];
  /** Whether it had delivered anything before. */
  readonly delivered?: boolean;
  /** Whether it was ended since it delivered nothing. */
  readonly silent?: boolean;
  /** Set if something else has ended it, such as the loss of what it reads from. */
  readonly reason?: BulkheadError;
  /** Set if it could not be started at all. */
  readonly spawnError?: Error;
}

/** Translates ffmpeg's messages for a streamer. */
interface Explanation {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** `$1` … are the pattern's groups, `$input` the input's name. */
  readonly message: string;
  readonly remedy: string;
  /** The message if nothing had been encoded yet. */
  readonly early?: string;
  /** If set, only for these kinds of input. */
  readonly inputs?: readonly SourceConfig['type'][];
}

const INSTALL = 'Install a complete ffmpeg, or name one as "ffmpeg" in the configuration or in FFMPEG_BIN.';
export const DISPLAY_REMEDY =
  'Check the display\'s name (":0.0") and that this user may use it (xhost, XAUTHORITY).';
/** Exit code of a program that could not run another one (POSIX). */
const CANNOT_RUN = 126;
const NOT_FOUND = 127;
const FILES = ['file', 'image'] as const;
const PUBLISH = 'Start the stream in OBS, or whatever publishes to it.';
const DEVICES = ['screen', 'camera', 'microphone', 'desktop-audio'] as const;

/** The first match is used: specific ones come before general ones. */
const EXPLANATIONS: readonly Explanation[] = [
  // ffmpeg itself
  {
    pattern: /Unknown encoder '([^']+)'/,
    code: ErrorCodes.encoderUnknown,
    message: 'This ffmpeg has no encoder "$1".',
    remedy:
      'Set "video.encoder" to "libx264", or install an ffmpeg that has it; "bulkhead doctor" lists those of this one.',
  },
  {
    pattern:
      /Cannot load (lib(?:cuda|nvcuvid|nvidia-encode)\S*|nv\S+\.dll)|No capable devices found|OpenEncodeSessionEx failed/,
    code: ErrorCodes.encoderUnknown,
    message: 'The NVIDIA encoder cannot be used on this computer.',
    remedy: 'Check the graphics driver, or set "video.encoder" to "libx264".',
  },
  {
    pattern:
      /No VA display found|Failed to initialise VAAPI|Device creation failed|Error initializing an MFX session/,
    code: ErrorCodes.encoderUnknown,
    message: 'The hardware encoder cannot be used on this computer.',
    remedy: 'Check the graphics driver and your right to use /dev/dri, or set "video.encoder" to "libx264".',
  },
  {
    pattern: /Error setting preset\/tune ([^/]+)\//,
    code: ErrorCodes.configInvalid,
    message: 'The video encoder has no preset "$1".',
    remedy: 'Set "video.preset" to one of the encoder\'s own; "veryfast" for libx264.',
  },
  {
    pattern: /Error setting profile (\S+?)\.?$/,
    code: ErrorCodes.configInvalid,
    message: 'The video encoder has no profile "$1".',
    remedy: 'Set "video.profile" to "high", "main" or "baseline".',
  },
  {
    pattern:
      /Unrecognized option '([^']+)'|Option (\S+) not found|No such filter: '([^']+)'|Unknown input format: '?([^'\s]+)/,
    code: ErrorCodes.ffmpegUnsupported,
    message: 'This ffmpeg does not know "$1".',
    remedy: INSTALL,
  },
  {
    pattern: /Decoder \(codec (\S+)\) not found|no decoder found for: (\S+)/,
    code: ErrorCodes.ffmpegUnsupported,
    message: '$input is encoded with "$1", which this ffmpeg cannot decode.',
    remedy:
      'Convert it to another format, or install a complete ffmpeg and name it as "ffmpeg" in the configuration.',
  },
  {
    pattern: /(\w+):\/\/.*: Protocol not found/,
    code: ErrorCodes.ffmpegUnsupported,
    message: 'This ffmpeg cannot read $1 addresses.',
    remedy: INSTALL,
  },
  {
    pattern: /error while loading shared libraries: (\S+):|failed to execute (.*): /,
    code: ErrorCodes.ffmpegFailedToStart,
    message: 'ffmpeg does not start: "$1" is missing or cannot be run.',
    remedy: INSTALL,
  },
  // What an input refers to
  {
    pattern: /Protocol '(\w+)' not on whitelist|(Unsafe file name)/,
    code: ErrorCodes.inputDenied,
    message: '$input refers to media of another kind than its own, which is not opened.',
    remedy: 'Give the address or the path of that media itself.',
  },
  {
    pattern: /Server returned (4\d\d|5\S+)|(?:method \w+ failed: )(\d{3})/,
    code: ErrorCodes.inputUnreachable,
    message: 'The server of $input refused it with "$1".',
    remedy: 'Check the address and what the server asks for.',
    inputs: ['url'],
  },
  {
    pattern: /^https?:.*: Invalid argument$/,
    code: ErrorCodes.inputInvalid,
    message: '$input is no address that can be read, or its server redirects to one that is none.',
    remedy: 'Correct it, or give the address that it leads to: one that begins with "http://" or "https://".',
    inputs: ['url'],
  },
  // Devices
  {
    // A region outside of the screen: x11grab reports a lack of permission afterwards.
    pattern: /Cannot get the image data|Capture area .* outside the screen size/,
    code: ErrorCodes.inputUnreachable,
    message: 'The size of the screen has changed.',
    remedy: 'It is captured again in its new size.',
    inputs: ['screen'],
  },
  {
    pattern: /Cannot open display|[Cc]ould not open (?:X )?display/,
    code: ErrorCodes.inputNotFound,
    message: 'The X display cannot be opened.',
    remedy: DISPLAY_REMEDY,
  },
  {
    pattern: /Inappropriate ioctl for device|Not a video capture device/,
    code: ErrorCodes.inputInvalid,
    message: '$input is not a camera.',
    remedy: 'Choose another; "bulkhead doctor" lists what is there.',
    inputs: ['camera'],
  },
  {
    pattern: /Address already in use/,
    code: ErrorCodes.inputBusy,
    message: 'The port of $input is in use by another program, or by another source.',
    remedy: 'End what uses it, or choose another port.',
    inputs: ['url'],
  },
  {
    pattern: /Device or resource busy|already in use/,
    code: ErrorCodes.inputBusy,
    message: '$input is in use by another program.',
    remedy: 'Close the program that uses it, or choose another device.',
  },
  {
    pattern: /Permission denied|Operation not permitted|Access denied|not authorized/i,
    code: ErrorCodes.inputDenied,
    message: '$input is not accessible to this user.',
    remedy:
      'Grant read access: for devices the groups "video" and "audio" on Linux, the privacy settings elsewhere.',
  },
  {
    pattern:
      /cannot open audio device|Cannot open video device|Could not find (?:video|audio) device|No such (?:process|device)|device not found|Connection refused/,
    code: ErrorCodes.inputNotFound,
    message: '$input was not found.',
    remedy: 'Connect it, or choose another; "bulkhead doctor" lists what is there.',
    inputs: DEVICES,
  },
  // Addresses
  {
    pattern: /Connection refused/,
    code: ErrorCodes.inputUnreachable,
    message: 'Nothing is listening at $input.',
    remedy: 'Start the source, or correct the address.',
    inputs: ['url'],
  },
  {
    pattern: /timed out|Network is unreachable|No route to host|Operation timed out/i,
    code: ErrorCodes.inputUnreachable,
    message: '$input does not respond.',
    remedy: 'Check that the source is on and that the network reaches it.',
    inputs: ['url'],
  },
  {
    pattern: /Failed to resolve hostname|Name or service not known|Temporary failure in name resolution/,
    code: ErrorCodes.inputUnreachable,
    message: 'The host of $input is not known.',
    remedy: 'Check the address for a typo, and the internet connection.',
    inputs: ['url'],
  },
  {
    pattern: /Input\/output error|Connection reset|Broken pipe|End of file|Server error|Cannot (?:open|read)/,
    code: ErrorCodes.inputUnreachable,
    message: '$input was interrupted.',
    early: '$input delivers nothing.',
    remedy: 'Check that the source is on; Bulkhead keeps retrying.',
    inputs: ['url'],
  },
  {
    pattern:
      /Connection refused|Input\/output error|Connection reset|Broken pipe|End of file|Server error|Cannot (?:open|read)/,
    code: ErrorCodes.inputUnreachable,
    message: '$input delivers nothing.',
    remedy: PUBLISH,
    inputs: ['ingest'],
  },
  // Files
  {
    pattern: /No such file or directory/,
    code: ErrorCodes.inputNotFound,
    message: '$input does not exist.',
    remedy: 'Correct its path or name.',
  },
  {
    pattern: /Is a directory/,
    code: ErrorCodes.inputInvalid,
    message: '$input is a folder, not a file.',
    remedy: 'Name one file in it.',
  },
  {
    pattern: /matches no streams|Output file #0 does not contain any stream/,
    code: ErrorCodes.inputInvalid,
    message: '$input has lost its video or audio.',
    remedy: 'It is probed again at the next start.',
  },
  {
    pattern: /Invalid image size|Picture size \d+x\d+ is invalid|Invalid dimensions/i,
    code: ErrorCodes.inputInvalid,
    message: '$input has frames that are too large for ffmpeg.',
    remedy: 'Scale it down.',
  },
  {
    pattern: /image data not found/,
    code: ErrorCodes.inputInvalid,
    message: '$input is an animated WebP image, which this ffmpeg cannot read, or it is damaged.',
    remedy: 'Save it as GIF, as PNG, or as a video.',
    inputs: FILES,
  },
  {
    pattern:
      /Invalid data found|moov atom not found|Cannot determine format of input|could not find codec parameters/i,
    code: ErrorCodes.inputInvalid,
    message: '$input is not media that ffmpeg can read, or it is damaged.',
    remedy: 'Check that it plays elsewhere, or choose another.',
  },
  {
    pattern: /Input\/output error/,
    code: ErrorCodes.inputNotFound,
    message: '$input cannot be read.',
    remedy: 'Check that it is connected and not damaged.',
    inputs: [...DEVICES, ...FILES],
  },
  // ffmpeg says this of frames that cannot be decoded, too.
  {
    pattern: /Error while opening encoder|Error initializing output stream|Could not open encoder/,
    code: ErrorCodes.encoderUnknown,
    message: 'The video encoder does not take these settings.',
    remedy: 'Check size, bitrate, preset and profile under "video"; the log has the encoder\'s own messages.',
  },
];

/** Why ffmpeg exited unexpectedly, for a streamer. Pure. */
export function explainFfmpegExit(exit: FfmpegExit, input: SourceConfig, ffmpegPath: string): BulkheadError {
  const { code, signal, spawnError, reason } = exit;
  if (reason !== undefined) return reason;
  if (spawnError !== undefined) {
    return new BulkheadError(
      ErrorCodes.ffmpegFailedToStart,
      `ffmpeg cannot be started: ${spawnError.message}.`,
      {
        where: ffmpegPath,
        remedy: INSTALL,
        cause: spawnError,
      },
    );
  }
  if (exit.silent === true) return deliversNothing(input);
  if (signal !== null) return explainSignal(signal, ffmpegPath);
  const redact = inputRedactor(input);
  const failures = exit.log.filter(isFailure).map((line) => ({ ...line, text: redact(line.text) }));
  const ofScreen =
    input.type === 'screen' &&
    explainScreen(
      failures.map(({ text }) => text),
      input,
    );
  if (ofScreen) return ofScreen;
  for (const { pattern, code: errorCode, remedy, inputs, ...words } of EXPLANATIONS) {
    const message = exit.delivered === true ? words.message : (words.early ?? words.message);
    for (const line of failures) {
      const match = pattern.exec(line.text);
      if (match === null) continue;
      const device = deviceOf(line, input);
      if (inputs?.includes(device.type) === false) continue;
      const detail = match.slice(1).find((group) => group !== undefined) ?? '';
      return new BulkheadError(
        errorCode,
        message.replace('$1', () => detail).replace('$input', () => describeInput(device)),
        {
          where: describeWhere(device),
          remedy: device === input ? remedy : `${remedy} Without "microphone" the input has silence.`,
        },
      );
    }
  }
  if (code === CANNOT_RUN || code === NOT_FOUND) {
    return new BulkheadError(
      ErrorCodes.ffmpegFailedToStart,
      `ffmpeg cannot be started (exit code ${code}).`,
      { where: ffmpegPath, remedy: INSTALL },
    );
  }
  if (code === 0 && input.type === 'ingest') return deliversNothing(input);
  // ffmpeg may take it for the end that its window was closed.
  if (code === 0 && input.type === 'screen' && input.window !== undefined) return windowIsGone(input.window);
  if (code === 0) {
    return new BulkheadError(ErrorCodes.inputUnreachable, `${describeInput(input)} has ended.`, {
      where: describeWhere(input),
      remedy: 'Reopening it.',
    });
  }
  const last = failures.findLast(({ text }) => text !== 'Conversion failed!')?.text;
  return new BulkheadError(
    ErrorCodes.encoderCrashed,
    `ffmpeg failed${last === undefined ? '' : `: ${last}`} (exit code ${code}).`,
    {
      where: describeWhere(input),
      remedy: 'The log has its last lines; "bulkhead doctor" checks the installation.',
    },
  );
}

function deliversNothing(input: SourceConfig): BulkheadError {
  return new BulkheadError(ErrorCodes.inputUnreachable, `${describeInput(input)} delivers nothing.`, {
    where: describeWhere(input),
    remedy: input.type === 'ingest' ? PUBLISH : 'Check that the source is on; Bulkhead keeps retrying.',
  });
}

/** Whether it lacks something itself: its input is not damaged then. */
export function lacksSomething({ log }: FfmpegExit): boolean {
  const unsupported = EXPLANATIONS.filter(({ code }) => code === ErrorCodes.ffmpegUnsupported);
  return log.some((line) => isFailure(line) && unsupported.some(({ pattern }) => pattern.test(line.text)));
}

/** The device that a line is about: the microphone of a screen or camera input is opened separately. */
function deviceOf({ source, text }: FfmpegLogLine, input: SourceConfig): SourceConfig {
  const microphone = 'microphone' in input ? input.microphone : undefined;
  const isSound =
    microphone !== undefined &&
    (/^(alsa|pulse)$/.test(source) ||
      /^ALSA lib |\baudio (device|only|=)|\baudio=|^none:/.test(text) ||
      text.startsWith(`${microphone}: `));
  return isSound ? { type: 'microphone', device: microphone } : input;
}

function explainSignal(signal: NodeJS.Signals, ffmpegPath: string): BulkheadError {
  const crashed = signal === 'SIGSEGV' || signal === 'SIGBUS' || signal === 'SIGILL' || signal === 'SIGABRT';
  return new BulkheadError(
    ErrorCodes.encoderCrashed,
    crashed ? `ffmpeg crashed (${signal}).` : `ffmpeg was killed by ${signal}.`,
    {
      where: ffmpegPath,
      remedy: crashed
        ? 'Restarting it; if this repeats, install a newer ffmpeg.'
        : 'Restarting it; if this repeats, check what kills it, such as low memory.',
    },
  );
}

/** The input as the subject of a sentence. */
export function describeInput(input: SourceConfig): string {
  switch (input.type) {
    case 'test-pattern':
      return 'The test pattern';
    case 'colour':
      return 'The plain colour';
    case 'playlist':
      return 'The playlist';
    case 'replay':
      return 'The replay';
    case 'text':
      return 'The text';
    case 'plugin':
      return `The plugin "${input.plugin}"`;
    case 'file':
      return 'The media file';
    case 'image':
      return 'The image file';
    case 'url':
      return redactUrl(input.url);
    case 'browser':
      return `The page ${redactUrl(input.url)}`;
    case 'ingest':
      return `The ingest "${input.ingest}"`;
    case 'screen':
      return input.window === undefined ? 'The screen' : `The window "${input.window}"`;
    case 'camera':
      return `The camera${input.device === undefined ? '' : ` ${input.device}`}`;
    case 'desktop-audio':
      return `The sound of this computer${input.device === undefined ? '' : ` (${input.device})`}`;
    case 'microphone':
      return `The microphone${input.device === undefined || input.device === 'default' ? '' : ` ${input.device}`}`;
  }
}

/** The input as a location: a path, an address, a device. */
export function describeWhere(input: SourceConfig): string {
  switch (input.type) {
    case 'file':
    case 'image':
      return input.path;
    case 'url':
    case 'browser':
      return redactUrl(input.url);
    case 'ingest':
      return `ingests.${input.ingest}`;
    default:
      return `input "${input.type}"`;
  }
}
