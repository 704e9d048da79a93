import type { EncoderSettingsChange } from '../../src/protocol/encoder-settings.js';

const PRESETS = ['superfast', 'veryfast', 'ultrafast', 'faster'];

/**
 * The n-th of a row of changes: each has another bitrate and another preset than the one before, every third another audio bitrate.
 *
 * @param leastKbps of the video; a multiple of 5
 */
export function settingsChange(number: number, leastKbps: number) {
  const video = {
    bitrateKbps: leastKbps + (leastKbps / 5) * (number % 7),
    preset: PRESETS[number % PRESETS.length] ?? '',
  };
  const audio = { bitrateKbps: 96 + 16 * (number % 5) };
  return (number % 3 === 0 ? { video, audio } : { video }) satisfies EncoderSettingsChange;
}
