const NAMES: Readonly<Record<string, string>> = {
  h263: 'H.263',
  h264: 'H.264',
  hevc: 'HEVC',
  vvc: 'VVC',
  av1: 'AV1',
  vp6: 'VP6',
  vp8: 'VP8',
  vp9: 'VP9',
};

/** As people write it. @param codec such as `h264` */
export function codecName(codec: string): string {
  return NAMES[codec] ?? codec;
}
