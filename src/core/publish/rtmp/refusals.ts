import { codecName } from '../../../base/codec-names.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../../../protocol/errors.js';
import { RtmpProtocolError } from '../../../rtmp/messages.js';
import { RtmpClosedError, RtmpCommandError, type StatusInfo } from '../../../rtmp/rtmp-connection.js';
import { NoAnswerError } from '../published-output.js';
import type { RtmpTarget } from './rtmp-target.js';
import { ServerReasons } from './server-reason.js';
import { NoSourceAddressError } from './source-address.js';
import { tlsProblem } from './tls-refusal.js';

/** What a session was doing; determines the meaning of a failure. */
export type SessionStage = 'connecting' | 'handshake' | 'connect' | 'createStream' | 'publish' | 'live';

const PERMANENT: ReadonlySet<ErrorCode> = new Set([
  ErrorCodes.outputRefused,
  ErrorCodes.outputAuthFailed,
  ErrorCodes.outputTls,
  ErrorCodes.outputCodec,
]);

/** Of a source that is not an address of this computer, or not of the server's kind. */
const NOT_FROM_THERE: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EINVAL']);

/** Whether retrying cannot help: the server has refused the settings. */
export function isPermanent(error: BulkheadError): boolean {
  return PERMANENT.has(error.code);
}

/**
 * Explains why publishing failed and what to do. Never contains a secret of the target: of a server's text, only known
 * words are shown.
 */
export class Refusals {
  private readonly server: string;
  private readonly host: string;
  private readonly reasons: ServerReasons;

  /**
   * @param where the errors' location, e.g. `outputs.main`
   * @param configured the target of the settings, if a server has redirected to another one: that address is the
   * server's text too, and is not shown
   */
  constructor(
    private readonly target: RtmpTarget,
    private readonly where: string,
    configured: RtmpTarget = target,
  ) {
    const { host, port } = configured;
    const server = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const redirected = target !== configured;
    this.server = redirected ? `the server to which ${server} redirects` : server;
    this.host = redirected ? `of ${this.server}` : host;
    this.reasons = new ServerReasons(target);
  }

  /** Converts any error from opening or keeping a session. */
  from(error: unknown, stage: SessionStage): BulkheadError {
    if (error instanceof BulkheadError) return error;
    if (error instanceof RtmpCommandError) return this.status(error.info, stage);
    if (error instanceof RtmpClosedError) {
      return error.cause === undefined ? this.closed(stage) : this.from(error.cause, stage);
    }
    if (error instanceof NoAnswerError) return this.noAnswer(stage);
    if (error instanceof NoSourceAddressError) return this.noSource(error.source);
    if (error instanceof RtmpProtocolError) return this.notRtmp(error);
    return this.system(error, stage);
  }

  /** A status of level error, or the error of a command. */
  status(info: StatusInfo, stage: SessionStage): BulkheadError {
    const said = this.reasonOf(info);
    switch (info.code) {
      case 'NetStream.Publish.BadName':
        return this.error(
          ErrorCodes.outputKeyInUse,
          `${this.server} says that the stream key is already in use: ${said}`,
          'Stop the other program that streams with this key. After a lost connection the server may hold it for up to two and a half minutes; Bulkhead keeps trying.',
        );
      case 'NetConnection.Connect.InvalidApp':
        return this.error(
          ErrorCodes.outputRefused,
          `${this.server} has no application of that name: ${said}`,
          'Check the path of the address, which is the part after the host.',
        );
    }
    if (/\bauth|unauthori[sz]ed/i.test(`${info.code} ${info.description}`)) return this.authFailed(said);
    return this.error(
      ErrorCodes.outputRefused,
      stage === 'live'
        ? `${this.server} has ended the stream: ${said}`
        : `${this.server} has refused the stream: ${said}`,
      'Check the address and the stream key, and whether the account may stream now.',
    );
  }

  /** User name or password is wrong or missing. */
  authFailed(said: string): BulkheadError {
    const missing = this.target.username === undefined || this.target.password === undefined;
    return this.error(
      ErrorCodes.outputAuthFailed,
      missing ? `${this.server} requires a login: ${said}` : `${this.server} has refused the login: ${said}`,
      missing
        ? 'Set the "username" and "password" of the output.'
        : 'Check the "username" and "password" of the output.',
    );
  }

  /** The server accepted the stream and closed the connection immediately afterwards. */
  closedAtOnce(): BulkheadError {
    return this.error(
      ErrorCodes.outputClosed,
      `${this.server} accepted the stream and closed the connection at once, without a reason`,
      'Most often another program streams with this key, or the key is wrong; stop the other one, or check the key. Bulkhead keeps trying.',
    );
  }

  /** The server accepts no more data. */
  stalled(seconds: number): BulkheadError {
    return this.error(
      ErrorCodes.outputStalled,
      `${this.server} has taken no data for ${Math.round(seconds)} s`,
      'The network or the server is stuck; Bulkhead reconnects.',
    );
  }

  /** The server accepts less than is sent, so that frames are dropped. */
  slow(): BulkheadError {
    return this.error(
      ErrorCodes.outputSlow,
      `${this.server} receives too slowly; its viewers miss frames`,
      'Set a lower "video.bitrateKbps", or find what else uses the upload of this connection.',
    );
  }

  /** The server does not say that it takes this codec, and neither do the settings. @param codec such as `hevc` */
  codec(codec: string): BulkheadError {
    const name = codecName(codec);
    return this.error(
      ErrorCodes.outputCodec,
      `${this.server} does not say that it takes ${name}`,
      `Use H.264: set "video.encoder" to "libx264", or the publisher to H.264. If the server does take ${name}, set "codecs": ["${codec}"] of the output.`,
    );
  }

  /** The server's reason as far as it may be shown, to follow a colon. */
  reasonOf(info: StatusInfo): string {
    return this.reasons.of(info);
  }

  private closed(stage: SessionStage): BulkheadError {
    switch (stage) {
      case 'connecting':
      case 'handshake':
        return this.error(
          ErrorCodes.outputClosed,
          `${this.server} closed the connection before the RTMP handshake`,
          this.target.secure
            ? 'Check the port of the address.'
            : 'Check the port of the address; if it is one for TLS, write rtmps:// instead of rtmp://.',
        );
      case 'connect':
        return this.error(
          ErrorCodes.outputClosed,
          `${this.server} closed the connection when it got the application's name, without a reason`,
          'Check the path of the address, which is the part after the host.',
        );
      case 'createStream':
      case 'publish':
        return this.error(
          ErrorCodes.outputClosed,
          `${this.server} closed the connection when it got the stream key, without a reason`,
          'Most often the key is wrong, expired, or in use by another program: check it.',
        );
      case 'live':
        return this.error(
          ErrorCodes.outputClosed,
          `${this.server} closed the connection`,
          'Bulkhead reconnects automatically; if it happens often, check the server and the network.',
        );
    }
  }

  private noAnswer(stage: SessionStage): BulkheadError {
    return this.error(
      ErrorCodes.outputUnreachable,
      stage === 'connecting'
        ? `${this.server} did not respond`
        : `${this.server} took the connection and then did not respond`,
      stage === 'connecting'
        ? this.connectRemedy()
        : 'The server is overloaded or hangs, or the port belongs to something else.',
    );
  }

  private connectRemedy(): string {
    const { secure, port } = this.target;
    if (secure) {
      return `Check the address, the network and the firewall. If port ${port} is one without TLS, write rtmp:// instead of rtmps://.`;
    }
    return `Check the address, the network and the firewall${port === 1935 ? '; some networks block port 1935' : ''}.`;
  }

  private noSource(source: string): BulkheadError {
    return this.error(
      ErrorCodes.outputUnreachable,
      `cannot send to ${this.server} from "${source}": this computer has no such network interface or address now, or it does not reach the server`,
      'Check the "bindAddress" of the output, and whether that network is connected; Bulkhead keeps trying.',
    );
  }

  private notRtmp(error: RtmpProtocolError): BulkheadError {
    return this.error(
      ErrorCodes.outputUnreachable,
      `${this.server} sent invalid RTMP: ${error.message}`,
      'Check the port of the address: something else answers there.',
      error,
    );
  }

  private system(error: unknown, stage: SessionStage): BulkheadError {
    const code = systemCode(error);
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      return this.error(
        ErrorCodes.outputUnreachable,
        `the name ${this.host} cannot be resolved (${code})`,
        'Check the spelling of the host, and the network.',
        error,
      );
    }
    if (code === 'ECONNREFUSED') {
      return this.error(
        ErrorCodes.outputUnreachable,
        `nothing is listening at ${this.server}`,
        'Check the address and that the server runs.',
        error,
      );
    }
    if (this.target.bindAddress !== undefined && NOT_FROM_THERE.has(code)) {
      return this.noSource(this.target.bindAddress);
    }
    const tls = this.target.secure ? tlsProblem(error, code, this.server, stage === 'connecting') : undefined;
    if (tls !== undefined) return this.error(tls.code, tls.message, tls.remedy, error);
    const detail = code || 'no error code';
    return stage === 'connecting'
      ? this.error(
          ErrorCodes.outputUnreachable,
          `cannot connect to ${this.server} (${detail})`,
          'Check the address and the network.',
          error,
        )
      : this.error(
          ErrorCodes.outputClosed,
          `the connection to ${this.server} was lost (${detail})`,
          'Bulkhead reconnects automatically; if it happens often, check the network.',
          error,
        );
  }

  private error(code: ErrorCode, message: string, remedy: string, cause?: unknown): BulkheadError {
    return new BulkheadError(code, message, { where: this.where, remedy, cause });
  }
}

function systemCode(error: unknown): string {
  // Trying several addresses ends in an AggregateError, whose code is the first one's.
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  const code = String(error.code);
  return /^[A-Z][A-Z0-9_/]*$/.test(code) ? code : '';
}
