import type { Socket } from 'node:net';
import { FRAME_HEADER_BYTES, FrameDecoder } from '../../../src/rpc/frame.js';

/** Writes each body in a frame of its own, one write each. */
export function writeBody(socket: Socket, body: Buffer): void {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + body.length);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, FRAME_HEADER_BYTES);
  socket.write(frame);
}

export function readBodies(socket: Socket, take: (body: Buffer) => void): void {
  const decoder = new FrameDecoder(1 << 24);
  socket.on('data', (chunk: Buffer) =>
    decoder.push(chunk, (buffer, start, end) => take(buffer.subarray(start, end))),
  );
}
