/**
 * Silent frames of AAC-LC by channel configuration: the shortest there are, each with all its channels and not one spectral
 * line. They hold nothing that depends on the sample rate or the number of samples, so one fits all of these. Long
 * sine windows, as encoders use most of the time: the first frame of sound after them is windowed as its encoder meant.
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
 * @param channelConfiguration as an AudioSpecificConfig has it: 1 to 6 channels, 7 for eight of them
 * @returns undefined where the channels are unknown
 */
export function silentAacFrame(channelConfiguration: number): Buffer | undefined {
  return SILENT_FRAMES.get(channelConfiguration);
}
