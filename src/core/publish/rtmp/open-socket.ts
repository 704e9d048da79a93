import { readFileSync } from 'node:fs';
import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { rootCertificates, connect as tlsConnect } from 'node:tls';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import type { RtmpTarget } from '../output-url.js';

/** Idle time after which the kernel probes whether the peer still exists, ms. */
const KEEP_ALIVE_MS = 10_000;

/**
 * Connects to the target's host, with TLS when it is secure. The name is looked up anew each time. With TLS the
 * certificate is verified against the system's authorities and `tlsCaFile`'s, and for the host's name.
 * @throws the system's, the resolver's or OpenSSL's error; the signal's reason when it is aborted
 */
export function openSocket(target: RtmpTarget, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = target.secure ? connectTls(target) : tcpConnect({ host: target.host, port: target.port });
    const settle = () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
    };
    const onAbort = () => {
      settle();
      socket.destroy();
      reject(signal.reason);
    };
    const onError = (error: Error) => {
      settle();
      socket.destroy();
      reject(error);
    };
    signal.addEventListener('abort', onAbort);
    socket.on('error', onError);
    // One may come before or after the time that somebody listens; it is never an uncaught one.
    socket.on('error', () => {});
    socket.once(target.secure ? 'secureConnect' : 'connect', () => {
      settle();
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      resolve(socket);
    });
  });
}

function connectTls({ host, port, tlsCaFile }: RtmpTarget): Socket {
  return tlsConnect({
    host,
    port,
    // Server name indication takes names only (RFC 6066, section 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(tlsCaFile === undefined ? {} : { ca: [...rootCertificates, readAuthority(tlsCaFile)] }),
  });
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new BulkheadError(ErrorCodes.outputTls, `cannot read the certificate authority's file ${path}`, {
      where: path,
      remedy: 'Check "tlsCaFile": it names a PEM file that the core may read.',
      cause: error,
    });
  }
}
