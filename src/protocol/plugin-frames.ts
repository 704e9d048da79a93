import type { Size } from '../base/geometry.js';

// How frames of a plugin go from its host to the core, on a channel of their own, and on from there to the encoder: each is a head, the ids
// that it names, and its rows of RGBA, without padding and not multiplied by alpha. To the encoder, the core also says when a plugin ends.

/** Of a frame, pixels. Both sides are even, as planes of 4:2:0 need it. */
const SHORTEST_SIDE = 2;
export const LONGEST_SIDE = 1920;

/** What a frame is of. */
export interface PluginSourceId {
  /** Id of the plugin that makes it. */
  readonly plugin: string;
  /** Id of the source that shows it. */
  readonly source: string;
}

export interface PluginFrameHead extends PluginSourceId, Size {}

/** Whether a plugin can make frames of its source: it does not run, or it runs again and has made none since. */
export type PluginPresence = 'gone' | 'awaited';

/** By their numbers. */
const KINDS = ['frame', 'gone', 'awaited'] as const;

/** Bytes of a pixel. */
const PIXEL_BYTES = 4;
const MAGIC = 0xf4a3;
/** Six numbers of 16 bits, little endian: magic, kind, width, height, and the bytes of both ids. */
const FIXED_BYTES = 12;
const [KIND, WIDTH, HEIGHT, PLUGIN_BYTES, SOURCE_BYTES] = [1, 2, 3, 4, 5];
/** Of an id in UTF-8. The longest ones of plugins and sources have 320 and 64. */
const MOST_ID_BYTES = 400;
const NO_SIZE: Size = { width: 0, height: 0 };

/** Whether frames may be so large. */
export function isPluginFrameSize({ width, height }: Size): boolean {
  return [width, height].every(
    (side) => Number.isInteger(side) && side >= SHORTEST_SIDE && side <= LONGEST_SIDE && side % 2 === 0,
  );
}

/** Bytes of the pixels of a frame. */
export function pluginFrameBytes({ width, height }: Size): number {
  return width * height * PIXEL_BYTES;
}

/** What precedes the pixels of a frame. */
export function writePluginFrameHead(head: PluginFrameHead): Buffer {
  return writeHead('frame', head, head);
}

/** It stands alone. */
export function writePluginPresence(id: PluginSourceId, presence: PluginPresence): Buffer {
  return writeHead(presence, id, NO_SIZE);
}

function writeHead(kind: (typeof KINDS)[number], { plugin, source }: PluginSourceId, size: Size): Buffer {
  const ids = [plugin, source].map((id) => Buffer.from(id));
  const fixed = Buffer.alloc(FIXED_BYTES);
  const numbers = [MAGIC, KINDS.indexOf(kind), size.width, size.height, ...ids.map(({ length }) => length)];
  for (const [index, number] of numbers.entries()) fixed.writeUInt16LE(number, 2 * index);
  return Buffer.concat([fixed, ...ids]);
}

/** Takes what a {@link PluginFrameReader} reads. Errors that it throws end the reading. */
export interface PluginFrameTarget {
  /** Where the pixels of a frame are to be written; undefined if they are to be passed over. */
  begin(head: PluginFrameHead): Buffer | undefined;
  /** The frame is complete. @param pixels are those of `begin` */
  end(head: PluginFrameHead, pixels: Buffer): void;
  presence(id: PluginSourceId, presence: PluginPresence): void;
}

type Part = 'fixed' | 'ids' | 'pixels';

/** Reads frames from chunks of any size. Everything is checked before memory is taken for it. */
export class PluginFrameReader {
  private readonly fixed = Buffer.alloc(FIXED_BYTES);
  private part: Part = 'fixed';
  /** Where the part goes; undefined if it is passed over. */
  private into: Buffer | undefined = this.fixed;
  private needed = FIXED_BYTES;
  private have = 0;
  private head: PluginFrameHead = { plugin: '', source: '', ...NO_SIZE };

  constructor(private readonly target: PluginFrameTarget) {}

  /** @throws Error for what no frame begins with */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      const bytes = rest.subarray(0, this.needed - this.have);
      if (this.into !== undefined) bytes.copy(this.into, this.have);
      this.have += bytes.length;
      rest = rest.subarray(bytes.length);
      if (this.have === this.needed) this.finish();
    }
  }

  private finish(): void {
    const { part, into, head } = this;
    if (part === 'fixed') {
      this.checkFixed();
      this.expect('ids', Buffer.alloc(this.number(PLUGIN_BYTES) + this.number(SOURCE_BYTES)));
    } else if (part === 'ids' && into !== undefined) {
      this.readIds(into);
    } else {
      this.expect('fixed', this.fixed);
      if (into !== undefined) this.target.end(head, into);
    }
  }

  private checkFixed(): void {
    const kind = KINDS[this.number(KIND)];
    if (this.number(0) !== MAGIC || kind === undefined) throw new Error('what it sends is not a frame');
    const { width, height } = this.size;
    const isRight = kind === 'frame' ? isPluginFrameSize({ width, height }) : width === 0 && height === 0;
    if (!isRight) throw new Error(`a frame cannot be ${width} × ${height} pixels`);
    for (const bytes of [this.number(PLUGIN_BYTES), this.number(SOURCE_BYTES)])
      if (bytes === 0 || bytes > MOST_ID_BYTES) throw new Error(`an id cannot have ${bytes} bytes`);
  }

  private readIds(bytes: Buffer): void {
    const plugin = bytes.toString('utf8', 0, this.number(PLUGIN_BYTES));
    const source = bytes.toString('utf8', this.number(PLUGIN_BYTES));
    const kind = KINDS[this.number(KIND)] ?? 'frame';
    if (kind === 'frame') {
      const head = { plugin, source, ...this.size };
      this.head = head;
      this.expect('pixels', this.target.begin(head), pluginFrameBytes(head));
      return;
    }
    this.expect('fixed', this.fixed);
    this.target.presence({ plugin, source }, kind);
  }

  private expect(part: Part, into: Buffer | undefined, bytes = into?.length ?? 0): void {
    this.part = part;
    this.into = into;
    this.needed = bytes;
    this.have = 0;
  }

  private get size(): Size {
    return { width: this.number(WIDTH), height: this.number(HEIGHT) };
  }

  private number(index: number): number {
    return this.fixed.readUInt16LE(2 * index);
  }
}
