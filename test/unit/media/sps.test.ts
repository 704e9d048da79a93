import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseAvcConfig, parseSps, type SpsInfo } from '../../../src/media/sps.js';
import { avcConfigRecord, SPS_720P30, SPS_1080P60, SPS_MAIN_642 } from '../../support/sps.js';
import { sequenceParameterSets } from './sps-writer.js';

/** Made by x264. */
const STREAMS: readonly [what: string, sps: string, SpsInfo][] = [
  ['High, 720p30', SPS_720P30, { profile: 100, level: 31, width: 1280, height: 720, fps: 30 }],
  [
    'High, 1080p60, of which eight lines are cropped',
    SPS_1080P60,
    { profile: 100, level: 42, width: 1920, height: 1080, fps: 60 },
  ],
  [
    'Main, 642×362 at 29.97 fps, cropped on two sides',
    SPS_MAIN_642,
    { profile: 77, level: 30, width: 642, height: 362, fps: 30_000 / 1001 },
  ],
  [
    'Constrained Baseline, 176×144 at 15 fps',
    '6742c00ada0b13b0110000030001000003001e0f1226a0',
    { profile: 66, level: 10, width: 176, height: 144, fps: 15 },
  ],
  [
    'interlaced, 720×576 at 25 fps',
    '6764001eacd940b424d8088000000300800000190f8a14cb',
    { profile: 100, level: 30, width: 720, height: 576, fps: 25 },
  ],
  [
    'High 4:2:2, upright',
    '677a002abcd9404403c797c044000003000400000301903c60c658',
    { profile: 122, level: 42, width: 1080, height: 1920, fps: 50 },
  ],
  [
    'High 4:4:4 at 24 fps',
    '67f4001e919b281407b60220000003002000000601e2c5b2c0',
    { profile: 244, level: 30, width: 640, height: 480, fps: 24 },
  ],
  [
    'High 10, 2160p30',
    '676e0033a6cd9403c0043ec044000003000400000300f03c60c658',
    { profile: 110, level: 51, width: 3840, height: 2160, fps: 30 },
  ],
];

const bytes = (hex: string) => Buffer.from(hex, 'hex');

describe('a sequence parameter set', () => {
  for (const [what, sps, expected] of STREAMS) {
    it(`is read: ${what}`, () => {
      assert.deepEqual(parseSps(bytes(sps)), expected);
      assert.deepEqual(parseAvcConfig(avcConfigRecord(bytes(sps))), expected);
    });
  }

  it('is read whatever fields it has', () => {
    const isSize = (pixels: number) => pixels >= 1 && pixels <= 16_384;
    fc.assert(
      fc.property(sequenceParameterSets, ({ nal, info }) => {
        assert.deepEqual(parseSps(nal), isSize(info.width) && isSize(info.height) ? info : undefined);
      }),
      { numRuns: 1000 },
    );
  });

  it('says nothing where it is cut off before the frame size', () => {
    const [, sps] = STREAMS[0]!;
    assert.equal(parseSps(bytes(sps).subarray(0, 5)), undefined);
    assert.equal(parseAvcConfig(avcConfigRecord(bytes(sps)).subarray(0, 7)), undefined);
    assert.equal(parseAvcConfig(Buffer.alloc(0)), undefined);
  });

  it('says a size that a frame can have, or nothing, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (garbage) => {
        const info = parseSps(Buffer.from(garbage));
        if (info === undefined) return;
        assert.ok(Number.isInteger(info.width) && info.width >= 1 && info.width <= 16_384);
        assert.ok(Number.isInteger(info.height) && info.height >= 1 && info.height <= 16_384);
        assert.ok(info.fps === undefined || (info.fps >= 1 && info.fps <= 1000));
      }),
      { numRuns: 2000 },
    );
  });
});
