import { AVC_DATA_OFFSET, parseVideoPayload } from '../../src/media/video-payload.js';
import { ChunkReader } from '../../src/rtmp/chunk-reader.js';
import { MessageType } from '../../src/rtmp/messages.js';
import { type TcpRelay, tcpRelay } from './tcp-relay.js';

/** C0, C1 and C2: what a client sends before its first chunk, bytes. */
const HANDSHAKE_BYTES = 1 + 2 * 1536;

export interface FirstKeyframe {
  /** `performance.now()` when its last byte passed. */
  readonly atMs: number;
  /** Of its access unit. */
  readonly bytes: number;
}

export interface FirstKeyframeProxy extends TcpRelay {
  /** Resolves with the first keyframe of the next publisher. */
  nextFirstKeyframe(): Promise<FirstKeyframe>;
}

/** A TCP relay in front of an RTMP server that sees a publisher's first keyframe. */
export async function firstKeyframeProxy(serverPort: number): Promise<FirstKeyframeProxy> {
  let waiting: ((keyframe: FirstKeyframe) => void) | undefined;
  const relay = await tcpRelay(serverPort, 0, () => {
    let handshakeBytes = HANDSHAKE_BYTES;
    let reader: ChunkReader | undefined = new ChunkReader(({ type, payload }) => {
      if (type !== MessageType.video || parseVideoPayload(payload).kind !== 'keyframe') return;
      reader = undefined;
      waiting?.({ atMs: performance.now(), bytes: payload.length - AVC_DATA_OFFSET });
      waiting = undefined;
    });
    return (chunk) => {
      const rest = chunk.subarray(handshakeBytes);
      handshakeBytes -= chunk.length - rest.length;
      if (rest.length > 0) reader?.push(rest);
    };
  });
  return {
    ...relay,
    nextFirstKeyframe: () =>
      new Promise((resolve) => {
        waiting = resolve;
      }),
  };
}
