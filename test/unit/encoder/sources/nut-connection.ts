import { type OnReadOpts, Socket } from 'node:net';

/** One packet of a track; its time counts in ticks of the track's clock. */
export interface NutPacket {
  readonly ticks: number;
  readonly payload: Buffer;
}

/** What reads a connection, like {@link Reader}. */
interface Reader {
  readonly onread: OnReadOpts;
  attach(socket: Socket): void;
}

const MAIN = 0x4e4d7a561f5f04adn;
const STREAM = 0x4e5311405bf2f9dbn;
/** "coded_pts" and "size_msb": every frame has its timestamp and its size. */
const FLAGS = 8 | 32;
const CHECKSUM = [0, 0, 0, 0];

/** A number as NUT writes it. */
function number(value: number): number[] {
  const bytes = [value % 128];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) {
    bytes.unshift(128 + (left % 128));
  }
  return bytes;
}

function header(startCode: bigint, fields: readonly number[]): Buffer {
  const code = Buffer.alloc(8);
  code.writeBigUInt64BE(startCode);
  const body = [...fields.flatMap(number), ...CHECKSUM];
  return Buffer.concat([code, Buffer.from(number(body.length)), Buffer.from(body)]);
}

/** The beginning of NUT with one stream of `ticksPerS`. */
export function nutHeaders(ticksPerS: number): Buffer {
  const frameCodes = [FLAGS, 6, 0, 1, 0, 0, 0, 255];
  return Buffer.concat([
    Buffer.from('nut/multimedia container\0'),
    header(MAIN, [3, 1, 65_536, 1, 1, ticksPerS, ...frameCodes, 0]),
    // Number, class, FourCC, clock, shift; distance, delay, flags, no data; width, height, sample's, colours.
    header(STREAM, [...[0, 0, 0, 0, 0], ...[0, 0, 0, 0], ...[2, 2, 0, 0, 0]]),
  ]);
}

export function nutPacket({ ticks, payload }: NutPacket): Buffer {
  return Buffer.concat([Buffer.from([0, ...number(ticks + 1), ...number(payload.length)]), payload]);
}

/** The near end of a connection on which what a process writes arrives only as far as a test lets it. */
export class NutConnection extends Socket {
  private readonly onread: OnReadOpts;
  private waiting: Buffer;
  private held = false;

  constructor(reader: Reader, ticksPerS: number) {
    super();
    this.onread = reader.onread;
    this.waiting = nutHeaders(ticksPerS);
    reader.attach(this);
  }

  /** Whether its reader wants nothing at present. */
  get pausedByReader(): boolean {
    return this.held;
  }

  /** Has the process write, which the connection keeps. */
  send(what: NutPacket | Buffer): void {
    this.waiting = Buffer.concat([this.waiting, Buffer.isBuffer(what) ? what : nutPacket(what)]);
  }

  /** Delivers so many bytes, in one or more reads; fewer if its reader pauses. */
  deliver(bytes = Number.POSITIVE_INFINITY): void {
    const { buffer, callback } = this.onread;
    for (let left = Math.min(bytes, this.waiting.length); left > 0 && !this.held && !this.destroyed; ) {
      const target = typeof buffer === 'function' ? buffer() : buffer;
      const read = Math.min(left, target.length);
      target.set(this.waiting.subarray(0, read));
      this.waiting = this.waiting.subarray(read);
      left -= read;
      this.held = !callback(read, target);
    }
  }

  override resume(): this {
    this.held = false;
    return this;
  }
}
