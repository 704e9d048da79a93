import type { Status } from '../../src/protocol/status/status.js';
import { median, quantile, summary } from '../support/statistics.js';
import { soundSourceOf, sourceOf } from '../support/studio-processes.js';
import { atMost, exactly } from '../support/targets.js';
import type { Outcome } from './on-air.js';

export interface Scenario {
  /** For the command line. */
  readonly name: string;
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  readonly input: 'file' | 'test-pattern';
  readonly times: number;
  /** From one fault to the next, ms; some more by chance. */
  readonly restMs: number;
  /** Process id of what is killed or stopped; undefined if it does not run. */
  readonly victim: (status: Status) => number | undefined;
  /** The figures beside their targets, one line each. */
  readonly judge: (outcome: Outcome) => readonly string[];
}

const videoEncoder = ({ encoder }: Status) => encoder.videoPid;
const audioEncoder = ({ encoder }: Status) => encoder.audioPid;
const encoderProcess = ({ encoder }: Status) => encoder.pid;

/** What must not happen to any frame. */
function frames({ check }: Outcome): string {
  const { video } = check;
  const { order } = video;
  return [
    `of ${video.frames} frames ${order.missing} missing ${exactly(order.missing, 0)}`,
    `${order.repeated} repeated ${exactly(order.repeated, 0)}`,
    `${order.outOfOrder} out of order ${exactly(order.outOfOrder, 0)}`,
    `${order.unreadable} corrupt ${exactly(order.unreadable, 0)}`,
    `${check.decodeErrors.length} decode errors ${exactly(check.decodeErrors.length, 0)}`,
  ].join(', ');
}

function gaps({ arrivalGaps }: Outcome, limitMs?: number): string {
  const p95 = quantile(arrivalGaps, 0.95);
  return `arrival gap ${summary(arrivalGaps)} ms, p95 ${p95.toFixed(0)}${limitMs === undefined ? '' : ` ${atMost(p95, limitMs)}`}`;
}

function frozen({ freezes }: Outcome, limitMs: number): string {
  const p95 = quantile(freezes, 0.95);
  return `frozen ${summary(freezes)} ms, p95 ${p95.toFixed(0)} ${atMost(p95, limitMs)}`;
}

function offsets({ check }: Outcome, limitMs?: number): string {
  const { readings, medianMs, worstMs } = check.av;
  const last = Math.abs(median(readings.slice(-3).map(({ offsetMs }) => offsetMs)));
  const target = limitMs === undefined ? '' : ` ${atMost(Math.round(last * 10) / 10, limitMs)}`;
  return `offset of sound and frames: median ${medianMs.toFixed(1)} ms, worst ${worstMs.toFixed(1)}, after all ${last.toFixed(1)}${target}`;
}

function silence({ check }: Outcome): string {
  return `longest silence ${check.audio.longestSilenceMs.toFixed(0)} ms`;
}

function one({ sessions, restarts, reported }: Outcome): string {
  return (
    `sessions ${sessions} ${exactly(sessions, 1)}, restarts of the encoder process ${restarts}; ` +
    `the studio reports ${reported.skippedSlots} slots skipped, ${reported.repeatedFrames} frames repeated`
  );
}

const judgeVideo = (limitMs: number) => (outcome: Outcome) => [
  frames(outcome),
  gaps(outcome, limitMs),
  offsets(outcome),
  one(outcome),
];
const judgeAudio = (outcome: Outcome) => [
  frames(outcome),
  gaps(outcome),
  offsets(outcome, 5),
  silence(outcome),
  one(outcome),
];

/**
 * A file continues at the position that it had reached. After 1.5 s without an encoder a viewer is shown the last keyframe again, which
 * is older: what follows it is compared with the newest frame before it.
 */
function position({ check, clipFrames }: Outcome): string {
  const between = (from: number, to: number) => (((to - from) % clipFrames) + clipFrames) % clipFrames;
  let [leftOut, again] = [0, 0];
  let back: { readonly newest: number; readonly keyframe: number } | undefined;
  for (const { from, to } of check.video.order.events) {
    if (back !== undefined) again += between(back.keyframe, from);
    const newest = back?.newest ?? from;
    const ahead = between(newest, to);
    const isOlder = ahead > clipFrames / 2;
    if (isOlder && back !== undefined && to !== back.keyframe) again += 1;
    if (!isOlder) leftOut += Math.max(0, ahead - 1);
    back = isOlder ? { newest, keyframe: to } : undefined;
  }
  return `frames of the file left out ${leftOut} ${exactly(leftOut, 0)}, older ones shown again, but for a keyframe, ${again} ${exactly(again, 0)}`;
}

function judgeSource(outcome: Outcome): string[] {
  const { missingSlots, order } = outcome.check.video;
  return [
    `slots missing ${missingSlots} ${exactly(missingSlots, 0)}`,
    frozen(outcome, 400),
    ...(order.isNumbered ? [position(outcome), offsets(outcome), silence(outcome)] : []),
    one(outcome),
  ];
}

const judgeProcess = (limitMs: number) => (outcome: Outcome) => {
  const { order } = outcome.check.video;
  return [
    gaps(outcome),
    frozen(outcome, limitMs),
    ...(order.isNumbered ? [position(outcome), offsets(outcome), silence(outcome)] : []),
    one(outcome),
  ];
};

const SOURCES = (['file', 'test-pattern'] as const).flatMap((input): Scenario[] => [
  {
    ...{ name: `source-kill-${input}`, signal: 'SIGKILL', input, times: 20, restMs: 2500 },
    ...{ victim: sourceOf, judge: judgeSource },
  },
  {
    ...{ name: `source-stop-${input}`, signal: 'SIGSTOP', input, times: 20, restMs: 3500 },
    ...{ victim: sourceOf, judge: judgeSource },
  },
]);
const SOUND_SOURCE: Scenario = {
  ...{ name: 'source-kill-sound', signal: 'SIGKILL', input: 'file', times: 20, restMs: 2500 },
  ...{ victim: soundSourceOf, judge: judgeSource },
};
const PROCESSES = (['file', 'test-pattern'] as const).flatMap((input): Scenario[] => [
  {
    ...{ name: `encoder-process-kill-${input}`, signal: 'SIGKILL', input, times: 20, restMs: 4000 },
    ...{ victim: encoderProcess, judge: judgeProcess(700) },
  },
  {
    ...{ name: `encoder-process-stop-${input}`, signal: 'SIGSTOP', input, times: 20, restMs: 6000 },
    ...{ victim: encoderProcess, judge: judgeProcess(2500) },
  },
]);

export const SCENARIOS: readonly Scenario[] = [
  {
    ...{ name: 'video-kill', signal: 'SIGKILL', input: 'file', times: 100, restMs: 1500 },
    ...{ victim: videoEncoder, judge: judgeVideo(250) },
  },
  {
    ...{ name: 'video-stop', signal: 'SIGSTOP', input: 'file', times: 20, restMs: 3000 },
    ...{ victim: videoEncoder, judge: judgeVideo(1300) },
  },
  {
    ...{ name: 'audio-kill', signal: 'SIGKILL', input: 'file', times: 50, restMs: 1200 },
    ...{ victim: audioEncoder, judge: judgeAudio },
  },
  {
    ...{ name: 'audio-stop', signal: 'SIGSTOP', input: 'file', times: 20, restMs: 3000 },
    ...{ victim: audioEncoder, judge: judgeAudio },
  },
  ...SOURCES,
  SOUND_SOURCE,
  ...PROCESSES,
];
