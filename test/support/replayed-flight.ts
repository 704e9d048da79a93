import type { Flight } from '../../src/core/flight/flight-file.js';
import { type EpochWriter, Timeline } from '../../src/core/timeline/timeline.js';
import { FLV_PREAMBLE, flvTag } from '../../src/media/flv-writer.js';
import { carrierOf, type StreamTag } from '../../src/media/stream-tag.js';

/** AMF0: a string of ten characters, `onMetaData`. */
const ON_METADATA = Buffer.from('\x02\x00\x0aonMetaData', 'latin1');

/** Feeds the packets of a flight record to a timeline of its own, as their encoders have. @returns what is on air then */
export function replayFlight({ entries }: Flight): StreamTag[] {
  const timeline = new Timeline();
  const tags: StreamTag[] = [];
  timeline.onTag((tag) => tags.push(tag));
  const epochs = new Map<number, EpochWriter>();
  try {
    for (const { atMs, kind, tag, ...entry } of entries) {
      if (kind !== 'packet' || tag === undefined) continue;
      const number = Number(entry['epoch']);
      let epoch = epochs.get(number);
      if (epoch === undefined) {
        epoch = timeline.beginEpoch();
        epochs.set(number, epoch);
        epoch.write(FLV_PREAMBLE, atMs);
      }
      const isData =
        tag.kind === 'metadata' && !tag.payload.subarray(0, ON_METADATA.length).equals(ON_METADATA);
      const payload = isData ? Buffer.concat([ON_METADATA, tag.payload]) : tag.payload;
      epoch.write(flvTag(carrierOf(tag.kind), tag.timestampMs, payload), atMs);
    }
  } finally {
    timeline.dispose();
  }
  return tags;
}

/** What was on air, as the record says: kind and timestamp of each tag. */
export function airOf({ entries }: Flight): string[] {
  return entries
    .filter(({ kind }) => kind === 'air')
    .map(({ tagKind, ms }) => `${String(tagKind)} ${String(ms)}`);
}
