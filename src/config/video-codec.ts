/** What the programme can be encoded to. */
export type VideoCodec = 'h264' | 'hevc' | 'av1';

/** By the names of encoders. */
const CODECS: readonly (readonly [names: RegExp, codec: VideoCodec])[] = [
  [/^(?:libx264|libopenh264|h264_\w+)$/, 'h264'],
  [/^(?:libx265|hevc_\w+)$/, 'hevc'],
  [/^(?:libsvtav1|libaom-av1|av1_\w+)$/, 'av1'],
];

/** What an encoder of this name makes; undefined if it is none of the programme's codecs. */
export function codecOf(encoder: string): VideoCodec | undefined {
  return CODECS.find(([names]) => names.test(encoder))?.[1];
}
