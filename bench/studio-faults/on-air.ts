import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../test/support/live-viewer.js';
import type { NginxRtmp } from '../../test/support/nginx.js';
import type { AvOffset } from '../../test/tools/recording/av-offset.js';
import {
  type AudioCheck,
  checkRecording,
  type VideoCheck,
} from '../../test/tools/recording/check-recording.js';
import type { FrameOrder } from '../../test/tools/recording/frame-order.js';
import type { Scenario } from './scenarios.js';

/** What a viewer saw of a run, from before the first fault to the end. */
export interface Outcome {
  /** Of the clip, which is looped. */
  readonly clipFrames: number;
  readonly check: {
    readonly decodeErrors: readonly string[];
    /** Zeros without numbers. */
    readonly video: VideoCheck & { readonly order: FrameOrder & { readonly isNumbered: boolean } };
    readonly audio: AudioCheck;
    readonly av: AvOffset;
  };
  /** For each fault, the longest time without a new frame at the viewer, ms of wall clock. */
  readonly arrivalGaps: readonly number[];
  /** For each fault, how long the frame stood still, beyond its own time, ms. */
  readonly freezes: readonly number[];
  readonly sessions: number;
  readonly restarts: number;
  /** What the studio itself reports for its last run: it explains what a busy machine cost. */
  readonly reported: { readonly skippedSlots: number; readonly repeatedFrames: number };
}

export interface Stage {
  readonly nginx: NginxRtmp;
  readonly recordings: string;
  readonly folder: string;
  readonly clip: string;
  /** Frames of the clip. */
  readonly clipFrames: number;
  /** As in a configuration. */
  readonly video: { readonly fps: number; readonly width: number; readonly height: number };
}

/** Everything is warm by then, the held encoders too. */
const START_UP_MS = 6000;
const BEFORE_MS = 2000;
/** Two stills that are nearer to each other are of the same fault. */
const SAME_FAULT_MS = 1200;
const NO_ORDER: FrameOrder & { isNumbered: boolean } = {
  ...{ unreadable: 0, missing: 0, repeated: 0, outOfOrder: 0, seams: 0, longestFreezeMs: 0 },
  ...{ events: [], isNumbered: false },
};

/** Goes on air, kills or stops the victim again and again, and checks the recording. */
export async function runScenario(stage: Stage, scenario: Scenario): Promise<Outcome> {
  const { nginx, recordings, folder, clip, clipFrames } = stage;
  const { name, input, times, restMs, signal, victim } = scenario;
  const config = join(folder, `${name}.jsonc`);
  writeFileSync(
    config,
    JSON.stringify({
      input: input === 'file' ? { type: 'file', path: clip } : { type: 'test-pattern' },
      video: stage.video,
    }),
  );
  const url = nginx.url('recorded', name);
  const bulkhead = new Bulkhead(['live', config, '--output', url]);
  let viewer: LiveViewer | undefined;
  const faults: number[] = [];
  let restarts = 0;
  let reported = { skippedSlots: 0, repeatedFrames: 0 };
  let endedMs = 0;
  try {
    await bulkhead.until('live', ({ state }) => state === 'live');
    viewer = watchLive(url);
    await delay(START_UP_MS);
    for (let fault = 0; fault < times; fault++) {
      const status = await bulkhead.until('there is one to kill', (now) => (victim(now) ?? 0) > 0);
      faults.push(performance.now());
      process.kill(victim(status) ?? 0, signal);
      await delay(restMs + 200 * Math.random());
    }
    const { encoder } = await bulkhead.status();
    ({ restarts } = encoder);
    reported = { skippedSlots: encoder.skippedSlots ?? 0, repeatedFrames: encoder.repeatedFrames ?? 0 };
    endedMs = performance.now();
    await bulkhead.stop();
  } finally {
    await viewer?.stop();
    await bulkhead.end();
  }
  const files = readdirSync(recordings).filter((file) => file.startsWith(`${name}-`));
  const [recording] = files;
  if (recording === undefined) throw new Error(`nginx has recorded nothing of ${name}`);
  const file = join(recordings, recording);
  const whole = await checkRecording(file);
  const firstFaultMs = (whole.video?.endMs ?? 0) - (endedMs - (faults[0] ?? endedMs));
  const { video, audio, av, decodeErrors } = await checkRecording(file, {
    loop: clipFrames,
    fromMs: firstFaultMs - BEFORE_MS,
  });
  if (video === undefined || audio === undefined || av === undefined) throw new Error(`${name}: no media`);
  const order = video.order === undefined ? NO_ORDER : { ...video.order, isNumbered: true };
  return {
    clipFrames,
    check: { decodeErrors, video: { ...video, order }, audio, av },
    arrivalGaps: faults.map((atMs, index) => arrivalGap(viewer, atMs, faults[index + 1] ?? endedMs)),
    freezes: perFault(video.stills, video.frameMs, times),
    sessions: files.length,
    restarts,
    reported,
  };
}

/** The longest time between two frames of which the second came after the fault, ms. */
function arrivalGap(viewer: LiveViewer | undefined, fromMs: number, untilMs: number): number {
  const arrivals = (viewer?.packets ?? [])
    .filter(({ stream }) => stream === 'video')
    .map(({ arrivedAtMs }) => arrivedAtMs);
  const from = Math.max(
    1,
    arrivals.findIndex((atMs) => atMs > fromMs),
  );
  let longest = 0;
  for (let index = from; index < arrivals.length && (arrivals[index - 1] ?? 0) < untilMs; index++)
    longest = Math.max(longest, (arrivals[index] ?? 0) - (arrivals[index - 1] ?? 0));
  return longest;
}

/** The longest stills, one for each fault; 0 where there are fewer. */
function perFault(stills: VideoCheck['stills'], frameMs: number, times: number): number[] {
  const faults: number[] = [];
  let lastEndMs = Number.NEGATIVE_INFINITY;
  for (const { ptsMs, lengthMs } of stills) {
    const beyondMs = lengthMs - frameMs;
    if (ptsMs - lastEndMs < SAME_FAULT_MS) faults.push((faults.pop() ?? 0) + beyondMs);
    else faults.push(beyondMs);
    lastEndMs = ptsMs + lengthMs;
  }
  const longest = faults.sort((a, b) => b - a).slice(0, times);
  return [...longest, ...Array.from({ length: times - longest.length }, () => 0)];
}
