import { type Amf0Value, isAmf0Object } from '../../../media/amf0.js';
import { codecOfFourCc } from '../../../media/video-payload.js';

/** A server that names this one takes every codec. */
const ANY = '*';
/** That every server takes. */
const COMMON = 'h264';

/**
 * Which video codecs a server takes: those that it lists in its answer to "connect", and those that the settings say of it, since not every
 * server that takes them lists them.
 *
 * @see Enhanced RTMP v2, "Enhancing NetConnection connect Command".
 */
export class ServerCodecs {
  private readonly listed: ReadonlySet<string>;

  /**
   * @param answer the values of the answer
   * @param configured such as `hevc`
   */
  constructor(
    answer: readonly Amf0Value[],
    private readonly configured: readonly string[],
  ) {
    this.listed = new Set(answer.flatMap(fourCcsIn));
  }

  takes(codec: string): boolean {
    if (codec === COMMON || this.listed.has(ANY) || this.configured.includes(codec)) return true;
    return [...this.listed].some((fourCc) => codecOfFourCc(fourCc) === codec);
  }
}

/** By version 1 of Enhanced RTMP a list, by version 2 the names in an object. */
function fourCcsIn(value: Amf0Value): string[] {
  if (!isAmf0Object(value)) return [];
  const { fourCcList: list, videoFourCcInfoMap: infos } = value;
  const names = isAmf0Object(infos) ? Object.keys(infos) : [];
  return [...names, ...(Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [])];
}
