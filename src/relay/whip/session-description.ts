import { parameterSetsOf } from '../../media/avc.js';
import { splitLengths } from '../../media/nal-units.js';
import { parseReorderedFrames } from '../../media/sps.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** What the other side will take of what was offered. */
export interface AcceptedTracks {
  /** Payload types; undefined for what it refuses. */
  readonly video: number | undefined;
  readonly audio: number | undefined;
}

/**
 * Reads an answer, as far as it has to be understood here.
 *
 * @param offered payload types, by kind
 * @see RFC 3264 6, RFC 8866
 */
export function acceptedTracks(
  answer: string,
  offered: { readonly video: readonly number[]; readonly audio: readonly number[] },
): AcceptedTracks {
  const sections = answer.split(/^m=/m).slice(1);
  const chosen = (kind: 'video' | 'audio') => {
    const section = sections.find((text) => text.startsWith(`${kind} `));
    const [, port, , ...formats] = section?.split(/\r?\n/, 1)[0]?.split(' ') ?? [];
    const declines = section === undefined || port === '0' || /^a=(?:inactive|sendonly)\r?$/m.test(section);
    return declines ? undefined : formats.map(Number).find((format) => offered[kind].includes(format));
  };
  return { video: chosen('video'), audio: chosen('audio') };
}

/** Whether the SPS of an AVCDecoderConfigurationRecord announces frames in another order than that of showing them. */
export function announcesBFrames(record: Buffer): boolean {
  const [sps] = splitLengths(parameterSetsOf(record, 0) ?? Buffer.alloc(0));
  return sps !== undefined && (parseReorderedFrames(sps) ?? 0) > 0;
}

/** `profile-level-id` of an AVCDecoderConfigurationRecord. @see RFC 6184 8.1 */
export function profileLevelId(record: Buffer): string {
  return record.subarray(1, 4).toString('hex');
}

/** @throws BulkheadError `output.codec` */
export function checkAccepted({ video, audio }: AcceptedTracks, hasAudio: boolean, server: string): number {
  if (video === undefined) {
    throw new BulkheadError(ErrorCodes.outputCodec, `${server} does not take H.264`, {
      remedy: 'Have the server take H.264, or use another protocol.',
    });
  }
  if (hasAudio && audio === undefined) {
    throw new BulkheadError(ErrorCodes.outputCodec, `${server} does not take sound as Opus`, {
      remedy: 'Have the server take Opus, or use another protocol.',
    });
  }
  return video;
}
