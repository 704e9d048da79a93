import type { Status } from '../../src/protocol/status/status.js';
import { descendantsOf } from '../../test/support/children.js';
import type { NetworkConditions } from '../../test/support/network/namespaces.js';

/** A part of the run: what the network is like, what is killed, and what the streamer does. */
export interface Act {
  readonly name: string;
  readonly seconds: number;
  readonly network: NetworkConditions;
  /** Killed one after the other, over the whole of the act. */
  readonly victims: readonly Victim[];
  /** In the middle of the act. */
  readonly does?: 'save a replay' | 'undo';
}

/** Something below the core. */
export interface Victim {
  readonly name: string;
  /** Undefined while it does not run. */
  readonly pid: (status: Status) => number | undefined;
}

const CABLE = { rateKbps: 30_000, delayMs: 15 };
export const HOME: NetworkConditions = { up: CABLE, down: CABLE };
const up = (condition: NetworkConditions['up']): NetworkConditions => ({
  up: { ...CABLE, ...condition },
  down: CABLE,
});

const VIDEO: Victim = { name: 'video encoder', pid: ({ encoder }) => encoder.videoPid };
const SOUND: Victim = { name: 'AAC encoder', pid: ({ encoder }) => encoder.audioPid };
const SOURCE: Victim = { name: 'source', pid: ({ sources }) => sources[0]?.pid };
const RECORDER: Victim = { name: 'recorder', pid: ({ recording }) => recording?.pid };
const ENCODER: Victim = { name: 'encoder process', pid: ({ encoder }) => encoder.pid };

/** The relay whose output was configured as the `index`th of those that have one. */
const relay = (name: string, index: number): Victim => ({
  name: `relay of ${name}`,
  pid: ({ core }) =>
    descendantsOf(core.pid)
      .filter(({ command }) => command.includes('relay.cjs'))
      .sort((one, other) => one.pid - other.pid)[index]?.pid,
});

/** @param scale how many times as long as in the short run */
export function acts(scale: number): readonly Act[] {
  return [
    { name: 'a good network', seconds: 20 * scale, network: HOME, victims: [VIDEO, SOUND, SOURCE] },
    {
      name: '2 % lost, 100 ms of jitter',
      seconds: 20 * scale,
      network: { up: { ...CABLE, loss: 0.02, jitterMs: 100 }, down: { ...CABLE, loss: 0.02, jitterMs: 100 } },
      victims: [VIDEO, RECORDER],
      does: 'save a replay',
    },
    { name: 'half of what is sent', seconds: 15 * scale, network: up({ rateKbps: 4000 }), victims: [SOUND] },
    { name: 'a good network again', seconds: 20 * scale, network: HOME, victims: [RECORDER], does: 'undo' },
    {
      name: 'nothing for 5 s',
      seconds: 5,
      network: { up: { down: true }, down: { down: true } },
      victims: [VIDEO],
    },
    {
      name: 'a good network to the end',
      seconds: 30 * scale,
      network: HOME,
      victims: [relay('hls', 2), SOURCE, RECORDER, relay('srt', 0), ENCODER],
      does: 'save a replay',
    },
  ];
}
