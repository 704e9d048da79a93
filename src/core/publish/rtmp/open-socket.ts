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
  signal.throwIfAborted();
  if (!target.secure) {
    return connected(tcpConnect({ host: target.host, port: target.port }), 'connect', signal);
  }
  const secureContext = await target.trust.context();
  signal.throwIfAborted();
  return connected(connectTls(target, secureContext), 'secureConnect', signal);
}

function connected(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let silence: NodeJS.Timeout | undefined;
    const settle = () => {
      clearTimeout(silence);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', fail);
    };
    const fail = (error: unknown) => {
      settle();
      socket.destroy();
      const closed = silence !== undefined && isReset(error);
      reject(closed ? new TlsHandshakeError('closed', { cause: error }) : error);
    };
    const onAbort = () => fail(signal.reason);
    signal.addEventListener('abort', onAbort);
    socket.on('error', fail);
    // One may come before or after the time that somebody listens; it is never an uncaught one.
    socket.on('error', () => {});
    if (event === 'secureConnect') {
      socket.once('connect', () => {
        silence = setTimeout(() => {
          if (socket.bytesRead === 0) fail(new TlsHandshakeError('silent'));
        }, TLS_ANSWER_MS);
      });
    }
    socket.once(event, () => {
      settle();
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      resolve(socket);
    });
  });
}

function isReset(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function connectTls({ host, port }: RtmpTarget, secureContext: SecureContext): Socket {
  return tlsConnect({
    host,
    port,
    secureContext,
    // Server name indication takes names only (RFC 6066, section 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
}
