import { currentApi } from './runtime.js';

/**
 * What has failed, for programs. Codes are never renamed; a minor version may add some. What each means is in the
 * [table of Bulkhead's documentation](https://www.npmjs.com/package/bulkhead).
 */
export type ErrorCode =
  | 'config.invalid'
  | 'config.notFound'
  | 'config.secretNotFound'
  | 'ffmpeg.notFound'
  | 'ffmpeg.failedToStart'
  | 'ffmpeg.unsupported'
  | 'input.notFound'
  | 'input.busy'
  | 'input.denied'
  | 'input.invalid'
  | 'input.damaged'
  | 'input.unreachable'
  | 'encoder.unknown'
  | 'encoder.silent'
  | 'encoder.ahead'
  | 'encoder.slow'
  | 'encoder.crashed'
  | 'media.invalid'
  | 'recording.state'
  | 'recording.diskFull'
  | 'recording.failed'
  | 'replay.state'
  | 'replay.failed'
  | 'output.unreachable'
  | 'output.refused'
  | 'output.codec'
  | 'output.keyInUse'
  | 'output.authFailed'
  | 'output.closed'
  | 'output.slow'
  | 'output.stalled'
  | 'output.tls'
  | 'output.delay'
  | 'output.notFound'
  | 'scene.notFound'
  | 'source.notFound'
  | 'overlay.notFound'
  | 'process.failed'
  | 'process.quarantined'
  | 'process.versionMismatch'
  | 'rpc.closed'
  | 'rpc.timeout'
  | 'rpc.cancelled'
  | 'rpc.tooLarge'
  | 'rpc.unencodable'
  | 'rpc.busy'
  | 'rpc.framing'
  | 'rpc.flooded'
  | 'rpc.invalidParams'
  | 'core.notRunning'
  | 'core.alreadyRunning'
  | 'broadcast.state'
  | 'port.inUse'
  | 'ingest.refused'
  | 'plugin.invalid'
  | 'plugin.failed'
  | 'plugin.notInstalled'
  | 'plugin.needed'
  | 'plugin.otherSource'
  | 'plugin.changedSource'
  | 'plugin.noVersionBefore'
  | 'registry.failed'
  | 'plugin.toolsMissing'
  | 'library.inUse'
  | 'library.damaged'
  | 'command.notFound'
  | 'command.exists'
  | 'command.notEnabled'
  | 'key.notBound'
  | 'question.notFound'
  | 'progress.notFound'
  | 'permission.denied'
  | 'storage.quota'
  | 'storage.failed'
  | 'platform.unsupported'
  | 'internal';

/**
 * A call into the API has failed. Of what a call throws, only a mistake in the plugin's own code is another error: a `TypeError` for
 * wrong arguments, say.
 *
 * @example
 * ```ts
 * try {
 *   await context.globalState.update('log', lines);
 * } catch (error) {
 *   if (!(error instanceof BulkheadError) || error.code !== 'storage.quota') throw error;
 *   await context.globalState.update('log', lines.slice(-100));
 * }
 * ```
 */
export interface BulkheadError extends Error {
  /** What has failed. */
  readonly code: ErrorCode;
  /** What it concerns: a plugin, a source, a file. */
  readonly where: string | undefined;
  /** What can be done about it, as one sentence for people. */
  readonly remedy: string | undefined;
}

/** The class of {@link BulkheadError}, for `instanceof`. Bulkhead makes the objects. */
export interface BulkheadErrorClass {
  /** Of the objects. */
  readonly prototype: BulkheadError;
  /** Whether a value is an error of this API. */
  [Symbol.hasInstance](value: unknown): value is BulkheadError;
}

/** The class of the errors of this API, for `instanceof`. */
export const BulkheadError: BulkheadErrorClass = currentApi().BulkheadError;
