/**
 * Silent frames of AAC-LC by channel configuration: the shortest possible, with all channels and no spectral lines. They do
 * not depend on the sample rate or the number of samples. They use long sine windows, like encoders most of the time, so
 * that the first audible frame after them is windowed as its encoder intended.
 *
 * @see ISO/IEC 14496-3 4.4.2.1 (`raw_data_block`), 1.6.3.5 (channel configurations); `max_sfb` is 0 in each element.
 */
const SILENT_FRAMES: ReadonlyMap<number, Buffer> = new Map(
  [
    [1, '00000007'],
    [2, '21000000001c'],
    [3, '000000010800000000e0'],
    [4, '00000001080000000002000007'],
    [5, '00000001080000000023000000001c'],
    [6, '00000001080000000023000000000c000000e0'],
    [7, '000000010800000000230000000004a0000000018000001c'],
  ].map(([configuration, hex]) => [Number(configuration), Buffer.from(String(hex), 'hex')]),
);

/**
 * A `raw_data_block` that decodes to silence.
 *
 * @param channelConfiguration as in an AudioSpecificConfig: 1 to 6 channels, 7 for eight of them
 * @returns undefined if the channels are unknown
 */
export function silentAacFrame(channelConfiguration: number): Buffer | undefined {
  return SILENT_FRAMES.get(channelConfiguration);
}
