import type { NetworkConditions } from '../../test/support/network/namespaces.js';

interface Step {
  readonly seconds: number;
  readonly conditions: NetworkConditions;
}

/** What a network does while a broadcast is on air. */
export interface Profile {
  readonly name: string;
  /** What the encoder is set to, kbit/s. */
  readonly bitrateKbps: number;
  /** After how long a silent publisher is closed by the server, s. */
  readonly dropIdle?: number;
  readonly steps: readonly Step[];
}

const HOME = { rateKbps: 20_000, delayMs: 15 };

function upload(seconds: number, up: NetworkConditions['up']): Step {
  return { seconds, conditions: { up: { delayMs: 15, ...up }, down: HOME } };
}

/** @param scale how many times as long as in the short run */
export function profiles(scale: number): readonly Profile[] {
  const rough = { loss: 0.02, jitterMs: 200 };
  return [
    {
      name: '6 → 2 → 6 Mbit/s',
      bitrateKbps: 3500,
      steps: [
        upload(8 * scale, { rateKbps: 6000 }),
        upload(20 * scale, { rateKbps: 2000 }),
        upload(20 * scale, { rateKbps: 6000 }),
      ],
    },
    {
      name: '2 % lost, 200 ms jitter',
      bitrateKbps: 2500,
      steps: [
        upload(8 * scale, { rateKbps: 20_000 }),
        {
          seconds: 20 * scale,
          conditions: { up: { ...HOME, ...rough }, down: { ...HOME, ...rough } },
        },
        upload(15 * scale, { rateKbps: 20_000 }),
      ],
    },
    {
      name: 'half-open',
      bitrateKbps: 2500,
      dropIdle: 5,
      steps: [
        upload(8, { rateKbps: 20_000 }),
        { seconds: 25 * scale, conditions: { up: HOME, down: HOME, forgets: true } },
      ],
    },
    {
      name: 'nothing for 10 s',
      bitrateKbps: 2500,
      steps: [
        upload(8, { rateKbps: 20_000 }),
        { seconds: 10, conditions: { up: { down: true }, down: { down: true } } },
        upload(22 * scale, { rateKbps: 20_000 }),
      ],
    },
  ];
}
