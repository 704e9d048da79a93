import type { LiveFlvOptions, LiveTag } from '../../test/support/live-flv-server.js';

/** When the fault begins, ms of the stream's clock. */
export const FAULT_MS = 8000;
const SOUND_BACK_MS = 14_000;
const OUTAGE = { fromMs: FAULT_MS, toMs: FAULT_MS + 5000 };

/** A live stream that does what real ones do. */
export interface LiveKind {
  readonly name: string;
  /** Frames from one keyframe to the next, at 30 a second. */
  readonly gop?: number;
  /** What it does; without it, it is sent as it is. */
  readonly options?: Omit<LiveFlvOptions, 'tags'>;
  /** Whether its frames become larger at the fault. */
  readonly changesSize?: boolean;
  /** How long it may stand still, ms. */
  readonly stillMs?: number;
  /** Whether it has sound to the end. */
  readonly soundEnds?: boolean;
}

const isSoundBetween = (fromMs: number, toMs: number) => (tag: LiveTag) =>
  tag.kind === 'audio' && tag.ms >= fromMs && tag.ms < toMs;
const soundEnds = isSoundBetween(FAULT_MS, Number.POSITIVE_INFINITY);
const soundPauses = isSoundBetween(FAULT_MS, SOUND_BACK_MS);

export const LIVE_KINDS: readonly LiveKind[] = [
  { name: 'plain' },
  { name: 'sound-ends', options: { isSent: (tag) => !soundEnds(tag) }, soundEnds: true },
  { name: 'sound-pauses', options: { isSent: (tag) => !soundPauses(tag) } },
  { name: 'no-sound', options: { isSent: ({ kind }) => kind !== 'audio' }, soundEnds: true },
  { name: 'keyframes-10-s-apart', gop: 300 },
  { name: 'burst', options: { burstMs: 3000 } },
  {
    name: 'timestamps-jump-ahead',
    options: { timestampOf: (ms) => (ms < FAULT_MS ? ms : ms + 600_000) },
    stillMs: 2500,
  },
  {
    name: 'timestamps-jump-back',
    options: { timestampOf: (ms) => (ms < FAULT_MS ? ms + 100_000 : ms - FAULT_MS) },
    stillMs: 2500,
  },
  {
    name: 'timestamps-wrap',
    options: { timestampOf: (ms) => (ms + 2 ** 32 - FAULT_MS) % 2 ** 32 },
    stillMs: 2500,
  },
  { name: 'timestamps-pass-2^31', options: { timestampOf: (ms) => ms + 2 ** 31 - FAULT_MS }, stillMs: 2500 },
  { name: 'size-changes', changesSize: true, stillMs: 2500 },
  { name: 'dies-and-returns', options: { outage: OUTAGE }, stillMs: 8500 },
];
