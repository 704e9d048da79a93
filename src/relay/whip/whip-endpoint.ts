import { BulkheadError, type ErrorCode, ErrorCodes } from '../../protocol/errors.js';
import { type HttpAnswer, httpCall, LongAnswerError, SilentServerError } from './http-request.js';

/** How long a server may take to answer an offer, ms. */
const OFFER_MS = 10_000;
/** How long it may take to end a session, ms. */
const DELETE_MS = 2000;
const MAX_REDIRECTS = 5;
const RETRY = 'Bulkhead keeps trying.';

export interface EndpointOptions {
  /** May be secret. */
  readonly url: string;
  /** Such as `Bearer KEY`. */
  readonly authorization: string | undefined;
  /** Authorities to trust, PEM. */
  readonly ca: readonly string[] | undefined;
  /** Host and port, for messages. */
  readonly server: string;
}

/** A session that a server has accepted. */
export interface WhipSession {
  readonly answer: string;
  /** Has the server end it. Never rejects. */
  end(): Promise<void>;
}

/**
 * Offers a session to a WHIP endpoint.
 *
 * @throws BulkheadError
 * @see RFC 9725 4.2
 */
export async function offerSession(
  offer: string,
  { url: first, authorization, ca, server }: EndpointOptions,
  signal: AbortSignal,
): Promise<WhipSession> {
  let url = new URL(first);
  const login: Record<string, string> = authorization === undefined ? {} : { authorization };
  for (let redirects = 0; ; redirects++) {
    const headers = { ...login, 'content-type': 'application/sdp', accept: 'application/sdp' };
    const answer = await httpCall({
      ...{ method: 'POST', url, headers, body: offer, ca, deadlineMs: OFFER_MS, signal },
    }).catch((error) => {
      throw explainFailure(error, server);
    });
    const { status, body } = answer;
    const { location } = answer.headers;
    if (status === 307 || status === 308) {
      if (redirects === MAX_REDIRECTS) throw refused(`${server} redirects again and again`);
      url = redirected(url, location, server);
      continue;
    }
    if (status !== 201) throw explainStatus(answer, server);
    if (!body.startsWith('v=0')) {
      throw refused(`${server} has answered with no session description`, CHECK_ADDRESS);
    }
    const resource =
      location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    return {
      answer: body,
      end: async () => {
        // Nobody else is to get the key.
        if (resource === undefined || isLessSafe(url, resource)) return;
        await httpCall({ method: 'DELETE', url: resource, headers: login, ca, deadlineMs: DELETE_MS }).catch(
          () => {},
        );
      },
    };
  }
}

const CHECK_ADDRESS = 'Check that the address is a WHIP endpoint.';

/** @throws BulkheadError `output.refused` where the key would go on without encryption */
function redirected(from: URL, location: string | undefined, server: string): URL {
  if (location === undefined || !URL.canParse(location, from.href)) {
    throw refused(`${server} redirects to no valid address`, CHECK_ADDRESS);
  }
  const to = new URL(location, from);
  if (!/^https?:$/.test(to.protocol)) throw refused(`${server} redirects to no web address`, CHECK_ADDRESS);
  if (isLessSafe(from, to)) {
    throw refused(
      `${server} redirects to an address without encryption, where the key could be read`,
      'Write the address to which it redirects, if that is what you want.',
    );
  }
  return to;
}

function isLessSafe(from: URL, to: URL): boolean {
  return from.protocol === 'https:' && to.protocol !== 'https:';
}

/** The server's own text is not repeated: it may hold the key. */
function explainStatus({ status }: HttpAnswer, server: string): BulkheadError {
  const said = `${server} %: HTTP ${status}`;
  const error = (code: ErrorCode, what: string, remedy: string) =>
    new BulkheadError(code, said.replace('%', what), { remedy });
  switch (status) {
    case 401:
    case 403:
      return error(ErrorCodes.outputAuthFailed, 'has refused the key', 'Check the "key" of the output.');
    case 404:
    case 410:
      return error(
        ErrorCodes.outputRefused,
        'has no such endpoint',
        'Check the address, and that the stream has been created there.',
      );
    case 409:
      return error(
        ErrorCodes.outputKeyInUse,
        'says that somebody publishes there already',
        `End the other stream, or wait until the server has noticed its end. ${RETRY}`,
      );
    case 400:
    case 406:
    case 415:
    case 422:
      return error(
        ErrorCodes.outputRefused,
        'does not take the offer',
        'Check that the address is a WHIP endpoint, and that the server takes H.264 with Opus.',
      );
    case 301:
    case 302:
    case 303:
      return error(
        ErrorCodes.outputRefused,
        'redirects in a way that WHIP forbids',
        'Write the address to which it redirects.',
      );
    default:
      return status === 429 || status >= 500
        ? error(
            ErrorCodes.outputUnreachable,
            'takes no stream now',
            `Try later, or ask its operator. ${RETRY}`,
          )
        : error(ErrorCodes.outputRefused, 'has answered as no WHIP endpoint does', CHECK_ADDRESS);
  }
}

function explainFailure(failure: unknown, server: string): BulkheadError {
  if (failure instanceof SilentServerError) {
    return unreachable(`${server} has not answered for ${OFFER_MS / 1000} s`);
  }
  if (failure instanceof LongAnswerError) {
    return refused(`${server} has answered with something far too long`, CHECK_ADDRESS);
  }
  const { code = '', message = '' } = failure as NodeJS.ErrnoException;
  if (/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO/.test(code)) {
    return new BulkheadError(
      ErrorCodes.outputTls,
      `the certificate of ${server} cannot be trusted (${code})`,
      {
        remedy: 'Check the host and the date; for a server of your own, set "tlsCaFile".',
      },
    );
  }
  if (code === 'ERR_INVALID_CHAR') {
    return new BulkheadError(ErrorCodes.configInvalid, 'the key has characters that HTTP does not carry', {
      remedy: 'Check the "key" of the output: a token has letters, digits and - . _ ~ + / = alone.',
    });
  }
  if (code.startsWith('HPE_')) return refused(`${server} does not speak HTTP`, CHECK_ADDRESS);
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing is listening there',
    ENOTFOUND: 'the host is not known',
    EAI_AGAIN: 'the host is not known',
    ECONNRESET: 'it has closed the connection',
  };
  return unreachable(`cannot reach ${server}: ${reasons[code] ?? (code === '' ? message : code)}`);
}

function refused(message: string, remedy = CHECK_ADDRESS): BulkheadError {
  return new BulkheadError(ErrorCodes.outputRefused, message, { remedy });
}

function unreachable(message: string): BulkheadError {
  return new BulkheadError(ErrorCodes.outputUnreachable, message, {
    remedy: `Check the address and the network. ${RETRY}`,
  });
}
