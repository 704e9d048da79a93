import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseImageInfo } from '../../../src/encoder/image-info.js';

/** A TIFF structure with its first directory: another tag, then the orientation. */
function tiff(orientation: number, little = false): Buffer {
  const bytes = Buffer.alloc(8 + 2 + 2 * 12 + 4);
  const u16 = (value: number, at: number) =>
    little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const u32 = (value: number, at: number) =>
    little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  bytes.write(little ? 'II*\0' : 'MM\0*', 'latin1');
  u32(8, 4);
  u16(2, 8);
  u16(0x101, 10);
  u16(4, 12);
  u32(1, 14);
  u32(70_000, 18);
  u16(0x112, 22);
  u16(3, 24);
  u32(1, 26);
  u16(orientation, 30);
  return bytes;
}

function jpeg(...segments: { marker: number; body: Buffer }[]): Buffer {
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...segments.map(({ marker, body }) =>
      Buffer.concat([Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff]), body]),
    ),
    Buffer.from([0xff, 0xda, 0, 2]),
  ]);
}

/** 70,000 × 3 pixels of that colour type, with a chunk before the pixels. */
function png(colourType: number, chunk = ''): Buffer {
  const header = Buffer.from('89504e470d0a1a0a0000000d49484452000111700000000308ff000000deadbeef', 'hex');
  header[25] = colourType;
  return Buffer.concat([header, Buffer.from(`\0\0\0\0${chunk}\0\0\0\0IDAT`)]);
}

const exif = (body: Buffer) => ({ marker: 0xe1, body: Buffer.concat([Buffer.from('Exif\0\0'), body]) });
const jfif = { marker: 0xe0, body: Buffer.from('JFIF\0') };

describe('parseImageInfo', () => {
  it('knows formats by their first bytes', () => {
    const cases: [string, string | undefined][] = [
      ['\xff\xd8\xff\xe0', 'jpeg_pipe'],
      ['\x89PNG\r\n', 'png_pipe'],
      ['RIFF\0\0\0\0WEBPVP8 ', 'webp_pipe'],
      ['RIFF\0\0\0\0AVI ', undefined],
      ['GIF89a', 'gif'],
      ['BM', 'bmp_pipe'],
      ['II*\0', 'tiff_pipe'],
      ['MM\0*', 'tiff_pipe'],
      ['%!PS', undefined],
      ['', undefined],
    ];
    for (const [head, demuxer] of cases)
      assert.equal(parseImageInfo(Buffer.from(head, 'latin1')).demuxer, demuxer, head);
  });

  it('reads the orientation in either byte order, after other segments', () => {
    for (const little of [false, true]) {
      for (let orientation = 1; orientation <= 8; orientation++) {
        const body = tiff(orientation, little);
        assert.equal(parseImageInfo(jpeg(jfif, exif(body))).orientation, orientation);
        assert.equal(parseImageInfo(body).orientation, orientation, 'TIFF');
      }
    }
  });

  it('is upright without an orientation, or with one that does not exist', () => {
    assert.equal(parseImageInfo(jpeg(jfif)).orientation, 1);
    assert.equal(
      parseImageInfo(jpeg({ marker: 0xe1, body: Buffer.from('http://ns.adobe.com/xap') })).orientation,
      1,
    );
    for (const wrong of [0, 9, 65_535]) assert.equal(parseImageInfo(jpeg(exif(tiff(wrong)))).orientation, 1);
  });

  it('reads the size', () => {
    const frame = (marker: number) => ({ marker, body: Buffer.from([8, 0x9c, 0x40, 0x01, 0x02, 3]) });
    assert.deepEqual(parseImageInfo(jpeg(jfif, exif(tiff(6)), frame(0xc2))), {
      demuxer: 'jpeg_pipe',
      alpha: false,
      orientation: 6,
      size: { width: 258, height: 40_000 },
    });
    assert.equal(parseImageInfo(jpeg(jfif, frame(0xc4))).size, undefined, 'a table');
    assert.deepEqual(parseImageInfo(png(6)).size, { width: 70_000, height: 3 });
    assert.equal(parseImageInfo(tiff(1)).size, undefined, 'without a width');
  });

  it('knows what may be transparent', () => {
    const alphas = [png(0), png(2), png(3), png(4), png(6), png(3, 'tRNS'), png(2, 'tRNS')].map(
      (head) => parseImageInfo(head).alpha,
    );
    assert.deepEqual(alphas, [false, false, false, true, true, true, true]);
    assert.equal(parseImageInfo(png(2).subarray(0, 33)).alpha, true, 'its pixels are further on');
    const webp = (chunk: string) => parseImageInfo(Buffer.from(`RIFF\0\0\0\0WEBP${chunk}`)).alpha;
    assert.deepEqual([webp('VP8 '), webp('VP8X'), webp('VP8L')], [false, true, true]);
    assert.equal(parseImageInfo(Buffer.from('unknown')).alpha, true);
  });

  it('reads any bytes', () => {
    const whole = jpeg(jfif, exif(tiff(6)));
    fc.assert(
      fc.property(
        fc.nat(whole.length),
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
        (length, changes) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          const { orientation } = parseImageInfo(bytes.subarray(0, length));
          assert.ok(orientation >= 1 && orientation <= 8);
        },
      ),
    );
  });
});
