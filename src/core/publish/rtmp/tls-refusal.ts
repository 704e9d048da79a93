import { type ErrorCode, ErrorCodes } from '../../../protocol/errors.js';
import { TlsHandshakeError } from './open-socket.js';

/** Why TLS with a server failed, and what to do. */
export interface TlsProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
}

const NO_AUTHORITY =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_CA$|INVALID_PURPOSE$)/;
const WRONG_HOST: ReadonlySet<string> = new Set(['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH']);
/**
 * @param server its name in messages
 * @param code Node's: an X509_V_ERR name of OpenSSL for a certificate that is not trusted, or an OpenSSL reason with
 * `ERR_SSL_`
 * @param connecting whether the handshake is still in progress; afterwards only the refusal of a client without a
 * certificate is possible
 * @returns undefined if it is not a TLS problem
 */
export function tlsProblem(
  error: unknown,
  code: string,
  server: string,
  connecting: boolean,
): TlsProblem | undefined {
  const tls = (message: string, remedy: string): TlsProblem => ({
    code: ErrorCodes.outputTls,
    message,
    remedy,
  });
  // Ends the handshake of TLS 1.2, and follows that of TLS 1.3.
  if (/^ERR_SSL_.*(CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE)$/.test(code)) {
    return tls(
      `${server} asks for a client certificate (${code})`,
      'Bulkhead has none; ask the operator of the server for an address that does not need one.',
    );
  }
  if (!connecting) return undefined;
  if (error instanceof TlsHandshakeError) return noHandshake(error, server);
  if (code === 'CERT_HAS_EXPIRED') {
    return tls(
      `the certificate of ${server} has expired`,
      'The operator of the server has to renew it. If the date of this computer is wrong, correct it.',
    );
  }
  if (code === 'CERT_NOT_YET_VALID') {
    return tls(
      `the certificate of ${server} is not valid yet`,
      'Check the date of this computer; if it is right, the server has a wrong certificate.',
    );
  }
  if (WRONG_HOST.has(code)) {
    return tls(
      // The names in the certificate are the server's text: they may contain the stream key.
      `the certificate of ${server} is for another host`,
      'Check the host in the address: it has to be a name that the certificate holds.',
    );
  }
  if (NO_AUTHORITY.test(code)) {
    return tls(
      `the certificate of ${server} cannot be trusted (${code})`,
      'If the server is your own, set "tlsCaFile" to the PEM file of its authority; if not, do not stream to it.',
    );
  }
  if (/^ERR_SSL_.*(PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW)$/.test(code)) {
    return tls(
      `${server} supports no secure version of TLS (${code})`,
      'The operator of the server has to enable TLS 1.2 or later.',
    );
  }
  if (/^ERR_SSL_.*HANDSHAKE_FAILURE$/.test(code)) {
    return tls(
      `${server} refused the TLS handshake (${code})`,
      'It may require a client certificate, which Bulkhead does not support, or accept only insecure ciphers; ask its operator.',
    );
  }
  if (/^(ERR_SSL_|EPROTO$)/.test(code)) {
    return tls(
      `${server} does not speak TLS as expected (${code})`,
      'Check the port; if the server is without TLS, write rtmp:// instead of rtmps://.',
    );
  }
  return undefined;
}

/** The server may be hanging: it is retried. */
function noHandshake({ reason }: TlsHandshakeError, server: string): TlsProblem {
  const what =
    reason === 'silent'
      ? 'does not respond to the TLS handshake'
      : 'closed the connection during the TLS handshake';
  return {
    code: ErrorCodes.outputUnreachable,
    message: `${server} took the connection and ${what}`,
    remedy:
      'Most often the port is one without TLS: write rtmp:// instead of rtmps://, or check the port. Bulkhead keeps trying.',
  };
}
