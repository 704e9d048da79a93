const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Parts of keyframes of open GOPs that x264 has made, 16×16, grey, as FLV carries them: each after its length in four bytes. */
export const OPEN_GOP = {
  sps: '00000017 6764000aacd95ec044000003000400000300503c489658',
  recoveryPoint: '00000005 060601c480',
  /** With `idr`, which the slice is as one of an IDR frame. */
  cabac: {
    pps: '00000004 68ef8fcb',
    slice: '0000000e 4188994047fffa7fdbfc6ffe213d',
    idr: '0000000e 4588840011fffa7fdbfc6ffe213d',
  },
  cavlc: {
    pps: '00000004 68cf8fcb',
    slice: '0000000c 4188994047ff87a280019f80',
    idr: '0000000c 4588840011ffe1e8a00067e0',
  },
} as const;

/** The body of a keyframe's FLV tag. */
export const keyframeBody = (...units: readonly string[]): Buffer => hex(`1701000000 ${units.join('')}`);
