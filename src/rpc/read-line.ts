import type { Duplex } from 'node:stream';

/** Longest line, bytes; unless another limit is given. */
const MAX_BYTES = 256;

/**
 * Reads one line, which precedes a stream's first frame, and leaves the bytes after it unread.
 *
 * @returns The line without its end; undefined if it is too long, does not arrive in time, or the stream ends first.
 */
export function readLine(
  stream: Duplex,
  deadlineMs: number,
  maxBytes = MAX_BYTES,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let line = Buffer.alloc(0);
    const settle = (result: string | undefined) => {
      clearTimeout(timer);
      stream.off('readable', read).off('end', fail).off('close', fail).off('error', fail);
      resolve(result);
    };
    const fail = () => settle(undefined);
    const read = () => {
      for (let chunk: Buffer | null = stream.read(); chunk !== null; chunk = stream.read()) {
        const end = chunk.indexOf('\n');
        line = Buffer.concat([line, end === -1 ? chunk : chunk.subarray(0, end)]);
        if (line.length > maxBytes) return fail();
        if (end === -1) continue;
        if (end + 1 < chunk.length) stream.unshift(chunk.subarray(end + 1));
        return settle(line.toString('latin1'));
      }
    };
    const timer = setTimeout(fail, deadlineMs);
    stream.on('readable', read).on('end', fail).on('close', fail).on('error', fail);
  });
}
