import { audioSpecificConfigOf } from './audio-payload.js';

/** What a stream's AAC sequence header says. */
export interface AacFormat {
  /** Length of a frame, ms. */
  readonly frameMs: number;
  /** Whether {@link SILENT_AAC_PAYLOAD} is a frame of this stream: AAC-LC, 48 kHz, stereo, 1024 samples a frame. */
  readonly takesSilence: boolean;
}

/** A silent frame's tag body: FLV's AAC header, then a channel pair without any spectral line. */
export const SILENT_AAC_PAYLOAD = Buffer.from([0xaf, 0x01, 0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c]);

const AAC_LC = 2;
/** The last of the types whose config goes on with the length of a frame: AAC Main, LC, SSR and LTP. */
const LAST_PLAIN_TYPE = 4;
/** Says that the type is in the bits after it. */
const TYPE_ESCAPE = 31;
const STEREO = 2;
const SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
] as const;
/** Syncword of the extension that announces SBR, and the object type SBR behind it (ISO/IEC 14496-3 1.6.5). */
const SBR_EXTENSION = (0x2b7 << 5) | 5;

/** What is assumed of audio that is not AAC, or says nothing of itself. */
export const UNKNOWN_AUDIO: AacFormat = { frameMs: 1024 / 48, takesSilence: false };

/**
 * Reads the AudioSpecificConfig in an audio sequence header.
 *
 * @see ISO/IEC 14496-3 1.6.2.1 and 4.4.1.
 */
export function parseAacHeader(header: Buffer): AacFormat {
  const config = audioSpecificConfigOf(header);
  if (config === undefined || config.length < 2) return UNKNOWN_AUDIO;
  const bits = config.readUInt16BE(0);
  const objectType = bits >> 11;
  const sampleRate = SAMPLE_RATES[(bits >> 7) & 0x0f];
  const channels = (bits >> 3) & 0x0f;
  if (sampleRate === undefined || objectType === TYPE_ESCAPE) return UNKNOWN_AUDIO;
  const samples = objectType <= LAST_PLAIN_TYPE && (bits & 0b100) !== 0 ? 960 : 1024;
  return {
    frameMs: (samples * 1000) / sampleRate,
    takesSilence:
      objectType === AAC_LC &&
      sampleRate === 48_000 &&
      channels === STEREO &&
      samples === 1024 &&
      !announcesSbr(config),
  };
}

function announcesSbr(config: Buffer): boolean {
  return config.length >= 5 && config.readUInt16BE(2) === SBR_EXTENSION && (config.readUInt8(4) & 0x80) !== 0;
}
