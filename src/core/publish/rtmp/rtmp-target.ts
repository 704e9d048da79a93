import { parseRtmpAddress, type RtmpAddress, type RtmpUrl } from '../../../rtmp/rtmp-url.js';
import { TlsTrust } from './tls-trust.js';

/** Maximum length of an address sent by a server, characters. */
const MAX_REFERENCE = 2000;

export interface OutputAddress extends RtmpAddress {
  /** PEM file of an authority to trust in addition to the system's. */
  readonly tlsCaFile?: string | undefined;
  /** Whether it takes all tracks of a multitrack publisher. */
  readonly multitrack?: boolean | undefined;
  /** Video codecs besides H.264 that it takes, although it may not say so. */
  readonly codecs?: readonly string[] | undefined;
  /** Address or network interface of this computer that is sent from. */
  readonly bindAddress?: string | undefined;
}

/** Where and as whom to publish. */
export interface RtmpTarget extends RtmpUrl {
  /** The authorities to trust for a server with TLS. */
  readonly trust: TlsTrust;
  /** Whether it takes all tracks of a multitrack publisher. */
  readonly multitrack: boolean;
  readonly codecs: readonly string[];
  /** Address or network interface of this computer that is sent from; the system chooses without it. */
  readonly bindAddress: string | undefined;
}

/** @throws {BulkheadError} `config.invalid`, like `parseRtmpAddress` */
export function parseOutputAddress(address: OutputAddress, where: string): RtmpTarget {
  return {
    ...parseRtmpAddress(address, where),
    trust: new TlsTrust(address.tlsCaFile),
    multitrack: address.multitrack === true,
    codecs: address.codecs ?? [],
    bindAddress: address.bindAddress,
  };
}

/**
 * The target of a server's ReconnectRequest (Enhanced RTMP v2, "Reconnect Request"): an address that may be relative
 * to the current one. The key is sent there, so never from TLS to plain text. Undefined if it cannot be used.
 */
export function redirectedTarget(target: RtmpTarget, reference: string): RtmpTarget | undefined {
  if (reference.length > MAX_REFERENCE) return undefined;
  try {
    const url = new URL(reference, target.tcUrl).href;
    const { streamKey: key, username, password, trust, multitrack, codecs, bindAddress } = target;
    const redirected = parseOutputAddress({ url, key, username, password }, '');
    return target.secure && !redirected.secure
      ? undefined
      : { ...redirected, trust, multitrack, codecs, bindAddress };
  } catch {
    return undefined;
  }
}
