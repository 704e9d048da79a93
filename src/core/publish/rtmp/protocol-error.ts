/** The peer broke the protocol: nothing that it sends after this can be understood. */
export class RtmpProtocolError extends Error {
  override readonly name = 'RtmpProtocolError';
}
