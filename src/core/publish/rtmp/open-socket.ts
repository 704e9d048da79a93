import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { type SecureContext, connect as tlsConnect } from 'node:tls';
import type { RtmpTarget } from './rtmp-target.js';
import { sourceAddress } from './source-address.js';

/** Idle time after which the kernel checks whether the peer still exists, ms. */
const KEEP_ALIVE_MS = 10_000;
/**
 * How long a server that has accepted the connection may take to answer the first TLS message, ms; then it does not
 * support TLS.
 */
const TLS_ANSWER_MS = 3000;

/** The server accepted the connection but does not support TLS: it does not answer (`silent`) or closes it (`closed`). */
export class TlsHandshakeError extends Error {
  override readonly name = 'TlsHandshakeError';

  constructor(
    readonly reason: 'silent' | 'closed',
    options?: ErrorOptions,
  ) {
    super(`no TLS handshake: ${reason}`, options);
  }
}

/** How long an address of a host may take before the next one is tried as well, ms: more than the way to another continent and back. */
const NEXT_ADDRESS_MS = 500;

/**
 * Connects to the target's host, with TLS if it is secure. The name is looked up each time, and its IPv6 and IPv4 addresses are tried in turn
 * (Happy Eyeballs). With TLS the certificate is
 * verified with the authorities that the target trusts, and against the host's name.
 * @param address of the host, if it is not to be looked up
 * @param onTcp called when the connection is there, before TLS
 * @throws the system's, the resolver's or OpenSSL's error, a {@link TlsHandshakeError}, or an error of the target's
 * authorities; the signal's reason if it is aborted
 */
export async function openSocket(
  target: RtmpTarget,
  signal: AbortSignal,
  address?: string,
  onTcp: () => void = () => {},
): Promise<Socket> {
  const secureContext = target.secure ? await target.trust.context() : undefined;
  signal.throwIfAborted();
  const source = target.bindAddress === undefined ? undefined : sourceAddress(target.bindAddress);
  const tcp = tcpConnect({
    host: address ?? target.host,
    port: target.port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    // The other family cannot be reached from there.
    ...(source === undefined ? {} : { localAddress: source, family: isIP(source) }),
  });
  await opened(tcp, 'connect', signal);
  onTcp();
  const socket = secureContext === undefined ? tcp : await secured(tcp, target.host, secureContext, signal);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return socket;
}

async function secured(
  tcp: Socket,
  host: string,
  secureContext: SecureContext,
  signal: AbortSignal,
): Promise<Socket> {
  // Server name indication allows names only (RFC 6066, section 3).
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = tlsConnect({ socket: tcp, host, secureContext, ...servername });
  // The TLS socket counts what it has decrypted, and so nothing of the handshake.
  const silence = setTimeout(() => {
    if (tcp.bytesRead === 0) socket.destroy(new TlsHandshakeError('silent'));
  }, TLS_ANSWER_MS);
  try {
    await opened(socket, 'secureConnect', signal);
  } catch (error) {
    throw isReset(error) ? new TlsHandshakeError('closed', { cause: error }) : error;
  } finally {
    clearTimeout(silence);
  }
  return socket;
}

function opened(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', fail);
    };
    const fail = (error: unknown) => {
      settle();
      socket.destroy();
      reject(error);
    };
    const onAbort = () => fail(signal.reason);
    signal.addEventListener('abort', onAbort);
    socket.on('error', fail);
    // Errors may be emitted while there is no other listener; they must not be uncaught.
    socket.on('error', () => {});
    socket.once(event, () => {
      settle();
      resolve();
    });
    if (signal.aborted) onAbort();
  });
}

function isReset(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}
