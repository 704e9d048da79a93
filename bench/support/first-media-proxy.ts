import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Handshake (3073 bytes), commands and headers of a publisher stay below this; the first keyframe goes past it. */
const MEDIA_FROM_BYTES = 8 * 1024;

export interface FirstMediaProxy {
  readonly port: number;
  /** Resolves with `performance.now()` at which the next publisher's first media passes. */
  nextFirstMedia(): Promise<number>;
  close(): Promise<void>;
}

/**
 * A TCP relay in front of a live server that sees when a publisher's media begins, whoever the publisher is.
 * @param port Where it listens; a free one without it.
 */
export async function firstMediaProxy(serverPort: number, port = 0): Promise<FirstMediaProxy> {
  const sockets = new Set<Socket>();
  let waiting: ((atMs: number) => void) | undefined;
  const server = createServer((publisher) => {
    const upstream = connect(serverPort, '127.0.0.1');
    let bytes = 0;
    publisher.on('data', (chunk) => {
      const hadMedia = bytes >= MEDIA_FROM_BYTES;
      bytes += chunk.length;
      if (hadMedia || bytes < MEDIA_FROM_BYTES) return;
      waiting?.(performance.now());
      waiting = undefined;
    });
    publisher.pipe(upstream).pipe(publisher);
    for (const socket of [publisher, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        publisher.destroy();
        upstream.destroy();
      });
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    nextFirstMedia: () =>
      new Promise((resolve) => {
        waiting = resolve;
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
