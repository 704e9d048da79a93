import { MAX_FILE_PIECE_BYTES, ReadFileRequest } from '../protocol/plugin-questions.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

/** The core answers when the rate at which it reads allows it, and a disk may hang for a while, ms. */
const DEADLINE_MS = 60_000;

/** Reads a file that the core has open for a plugin: piece by piece, one call after the other. */
export class FileReader {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly connection: RpcConnection,
    private readonly plugin: string,
    private readonly file: number,
  ) {}

  /** @throws RangeError; what the core says */
  async read(offset = 0, length?: number): Promise<Uint8Array> {
    if (!isCount(offset)) throw new RangeError(`the offset is a number of bytes, not ${offset}`);
    if (length !== undefined && !isCount(length))
      throw new RangeError(`the length is a number of bytes, not ${length}`);
    const reading = this.last.then(() => this.pieces(offset, length ?? Number.POSITIVE_INFINITY));
    this.last = reading.catch(() => {});
    return reading;
  }

  private async pieces(offset: number, length: number): Promise<Uint8Array> {
    const { plugin, file } = this;
    const pieces: Buffer[] = [];
    let bytes = 0;
    while (bytes < length) {
      const wanted = Math.min(MAX_FILE_PIECE_BYTES, length - bytes);
      const params = { plugin, file, offset: offset + bytes, length: wanted };
      const text = await this.connection.sendRequest(ReadFileRequest.type, params, {
        deadlineMs: DEADLINE_MS,
      });
      const piece = Buffer.from(text, 'base64');
      pieces.push(piece);
      bytes += piece.length;
      if (piece.length < wanted) break;
    }
    // Not a Buffer, whose methods differ, and whose memory may be shared.
    return new Uint8Array(Buffer.concat(pieces, bytes));
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
