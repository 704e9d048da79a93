import { withDelimiter } from './avc.js';
import { asIdrFrame } from './idr-frame.js';
import { AVC_DATA_OFFSET, isLegacyAvc } from './video-payload.js';

/** Frames that come again and again may neither refer to others nor be taken for a part of the one before. */
export function repeatable(payload: Buffer): Buffer {
  if (!isLegacyAvc(payload)) return payload;
  return withDelimiter(asIdrFrame(payload, AVC_DATA_OFFSET) ?? payload, AVC_DATA_OFFSET);
}
