/**
 * What both sides of a connection say of themselves in "connect".
 *
 * @see Enhanced RTMP v2, "Enhancing NetConnection connect Command".
 */

/** Flags of `capsEx`. */
export const Capability = { reconnect: 1, multitrack: 2 } as const;

/** Flags of an entry of `videoFourCcInfoMap`. */
export const FourCcInfo = { canEncode: 2, canForward: 4 } as const;
