import assert from 'node:assert/strict';
import { parseEncoderChange } from '../../../src/config/encoder-change.js';

describe('parseEncoderChange', () => {
  const parse = (...assignments: readonly string[]) => parseEncoderChange(assignments, '/folder');

  it('reads short names and those of the configuration', () => {
    assert.deepEqual(parse('bitrate=4000', 'preset=faster', 'audioBitrate=96', 'ffmpeg=bin/ffmpeg').change, {
      video: { bitrateKbps: 4000, preset: 'faster' },
      audio: { bitrateKbps: 96 },
      ffmpeg: '/folder/bin/ffmpeg',
    });
    assert.deepEqual(parse('constantBitrate=true').change, { video: { constantBitrate: true } });
    assert.deepEqual(parse('constantBitrate=false').change, { video: { constantBitrate: false } });
    assert.deepEqual(parse('bitrateKbps=4000', 'keyframeInterval=1.5', 'tune=none').change, {
      video: { bitrateKbps: 4000, keyframeIntervalSeconds: 1.5, tune: 'none' },
    });
    // SVT-AV1's presets are numbers.
    assert.deepEqual(parse('preset=7').change, { video: { preset: '7' } });
  });

  it('says where they are in the configuration', () => {
    assert.deepEqual(parse('bitrate=4000', 'ffmpeg=/bin/ffmpeg').settings, [
      { path: ['video', 'bitrateKbps'], value: 4000 },
      { path: ['ffmpeg'], value: '/bin/ffmpeg' },
    ]);
  });

  const wrong: readonly [assignments: readonly string[], message: RegExp][] = [
    [['bitrat=4000'], /^unknown setting "bitrat"; did you mean "bitrate"\?$/],
    [['presets=fast'], /did you mean "preset"\?/],
    [['colour=red'], /^unknown setting "colour"; expected one of bitrate, bitrateKbps, /],
    [['constructor=1'], /^unknown setting "constructor"/],
    [['fps=60'], /^"fps" cannot be changed on air/],
    [['bitrate'], /^expected NAME=VALUE, such as bitrate=4000, got "bitrate"$/],
    [['=3'], /^expected NAME=VALUE/],
    [['bitrate=much'], /^video\.bitrateKbps: expected a number, got "much"$/],
    [['bitrate=1'], /^video\.bitrateKbps: expected 50 or more, got 1$/],
    [['bitrate=4000', 'bitrateKbps=3000'], /^bitrateKbps: this setting is given twice/],
    [
      ['tune=zerolatenc'],
      /expected one of "zerolatency", "none", got "zerolatenc"; did you mean "zerolatency"\?/,
    ],
    [['constantBitrate=yes'], /^video\.constantBitrate: expected true or false, got "yes"$/],
    [['preset='], /^video\.preset: expected text, got none$/],
  ];
  for (const [assignments, message] of wrong) {
    it(`refuses ${assignments.join(' ')}`, () => {
      assert.throws(() => parse(...assignments), { code: 'config.invalid', message });
    });
  }
});
