/**
 * Action Message Format 0, as used by RTMP commands (Adobe, "Action Message Format -- AMF 0", 2007). Data from a peer
 * is bounded in depth and number of values; object references and AMF3 are rejected.
 */

export type Amf0Value =
  | number
  | boolean
  | string
  | null
  | undefined
  | Date
  | readonly Amf0Value[]
  | Amf0Object;

/** An anonymous object or an ECMA array: both consist of named values. Has no prototype when read. */
export interface Amf0Object {
  readonly [name: string]: Amf0Value;
}

/** The bytes are not AMF0, or exceed the limits. */
export class Amf0Error extends Error {
  override readonly name = 'Amf0Error';
}

const Marker = {
  number: 0x00,
  boolean: 0x01,
  string: 0x02,
  object: 0x03,
  null: 0x05,
  undefined: 0x06,
  ecmaArray: 0x08,
  objectEnd: 0x09,
  strictArray: 0x0a,
  date: 0x0b,
  longString: 0x0c,
  unsupported: 0x0d,
  xmlDocument: 0x0f,
  typedObject: 0x10,
} as const;

const MAX_DEPTH = 16;
/** Commands of servers have a few dozen values. */
const MAX_VALUES = 2048;
const MAX_SHORT_STRING = 0xffff;

/** Every value in `bytes`, in order; at most 2048 including nested ones, 16 deep. @throws {Amf0Error} */
export function readAmf0(bytes: Buffer): Amf0Value[] {
  const reader = new Amf0Reader(bytes);
  const values: Amf0Value[] = [];
  while (!reader.done) values.push(reader.value(0));
  return values;
}

/** Encodes the values in order. @throws {Amf0Error} for a value nested deeper than 16, or a cyclic one. */
export function writeAmf0(...values: readonly Amf0Value[]): Buffer {
  const parts: Buffer[] = [];
  for (const value of values) writeValue(parts, value, 0);
  return Buffer.concat(parts);
}

/** The values as an ECMA array, which is what scripts in FLV have. @throws {Amf0Error} like {@link writeAmf0} */
export function writeEcmaArray(values: Amf0Object): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(Object.keys(values).length);
  // Apart from the marker and the count it is an object.
  return Buffer.concat([Buffer.from([Marker.ecmaArray]), count, writeAmf0(values).subarray(1)]);
}

export function isAmf0Object(value: Amf0Value): value is Amf0Object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

class Amf0Reader {
  private offset = 0;
  private values = 0;

  constructor(private readonly bytes: Buffer) {}

  get done(): boolean {
    return this.offset >= this.bytes.length;
  }

  value(depth: number): Amf0Value {
    if (depth > MAX_DEPTH) throw new Amf0Error(`nested deeper than ${MAX_DEPTH}`);
    this.countValue();
    const marker = this.bytes[this.take(1)];
    switch (marker) {
      case Marker.number:
        return this.bytes.readDoubleBE(this.take(8));
      case Marker.boolean:
        return this.bytes[this.take(1)] !== 0;
      case Marker.string:
        return this.shortString();
      case Marker.longString:
      case Marker.xmlDocument:
        return this.text(this.bytes.readUInt32BE(this.take(4)));
      case Marker.null:
        return null;
      case Marker.undefined:
      case Marker.unsupported:
        return undefined;
      case Marker.object:
        return this.properties(depth);
      case Marker.ecmaArray:
        // The count is a hint that some servers get wrong: the end marker decides.
        this.take(4);
        return this.properties(depth);
      case Marker.typedObject:
        this.shortString();
        return this.properties(depth);
      case Marker.strictArray:
        return this.strictArray(depth);
      case Marker.date: {
        const at = this.take(10);
        return new Date(this.bytes.readDoubleBE(at));
      }
      default:
        throw new Amf0Error(`unknown or unsupported type 0x${(marker ?? 0).toString(16).padStart(2, '0')}`);
    }
  }

  private properties(depth: number): Amf0Object {
    const object: Record<string, Amf0Value> = Object.create(null);
    for (;;) {
      const name = this.shortString();
      if (name === '' && this.bytes[this.offset] === Marker.objectEnd) {
        this.offset++;
        return object;
      }
      object[name] = this.value(depth + 1);
    }
  }

  private strictArray(depth: number): Amf0Value[] {
    const count = this.bytes.readUInt32BE(this.take(4));
    if (count > this.bytes.length - this.offset) throw new Amf0Error(`an array of ${count} in too few bytes`);
    return Array.from({ length: count }, () => this.value(depth + 1));
  }

  private countValue(): void {
    this.values += 1;
    if (this.values > MAX_VALUES) throw new Amf0Error(`more than ${MAX_VALUES} values`);
  }

  private shortString(): string {
    return this.text(this.bytes.readUInt16BE(this.take(2)));
  }

  private text(length: number): string {
    const start = this.take(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  /** Skips `count` bytes and returns their start. */
  private take(count: number): number {
    const start = this.offset;
    if (count > this.bytes.length - start) throw new Amf0Error('ends in the middle of a value');
    this.offset = start + count;
    return start;
  }
}

function writeValue(parts: Buffer[], value: Amf0Value, depth: number): void {
  if (depth > MAX_DEPTH) throw new Amf0Error(`nested deeper than ${MAX_DEPTH}`);
  if (value === null) {
    parts.push(Buffer.from([Marker.null]));
  } else if (value === undefined) {
    parts.push(Buffer.from([Marker.undefined]));
  } else if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    parts.push(bytes);
  } else if (typeof value === 'boolean') {
    parts.push(Buffer.from([Marker.boolean, value ? 1 : 0]));
  } else if (typeof value === 'string') {
    parts.push(stringValue(value));
  } else if (value instanceof Date) {
    const bytes = Buffer.alloc(11);
    bytes[0] = Marker.date;
    bytes.writeDoubleBE(value.getTime(), 1);
    parts.push(bytes);
  } else if (Array.isArray(value)) {
    const head = Buffer.alloc(5);
    head[0] = Marker.strictArray;
    head.writeUInt32BE(value.length, 1);
    parts.push(head);
    for (const item of value) writeValue(parts, item, depth + 1);
  } else {
    parts.push(Buffer.from([Marker.object]));
    for (const [name, item] of Object.entries(value)) {
      parts.push(propertyName(name));
      writeValue(parts, item, depth + 1);
    }
    parts.push(Buffer.from([0, 0, Marker.objectEnd]));
  }
}

function stringValue(value: string): Buffer {
  const length = Buffer.byteLength(value);
  const long = length > MAX_SHORT_STRING;
  const headLength = long ? 5 : 3;
  const bytes = Buffer.alloc(headLength + length);
  bytes[0] = long ? Marker.longString : Marker.string;
  if (long) bytes.writeUInt32BE(length, 1);
  else bytes.writeUInt16BE(length, 1);
  bytes.write(value, headLength);
  return bytes;
}

function propertyName(name: string): Buffer {
  const length = Buffer.byteLength(name);
  if (length > MAX_SHORT_STRING) throw new Amf0Error('a property name of more than 65535 bytes');
  const bytes = Buffer.alloc(2 + length);
  bytes.writeUInt16BE(length);
  bytes.write(name, 2);
  return bytes;
}
