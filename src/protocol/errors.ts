import { printable, printableLines } from '../base/printable.js';

/**
 * What can go wrong, as a name that scripts and tests may match on. A code is never renamed once released.
 */
export const ErrorCodes = {
  // Settings
  configInvalid: 'config.invalid',
  configNotFound: 'config.notFound',
  secretNotFound: 'config.secretNotFound',
  // Encoder and ffmpeg
  ffmpegNotFound: 'ffmpeg.notFound',
  ffmpegFailedToStart: 'ffmpeg.failedToStart',
  ffmpegUnsupported: 'ffmpeg.unsupported',
  inputNotFound: 'input.notFound',
  inputBusy: 'input.busy',
  inputDenied: 'input.denied',
  inputInvalid: 'input.invalid',
  inputUnreachable: 'input.unreachable',
  encoderUnknown: 'encoder.unknown',
  encoderSilent: 'encoder.silent',
  encoderAhead: 'encoder.ahead',
  encoderSlow: 'encoder.slow',
  encoderCrashed: 'encoder.crashed',
  mediaInvalid: 'media.invalid',
  // Publishing
  outputUnreachable: 'output.unreachable',
  outputRefused: 'output.refused',
  outputKeyInUse: 'output.keyInUse',
  outputAuthFailed: 'output.authFailed',
  outputClosed: 'output.closed',
  outputSlow: 'output.slow',
  outputStalled: 'output.stalled',
  outputTls: 'output.tls',
  // Processes and RPC
  processFailed: 'process.failed',
  processQuarantined: 'process.quarantined',
  versionMismatch: 'process.versionMismatch',
  rpcClosed: 'rpc.closed',
  rpcTimeout: 'rpc.timeout',
  rpcCancelled: 'rpc.cancelled',
  rpcTooLarge: 'rpc.tooLarge',
  rpcUnencodable: 'rpc.unencodable',
  rpcBusy: 'rpc.busy',
  rpcFraming: 'rpc.framing',
  rpcFlooded: 'rpc.flooded',
  rpcInvalidParams: 'rpc.invalidParams',
  // Core and control
  coreNotRunning: 'core.notRunning',
  coreAlreadyRunning: 'core.alreadyRunning',
  broadcastState: 'broadcast.state',
  portInUse: 'port.inUse',
  ingestRefused: 'ingest.refused',
  // Plugins
  pluginInvalid: 'plugin.invalid',
  pluginFailed: 'plugin.failed',
  pluginNotInstalled: 'plugin.notInstalled',
  pluginNeeded: 'plugin.needed',
  pluginOtherSource: 'plugin.otherSource',
  pluginToolsMissing: 'plugin.toolsMissing',
  libraryInUse: 'library.inUse',
  libraryDamaged: 'library.damaged',
  commandNotFound: 'command.notFound',
  commandExists: 'command.exists',
  questionNotFound: 'question.notFound',
  progressNotFound: 'progress.notFound',
  permissionDenied: 'permission.denied',
  storageQuota: 'storage.quota',
  storageFailed: 'storage.failed',
  internal: 'internal',
} as const;

export type ErrorCode = (typeof ErrorCodes)[keyof typeof ErrorCodes];

/** The parts of a {@link BulkheadError} that cross a process boundary, as the `data` of a JSON-RPC error. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  /** What it happened to: a file, an output's id, a plugin's id, a process's role. */
  readonly where?: string;
  /** What the user can do about it, as one sentence. */
  readonly remedy?: string;
}

/**
 * A failure that says what failed, where, and what to do. Everything that a user may see is one of these; any other
 * error is a defect and is shown with its stack. Its texts are printable, whoever has written them.
 */
export class BulkheadError extends Error {
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly remedy: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { where?: string | undefined; remedy?: string | undefined; cause?: unknown } = {},
  ) {
    super(printableLines(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BulkheadError';
    this.code = code;
    this.where = options.where === undefined ? undefined : printable(options.where);
    this.remedy = options.remedy === undefined ? undefined : printableLines(options.remedy);
  }

  /** What failed and what to do, as text for a person. */
  get sentence(): string {
    if (this.remedy === undefined) return this.message;
    return /[.!?…]$/.test(this.message)
      ? `${this.message} ${this.remedy}`
      : `${this.message}. ${this.remedy}`;
  }

  toData(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.where === undefined ? {} : { where: this.where }),
      ...(this.remedy === undefined ? {} : { remedy: this.remedy }),
    };
  }

  static fromData(data: ErrorData): BulkheadError {
    return new BulkheadError(data.code, data.message, { where: data.where, remedy: data.remedy });
  }

  /** Any thrown value as a BulkheadError; one that is already keeps its identity. */
  static from(error: unknown, code: ErrorCode = ErrorCodes.internal): BulkheadError {
    if (error instanceof BulkheadError) return error;
    return new BulkheadError(code, error instanceof Error ? error.message : String(error), { cause: error });
  }
}
