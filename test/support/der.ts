/** As much of DER (X.690) as certificates need. */
export const der = {
  sequence: (...parts: readonly Buffer[]) => tlv(0x30, ...parts),
  set: (...parts: readonly Buffer[]) => tlv(0x31, ...parts),
  /** Not negative. */
  integer: (value: number) => tlv(0x02, Buffer.from([value])),
  boolean: (value: boolean) => tlv(0x01, Buffer.from([value ? 0xff : 0])),
  octets: (...parts: readonly Buffer[]) => tlv(0x04, ...parts),
  bits: (bits: Buffer) => tlv(0x03, Buffer.from([0]), bits),
  text: (text: string) => tlv(0x0c, Buffer.from(text)),
  time: (date: Date) => tlv(0x18, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(0, 14)}Z`)),
  /** Context-specific and constructed. */
  explicit: (tag: number, ...parts: readonly Buffer[]) => tlv(0xa0 + tag, ...parts),
  /** Context-specific and primitive. */
  implicit: (tag: number, content: Buffer) => tlv(0x80 + tag, content),
  oid: (dotted: string) => {
    const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
    return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
  },
};

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), content]);
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}
