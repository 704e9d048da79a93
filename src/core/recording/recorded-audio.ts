import type { BusConfig } from '../../config/mixer-schema.js';
import { nearest } from '../../config/nearest.js';
import { isExtraAudio, type StreamTag } from '../../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** Which audio tracks a recording has, and their names. */
export interface RecordedAudio {
  /** By the numbers of tracks, the programme's mix being 0; empty where no bus is mixed. */
  readonly names: Readonly<Record<number, string>>;
  takes(tag: StreamTag): boolean;
}

/** The mixer's buses are tracks from 1 on, in their order. */
export function namesOfBuses(buses: readonly BusConfig[]): Readonly<Record<number, string>> {
  if (buses.length === 0) return {};
  return Object.fromEntries(['Programme', ...buses.map(({ id, name }) => name ?? id)].entries());
}

/**
 * @param wanted ids of buses; all tracks that there are, those of a publisher too, without it
 * @throws BulkheadError `config.invalid` for what is no bus
 */
export function recordedAudio(
  buses: readonly BusConfig[],
  wanted: readonly string[] | undefined,
): RecordedAudio {
  const ids = buses.map(({ id }) => id);
  const unknown = wanted?.find((id) => !ids.includes(id));
  if (unknown !== undefined) throw noBus(unknown, ids);
  const names = Object.entries(namesOfBuses(buses));
  if (wanted === undefined) return { names: Object.fromEntries(names), takes: () => true };
  const tracks = new Set([0, ...wanted.map((id) => ids.indexOf(id) + 1)]);
  const recorded = names.filter(([track]) => tracks.has(Number(track)));
  return {
    names: Object.fromEntries(recorded),
    takes: (tag) => !isExtraAudio(tag) || tracks.has(tag.track ?? 0),
  };
}

function noBus(id: string, ids: readonly string[]): BulkheadError {
  const similar = nearest(id, ids);
  const remedy =
    ids.length === 0
      ? 'Add "buses" to the "mixer" of the configuration.'
      : `Choose of ${ids.map((known) => `"${known}"`).join(', ')}.`;
  const message = `no bus "${id}" in the mixer${similar === undefined ? '' : `; did you mean "${similar}"?`}`;
  return new BulkheadError(ErrorCodes.configInvalid, message, { where: 'audioTracks', remedy });
}
