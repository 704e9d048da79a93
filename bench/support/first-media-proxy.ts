import { type TcpRelay, tcpRelay } from './tcp-relay.js';

/** Handshake (3073 bytes), commands and headers of a publisher stay below this; the first keyframe goes past it. */
const MEDIA_FROM_BYTES = 8 * 1024;

export interface FirstMediaProxy extends TcpRelay {
  /** Resolves with `performance.now()` at which the next publisher's first media passes. */
  nextFirstMedia(): Promise<number>;
}

/**
 * A TCP relay in front of a live server that sees when a publisher's media begins, whoever the publisher is.
 * @param port Where it listens; a free one without it.
 */
export async function firstMediaProxy(serverPort: number, port = 0): Promise<FirstMediaProxy> {
  let waiting: ((atMs: number) => void) | undefined;
  const relay = await tcpRelay(serverPort, port, () => {
    let bytes = 0;
    return (chunk) => {
      const hadMedia = bytes >= MEDIA_FROM_BYTES;
      bytes += chunk.length;
      if (hadMedia || bytes < MEDIA_FROM_BYTES) return;
      waiting?.(performance.now());
      waiting = undefined;
    };
  });
  return {
    ...relay,
    nextFirstMedia: () =>
      new Promise((resolve) => {
        waiting = resolve;
      }),
  };
}
