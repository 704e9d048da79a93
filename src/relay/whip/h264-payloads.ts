/**
 * The payloads of the RTP packets of one access unit.
 *
 * @see RFC 6184 5.6 (single NAL unit), 5.7.1 (STAP-A), 5.8 (FU-A): packetization-mode 1.
 */

const STAP_A = 24;
const FU_A = 28;
const TYPE = 0x1f;
const REFERENCE = 0x60;
const START = 0x80;
const END = 0x40;
const STAP_HEADER_BYTES = 1;
const FU_HEADER_BYTES = 2;
const SIZE_BYTES = 2;
/** Delimiters and filler say nothing to a receiver. */
const LEFT_OUT: ReadonlySet<number> = new Set([9, 12]);

/**
 * @param units NAL units in decoding order
 * @param maxBytes length of a payload
 */
export function h264Payloads(units: readonly Buffer[], maxBytes: number): Buffer[] {
  const payloads: Buffer[] = [];
  let together: Buffer[] = [];
  let bytes = STAP_HEADER_BYTES;
  const flush = () => {
    if (together.length > 0) payloads.push(aggregated(together));
    together = [];
    bytes = STAP_HEADER_BYTES;
  };
  for (const unit of units) {
    if (unit.length === 0 || LEFT_OUT.has((unit[0] ?? 0) & TYPE)) continue;
    if (bytes + SIZE_BYTES + unit.length > maxBytes) flush();
    if (unit.length > maxBytes) {
      payloads.push(...fragments(unit, maxBytes));
      continue;
    }
    together.push(unit);
    bytes += SIZE_BYTES + unit.length;
  }
  flush();
  return payloads;
}

/** One alone goes as it is. */
function aggregated(units: readonly Buffer[]): Buffer {
  const [first] = units;
  if (first !== undefined && units.length === 1) return first;
  const reference = Math.max(...units.map((unit) => (unit[0] ?? 0) & REFERENCE));
  const parts = units.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 0xff]), unit]);
  return Buffer.concat([Buffer.from([reference | STAP_A]), ...parts]);
}

/** The header of the unit is in those of its fragments. */
function fragments(unit: Buffer, maxBytes: number): Buffer[] {
  const header = unit[0] ?? 0;
  const payloads: Buffer[] = [];
  for (let at = 1; at < unit.length; ) {
    const end = Math.min(unit.length, at + maxBytes - FU_HEADER_BYTES);
    const flags = (at === 1 ? START : 0) | (end === unit.length ? END : 0);
    const indicator = (header & ~TYPE) | FU_A;
    payloads.push(Buffer.concat([Buffer.from([indicator, flags | (header & TYPE)]), unit.subarray(at, end)]));
    at = end;
  }
  return payloads;
}
