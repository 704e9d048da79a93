import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  MOST_REGION_BYTES,
  type Region,
  RegionReader,
  writeRegion,
} from '../../../../src/encoder/overlay/region-stream.js';

const REGION: Region = {
  surface: 70_000,
  size: { width: 640, height: 360 },
  area: { x: 2, y: 4, width: 6, height: 2 },
  bounds: { x: 0, y: 2, width: 640, height: 10 },
  ...{ isFirst: true, isLast: false, isMoving: true },
};
const EMPTY: Region = {
  ...REGION,
  area: { x: 0, y: 0, width: 0, height: 0 },
  ...{ isFirst: false, isLast: true, isMoving: false },
};

describe('regions of pixels', () => {
  const pixels = Buffer.from(Array.from({ length: 48 }, (_, index) => index));

  it('are the same on the other end, however the bytes arrive', () => {
    const sent = Buffer.concat([
      ...[writeRegion(REGION, pixels), writeRegion(EMPTY, Buffer.alloc(0))],
      writeRegion({ ...REGION, surface: 1 }, pixels),
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(sent.length), { maxLength: 6 }), (cuts) => {
        const read: [Region, Buffer][] = [];
        const reader = new RegionReader((region, bytes) => read.push([region, Buffer.from(bytes)]));
        const at = [0, ...cuts.toSorted((a, b) => a - b), sent.length];
        for (const [index, end] of at.entries()) reader.push(sent.subarray(at[index - 1] ?? 0, end));
        assert.deepEqual(read, [
          [REGION, pixels],
          [EMPTY, Buffer.alloc(0)],
          [{ ...REGION, surface: 1 }, pixels],
        ]);
      }),
    );
  });

  it('that cannot be are refused, whatever comes', () => {
    const refused = (region: Region) => {
      const reader = new RegionReader(() => {});
      assert.throws(() => reader.push(writeRegion(region, Buffer.alloc(0))), /a region of pixels/);
    };
    const { area } = REGION;
    refused({ ...REGION, area: { ...area, x: 3 } });
    refused({ ...REGION, area: { ...area, width: 640 } });
    refused({ ...REGION, area: { ...area, y: 360 } });
    const wide = { width: 4096, height: 4096 };
    const rows = MOST_REGION_BYTES / 4 / 4096;
    refused({ ...REGION, size: wide, area: { x: 0, y: 0, width: 4096, height: rows + 2 } });
    assert.throws(() => new RegionReader(() => {}).push(Buffer.alloc(32)), /no region/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        try {
          new RegionReader(() => {}).push(Buffer.from(bytes));
        } catch (error) {
          assert.match((error as Error).message, /region of pixels/);
        }
      }),
    );
  });
});
