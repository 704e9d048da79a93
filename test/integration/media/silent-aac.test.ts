import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { parseAacHeader } from '../../../src/media/aac.js';
import { flvFile } from '../../support/flv.js';

const FRAMES = 30;
/** Of each index of a sampling frequency. */
const SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];
/** Of each channel configuration from 1 on. */
const CHANNELS = [1, 2, 3, 4, 5, 6, 8];
/** Those of the surround layouts that are tried. */
const USUAL_RATES = [48_000, 44_100, 22_050];

/** The FLV tag body with an AudioSpecificConfig of AAC-LC, frames of 1024 samples. */
function aacHeader(rateIndex: number, configuration: number): Buffer {
  const config = Buffer.alloc(2);
  config.writeUInt16BE((2 << 11) | (rateIndex << 7) | (configuration << 3));
  return Buffer.concat([Buffer.from([0xaf, 0]), config]);
}

/** What ffmpeg makes of a stream of such frames, as 16-bit samples; it must have nothing to say. */
function decode(header: Buffer, silence: Buffer, frameMs: number): Buffer {
  const frames = Array.from({ length: FRAMES }, (_, n) => ({
    kind: 'audio' as const,
    ms: Math.round(n * frameMs),
    payload: silence,
  }));
  const { status, stdout, stderr } = spawnSync(
    'ffmpeg',
    ['-v', 'warning', '-xerror', '-err_detect', 'explode', '-f', 'flv', '-i', '-', '-f', 's16le', '-'],
    { input: flvFile([{ kind: 'audio', ms: 0, payload: header }, ...frames]), maxBuffer: 1 << 24 },
  );
  assert.equal(stderr.toString(), '');
  assert.equal(status, 0);
  return stdout;
}

describe('Silent AAC frames, decoded by ffmpeg', () => {
  for (const [at, channels] of CHANNELS.entries()) {
    const rates = channels <= 2 ? SAMPLE_RATES : USUAL_RATES;
    it(`are silence of the right length in ${channels} channels at ${rates.join(', ')} Hz`, () => {
      for (const rate of rates) {
        const header = aacHeader(SAMPLE_RATES.indexOf(rate), at + 1);
        const { frameMs, silence } = parseAacHeader(header);
        assert.ok(silence !== undefined);
        const samples = decode(header, silence, frameMs);
        assert.equal(samples.length, FRAMES * 1024 * channels * 2, `${rate} Hz`);
        assert.ok(samples.equals(Buffer.alloc(samples.length)), `${rate} Hz is silent`);
      }
    });
  }

  it('are silence of 20 ms each where frames have 960 samples', () => {
    const header = Buffer.from([0xaf, 0, 0x11, 0x94]);
    const { frameMs, silence } = parseAacHeader(header);
    assert.ok(silence !== undefined);
    const samples = decode(header, silence, frameMs);
    assert.equal(samples.length, FRAMES * 960 * 2 * 2);
    assert.ok(samples.equals(Buffer.alloc(samples.length)));
  });
});
