import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { type SecureContext, connect as tlsConnect } from 'node:tls';
import type { RtmpTarget } from './rtmp-target.js';

/** Idle time after which the kernel probes whether the peer still exists, ms. */
const KEEP_ALIVE_MS = 10_000;
/** A server that takes the connection answers the first message of TLS within this time, ms, or does not speak it. */
const TLS_ANSWER_MS = 3000;

/** The server took the connection and then did not speak TLS: it says nothing (`silent`) or closes it (`closed`). */
export class TlsHandshakeError extends Error {
  override readonly name = 'TlsHandshakeError';

  constructor(
    readonly reason: 'silent' | 'closed',
    options?: ErrorOptions,
  ) {
    super(`no TLS handshake: ${reason}`, options);
  }
}

/**
 * Connects to the target's host, with TLS when it is secure. The name is looked up anew each time. With TLS the
 * certificate is verified against the authorities that the target trusts, and for the host's name.
 * @throws the system's, the resolver's or OpenSSL's error, a {@link TlsHandshakeError}, or what is wrong with the target's
 *   authorities; the signal's reason when it is aborted
 */
export async function openSocket(target: RtmpTarget, signal: AbortSignal): Promise<Socket> {
  const secureContext = target.secure ? await target.trust.context() : undefined;
  signal.throwIfAborted();
  const tcp = tcpConnect({ host: target.host, port: target.port });
  await opened(tcp, 'connect', signal);
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
  // Server name indication takes names only (RFC 6066, section 3).
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
    // One may come before or after the time that somebody listens; it is never an uncaught one.
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
