import assert from 'node:assert/strict';
import { encodeSettingsOf } from '../../../src/config/ingests.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { matchedSettings } from '../../../src/core/ingest/matched-settings.js';
import { StreamMeter } from '../../../src/core/ingest/stream-meter.js';
import { avcHeaderOf, SPS_MAIN_642 } from '../../support/sps.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const BASE = encodeSettingsOf(BroadcastConfigSchema.parse({ input: { type: 'ingest' } }));
const NOTHING_MEASURED = new StreamMeter().measures(0);

const matched = (audio: Buffer | undefined, measured = NOTHING_MEASURED) =>
  matchedSettings(BASE, { video: avcHeaderOf(SPS_MAIN_642), audio }, measured);

describe('settings that match a stream', () => {
  it('have its frame size and rate, its profile, and its sound', () => {
    const { video, audio, input } = matched(hex('af00 1208')) ?? {};
    assert.deepEqual(
      [video?.width, video?.height, video?.fps, video?.profile, audio?.sampleRate, audio?.channels],
      [642, 362, 30_000 / 1001, 'main', 44_100, 1],
    );
    assert.deepEqual(input, BASE.input);
  });

  it('leave the sound as it is where it is HE-AAC, has more channels, or is missing', () => {
    for (const header of [hex('af00 1190 56e580'), hex('af00 11b0'), undefined]) {
      assert.deepEqual(matched(header)?.audio, BASE.audio);
    }
  });

  it('take no more bits than the stream did, nor than is configured', () => {
    const rateOf = (bitrateKbps: number) =>
      matched(undefined, { ...NOTHING_MEASURED, bitrateKbps })?.video.bitrateKbps;
    assert.deepEqual([rateOf(0), rateOf(800), rateOf(9000)], [2500, 800, 2500]);
  });

  it('are none for another codec, and for no header', () => {
    const hevc = Buffer.from([0x90, ...Buffer.from('hvc1'), 1, 2, 3]);
    for (const video of [hevc, undefined]) {
      assert.equal(matchedSettings(BASE, { video, audio: undefined }, NOTHING_MEASURED), undefined);
    }
  });
});
