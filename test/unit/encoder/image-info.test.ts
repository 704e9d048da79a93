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
  u16(0x100, 10);
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
