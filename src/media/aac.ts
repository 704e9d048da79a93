import { AAC_FRAME, audioSpecificConfigOf } from './audio-payload.js';
import { silentAacFrame } from './silent-aac.js';

/** What a stream's AAC sequence header says. */
export interface AacFormat {
  /** Length of a frame, ms. */
  readonly frameMs: number;
  /** The FLV tag body of a silent frame of this stream; undefined where none is known: anything but AAC-LC. */
  readonly silence: Buffer | undefined;
  /** Hz and how many, of the core stream where SBR doubles the rate; undefined for what is not AAC. */
  readonly sampleRate?: number | undefined;
  readonly channels?: number | undefined;
}

const AAC_LC = 2;
/** The last of the types whose config goes on with the length of a frame: AAC Main, LC, SSR and LTP. */
const LAST_PLAIN_TYPE = 4;
/** Says that the type is in the bits after it. */
const TYPE_ESCAPE = 31;
/** `dependsOnCoreCoder` and `extensionFlag` of GASpecificConfig, which no AAC-LC stream of this kind has. */
const UNUSUAL_FLAGS = 0b011;
const SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
] as const;
/** Syncword of the extension that announces SBR, and the object type SBR behind it (ISO/IEC 14496-3 1.6.5). */
const SBR_EXTENSION = (0x2b7 << 5) | 5;

/** What is assumed of audio that is not AAC, or says nothing of itself. */
export const UNKNOWN_AUDIO: AacFormat = { frameMs: 1024 / 48, silence: undefined };

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
  const plain = objectType === AAC_LC && (bits & UNUSUAL_FLAGS) === 0 && !announcesSbr(config);
  const frame = plain ? silentAacFrame(channels) : undefined;
  return {
    frameMs: (samples * 1000) / sampleRate,
    silence: frame && silentPayload(header, frame),
    sampleRate,
    channels,
  };
}

function announcesSbr(config: Buffer): boolean {
  return config.length >= 5 && config.readUInt16BE(2) === SBR_EXTENSION && (config.readUInt8(4) & 0x80) !== 0;
}

/** The stream's own first byte: what it says of rate and channels means nothing for AAC, but differs between encoders. */
function silentPayload(header: Buffer, frame: Buffer): Buffer {
  return Buffer.concat([header.subarray(0, 1), Buffer.from([AAC_FRAME]), frame]);
}
