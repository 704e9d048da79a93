import type { FfmpegExit } from '../encoder/ffmpeg-errors.js';
import { isFailure } from '../encoder/log-line.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../protocol/errors.js';
import type { FfmpegTarget, FfmpegTargetKind } from '../protocol/relay.js';

interface Explanation {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** `$target` stands for the target. */
  readonly message: string;
  readonly remedy: string;
  /** Only for these. */
  readonly kinds?: readonly FfmpegTargetKind[];
}

const FULL = 'Free some space, or choose another folder.';
const NETWORK = 'Check the address and the network. Bulkhead keeps trying.';

/** From the most to the least specific. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern:
      /Protocol not found|Unrecognized option|Option \S+ not found|^\/dev\/fd\/\d+: Invalid|Invalid option or argument|not a suitable output format/i,
    code: ErrorCodes.ffmpegUnsupported,
    message: 'This ffmpeg cannot send by $protocol.',
    remedy:
      'Install a complete ffmpeg, or name one as "ffmpeg" in the configuration; "bulkhead doctor" says what the one in use lacks.',
  },
  {
    pattern: /No space left on device|Disk quota exceeded/,
    code: ErrorCodes.storageFailed,
    message: 'The disk of $target is full.',
    remedy: FULL,
  },
  {
    pattern: /Permission denied|Read-only file system/,
    code: ErrorCodes.storageFailed,
    message: '$target cannot be written to.',
    remedy: 'Give the user of Bulkhead write permission there, or choose another folder.',
    kinds: ['hls', 'hls-push'],
  },
  {
    pattern: /Address already in use|Cannot assign requested address/i,
    code: ErrorCodes.portInUse,
    message: '$target cannot be listened at: the port is in use, or the address is not one of this computer.',
    remedy: 'End what uses the port, or choose another one.',
  },
  {
    pattern: /Failed to resolve hostname|Name or service not known|Temporary failure in name resolution/i,
    code: ErrorCodes.outputUnreachable,
    message: 'The host of $target is not known.',
    remedy: 'Check the address for a typo, and the internet connection.',
  },
  {
    pattern: /bad ?secret|reject|password|ERROR:PEER/i,
    code: ErrorCodes.outputRefused,
    message: '$target has refused the stream.',
    remedy: 'Check the "passphrase" and the "key" (the stream id), and whether the server takes streams now.',
    kinds: ['srt'],
  },
  {
    pattern: /Connection to srt:.* failed|Connection setup failure|timed? ?out|Connection refused/i,
    code: ErrorCodes.outputUnreachable,
    message: 'Nothing answers at $target, or it refuses the passphrase.',
    remedy: 'Check the address, the "passphrase", and that the other side runs. Bulkhead keeps trying.',
    kinds: ['srt'],
  },
  {
    pattern: /Network is unreachable|No route to host|Connection refused/i,
    code: ErrorCodes.outputUnreachable,
    message: '$target cannot be reached.',
    remedy: NETWORK,
  },
];

const PROTOCOLS: Readonly<Record<FfmpegTargetKind, string>> = {
  srt: 'SRT',
  rist: 'RIST',
  udp: 'UDP',
  hls: 'HLS',
  'hls-push': 'HLS',
};

/** The target as the subject of a sentence. */
export function describeTarget(target: FfmpegTarget): string {
  if (target.kind === 'hls') return `the folder ${target.folder}`;
  if (target.kind === 'hls-push') return target.server;
  return `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
}

/** Why ffmpeg has ended by itself. @param wasOpen whether the destination had been connected to */
export function explainRelayEnd(exit: FfmpegExit, target: FfmpegTarget, wasOpen: boolean): BulkheadError {
  const { log, code, signal, spawnError } = exit;
  if (spawnError !== undefined) {
    return new BulkheadError(
      ErrorCodes.ffmpegFailedToStart,
      `ffmpeg does not start: ${spawnError.message}.`,
      {
        remedy: '"bulkhead doctor" says which ffmpeg is used.',
      },
    );
  }
  const lines = log.filter(isFailure).map(({ text }) => text);
  for (const { pattern, code: found, message, remedy, kinds } of EXPLANATIONS) {
    if (kinds !== undefined && !kinds.includes(target.kind)) continue;
    if (found === ErrorCodes.ffmpegUnsupported && wasOpen) continue;
    if (!lines.some((line) => pattern.test(line))) continue;
    return new BulkheadError(found, filled(message, target), { remedy });
  }
  if (signal !== null) {
    return new BulkheadError(ErrorCodes.processFailed, `the ffmpeg of this output was ended by ${signal}`, {
      remedy: 'Bulkhead starts another one. If this repeats, see what ends it, such as low memory.',
    });
  }
  if (wasOpen && target.kind === 'srt') {
    return new BulkheadError(ErrorCodes.outputClosed, filled('$target closed the connection', target), {
      remedy:
        target.mode === 'listener'
          ? 'Bulkhead waits for the next player.'
          : 'Bulkhead reconnects automatically; if it happens often, check the server and the network.',
    });
  }
  const last = lines.at(-1);
  return new BulkheadError(
    ErrorCodes.outputUnreachable,
    `ffmpeg could not send to ${describeTarget(target)}: ${last ?? `it ended with code ${code}`}`,
    { remedy: NETWORK },
  );
}

function filled(message: string, target: FfmpegTarget): string {
  return message.replace('$target', describeTarget(target)).replace('$protocol', PROTOCOLS[target.kind]);
}
