import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { KIND_HEIGHT, KIND_WIDTH, lengthOf, type MediaKind } from '../../test/support/media-kinds.js';
import type { NginxRtmp } from '../../test/support/nginx.js';

/** `loop`: over five seams. */
export type PlayMode = 'once' | 'loop';

export const FPS = 30;
export const SEAMS = 5;
const START_MS = 20_000;
/** How long after its end it may take to exit. */
const END_MS = 8000;
const LOOK_MS = 200;

export interface Play {
  /** What nginx-rtmp has recorded, one file for each session. */
  readonly recordings: readonly string[];
  /** Encoder processes beyond the first. */
  readonly restarts: number;
  /** What went wrong otherwise. */
  readonly problem?: string;
}

export interface Stage {
  readonly nginx: NginxRtmp;
  /** Where nginx records. */
  readonly recordings: string;
  /** For configurations. */
  readonly folder: string;
}

/** Plays a file through the studio to nginx-rtmp, which records it. */
export async function play(
  { nginx, recordings, folder }: Stage,
  kind: MediaKind,
  file: string,
  mode: PlayMode,
): Promise<Play> {
  const key = `${kind.name.replaceAll('.', '_')}-${mode}`;
  const config = join(folder, `${key}.jsonc`);
  writeFileSync(
    config,
    JSON.stringify({
      input: { type: 'file', path: file, loop: mode === 'loop' },
      video: {
        ...{ width: KIND_WIDTH, height: KIND_HEIGHT, fps: FPS },
        ...{ bitrateKbps: 1000, keyframeIntervalSeconds: 1 },
      },
    }),
  );
  const bulkhead = new Bulkhead(['live', config, '--output', nginx.url('recorded', key)]);
  const encoders = new Set<number>();
  let ended = false;
  void bulkhead.exit().then(() => {
    ended = true;
  });
  const lengthMs = lengthOf(kind) * 1000;
  let problem: string | undefined;
  /** Resolves when it has ended, or is `done`. */
  const watch = async (done: (state: string | undefined) => boolean): Promise<void> => {
    while (!ended) {
      const status = await bulkhead.status().catch(() => undefined);
      const pid = status?.encoder.pid ?? 0;
      if (pid > 0) encoders.add(pid);
      if (done(status?.state)) return;
      await delay(LOOK_MS);
    }
  };
  try {
    const startBy = performance.now() + START_MS;
    let isLive = false;
    await watch((state) => {
      isLive ||= state === 'live';
      return isLive || performance.now() > startBy;
    });
    if (!isLive && !ended) problem = 'was not on air in time';
    else if (mode === 'loop') {
      // Stopped in the middle, after the last seam.
      const until = performance.now() + lengthMs * (SEAMS + 0.6);
      await watch(() => performance.now() > until);
      if (ended) problem = 'ended by itself';
    } else {
      const until = performance.now() + lengthMs + END_MS;
      await watch(() => performance.now() > until);
      if (!ended) problem = 'did not end with the file';
    }
    if (!ended) await bulkhead.stop();
    if (ended && problem === undefined && (await bulkhead.exit()) !== 0)
      problem = `ended with ${await bulkhead.exit()}: ${bulkhead.stderr.trim().split('\n').at(-1)}`;
  } finally {
    await bulkhead.end();
  }
  const files = readdirSync(recordings).filter((name) => name.startsWith(`${key}-`));
  return {
    recordings: files.map((name) => join(recordings, name)),
    restarts: Math.max(0, encoders.size - 1),
    ...(problem === undefined ? {} : { problem }),
  };
}
