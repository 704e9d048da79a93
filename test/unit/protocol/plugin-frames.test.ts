import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  isPluginFrameSize,
  LONGEST_SIDE,
  type PluginFrameHead,
  PluginFrameReader,
  pluginFrameBytes,
  writePluginFrameHead,
  writePluginPresence,
} from '../../../src/protocol/plugin-frames.js';

interface Sent {
  readonly head: PluginFrameHead;
  readonly pixels: Buffer;
}

const side = fc.integer({ min: 1, max: 12 }).map((half) => 2 * half);
const id = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
const frame: fc.Arbitrary<Sent> = fc
  .record({ plugin: id, source: id, width: side, height: side }, { noNullPrototype: true })
  .chain((head) => {
    const length = pluginFrameBytes(head);
    const pixels = fc.uint8Array({ minLength: length, maxLength: length });
    return pixels.map((bytes) => ({ head, pixels: Buffer.from(bytes) }));
  });

const bytesOf = (frames: readonly Sent[]) =>
  Buffer.concat(frames.flatMap(({ head, pixels }) => [writePluginFrameHead(head), pixels]));

/** What a reader makes of chunks. @param passesOver whether a source's pixels are not wanted */
function read(
  chunks: readonly Buffer[],
  passesOver: (head: PluginFrameHead) => boolean = () => false,
): Sent[] {
  const seen: Sent[] = [];
  const reader = new PluginFrameReader({
    begin: (head) => (passesOver(head) ? undefined : Buffer.alloc(pluginFrameBytes(head))),
    end: (head, pixels) => seen.push({ head, pixels }),
    presence: () => assert.fail(),
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [0, ...cuts.map((at) => at % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

/** A head with numbers that need not be possible: magic, kind, width, height, and the bytes of both ids. */
function fixed(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(12);
  for (const [index, number] of numbers.entries()) bytes.writeUInt16LE(number, 2 * index);
  return bytes;
}

const HEAD = { plugin: 'acme.meters', source: 'meters', width: 2, height: 4 };
const MAGIC = writePluginFrameHead(HEAD).readUInt16LE(0);

describe('frames of plugins between processes', () => {
  it('are the same on the other end, however the bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 8 }), (frames, cuts) => {
        assert.deepEqual(read(cut(bytesOf(frames), cuts)), frames);
      }),
    );
  });

  it('are passed over where they are not wanted, and those after them are not', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 8 }), (frames, cuts) => {
        const isUnwanted = ({ width }: PluginFrameHead) => width < 10;
        const seen = read(cut(bytesOf(frames), cuts), isUnwanted);
        assert.deepEqual(
          seen,
          frames.filter(({ head }) => !isUnwanted(head)),
        );
      }),
    );
  });

  it('have beside them whether a plugin can make any, in the same order', () => {
    const seen: unknown[] = [];
    const reader = new PluginFrameReader({
      begin: (head) => Buffer.alloc(pluginFrameBytes(head)),
      end: ({ source }, { length }) => seen.push([source, length]),
      presence: ({ plugin, source }, presence) => seen.push([plugin, source, presence]),
    });
    const frameBytes = bytesOf([{ head: HEAD, pixels: Buffer.alloc(32) }]);
    const gone = writePluginPresence(HEAD, 'gone');
    const awaited = writePluginPresence({ plugin: 'a', source: 'b' }, 'awaited');
    reader.push(Buffer.concat([frameBytes, gone, awaited, frameBytes]));
    const { plugin, source } = HEAD;
    assert.deepEqual(seen, [
      [source, 32],
      [plugin, source, 'gone'],
      ['a', 'b', 'awaited'],
      [source, 32],
    ]);
  });

  const wrong: readonly [what: string, head: Buffer, reason: RegExp][] = [
    ['something else', Buffer.alloc(12), /not a frame/],
    ['another kind', fixed(MAGIC, 3, 2, 2, 1, 1), /not a frame/],
    ['no frame and yet a size', fixed(MAGIC, 1, 2, 2, 1, 1), /2 × 2 pixels/],
    ['no size', fixed(MAGIC, 0, 0, 0, 1, 1), /0 × 0 pixels/],
    ['an odd width', fixed(MAGIC, 0, 3, 4, 1, 1), /3 × 4 pixels/],
    ['an odd height', fixed(MAGIC, 0, 4, 5, 1, 1), /4 × 5 pixels/],
    ['a width alone', fixed(MAGIC, 0, 2, 0, 1, 1), /2 × 0 pixels/],
    ['a large frame', fixed(MAGIC, 0, LONGEST_SIDE + 2, 2, 1, 1), /1922 × 2 pixels/],
    ['a high frame', fixed(MAGIC, 0, 2, 65_534, 1, 1), /2 × 65534 pixels/],
    ['no plugin', fixed(MAGIC, 0, 2, 2, 0, 1), /0 bytes/],
    ['no source', fixed(MAGIC, 0, 2, 2, 1, 0), /0 bytes/],
    ['a long id', fixed(MAGIC, 0, 2, 2, 401, 1), /401 bytes/],
    ['another long id', fixed(MAGIC, 0, 2, 2, 1, 65_535), /65535 bytes/],
  ];
  for (const [what, head, reason] of wrong)
    it(`are refused with ${what}, before any memory is taken`, () => {
      const fail = () => assert.fail();
      const reader = new PluginFrameReader({ begin: fail, end: fail, presence: fail });
      assert.throws(() => reader.push(Buffer.concat([head, Buffer.alloc(2000)])), reason);
    });

  it('fail in no other way, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), fc.boolean(), (chunks, begins) => {
        const start = begins ? [writePluginFrameHead(HEAD)] : [];
        try {
          read([...start, ...chunks.map((chunk) => Buffer.from(chunk))]);
        } catch (error) {
          assert.match((error as Error).message, /not a frame|cannot/);
        }
      }),
    );
  });

  it('have even sides of 2 to 1920 pixels', () => {
    const sizes = [
      [2, 2],
      [1920, 1920],
      [0, 0],
      [2, 3],
      [1922, 2],
      [2.5, 2],
      [Number.NaN, 2],
    ] as const;
    const seen = sizes.map(([width, height]) => isPluginFrameSize({ width, height }));
    assert.deepEqual(seen, [true, true, false, false, false, false, false]);
  });
});
