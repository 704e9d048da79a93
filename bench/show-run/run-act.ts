import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { freePorts } from '../../test/support/live-server.js';
import type { NginxRtmp } from '../../test/support/nginx.js';
import type { Publisher } from '../../test/support/publisher.js';
import { checkRecording, type RecordingCheck } from '../../test/tools/recording/check-recording.js';
import type { PublisherSetup } from '../support/publishers/publisher-kind.js';
import { type Act, INGEST_KEY } from './acts.js';

export interface Stage {
  readonly nginx: NginxRtmp;
  readonly recordings: string;
  readonly folder: string;
  readonly files: readonly string[];
  /** Frames of all files. */
  readonly frames: number;
  readonly setup: PublisherSetup;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

export interface Plan {
  readonly seconds: number;
  readonly kills: number;
}

/** What a viewer was sent in an act. */
export interface ActResult {
  readonly check: RecordingCheck;
  readonly sessions: number;
  readonly restarts: number;
  /** How many of each were killed. */
  readonly killed: ReadonlyMap<string, number>;
}

/** How long a publisher that was killed stays away, ms. */
const AWAY_MS = 3000;
const START_MS = 30_000;
const WARM_MS = 4000;

/** Goes on air for some time, in which every victim is killed in turn, and checks what nginx-rtmp has recorded. */
export async function runAct(stage: Stage, act: Act, plan: Plan): Promise<ActResult> {
  const { nginx, recordings, folder, files, frames, setup, width, height, fps } = stage;
  const key = act.name.replaceAll(' ', '-');
  const ports = await freePorts();
  const target =
    act.published === 'to the ingest'
      ? { server: `rtmp://127.0.0.1:${ports.rtmpPort}/ingest`, key: INGEST_KEY }
      : { server: `rtmp://127.0.0.1:${nginx.port}/other`, key };
  const config = join(folder, `${key}.jsonc`);
  const played = act.config({ files, sourceUrl: nginx.url('other', key) });
  const liveServer = act.published === 'to the ingest' ? ports : undefined;
  writeFileSync(
    config,
    JSON.stringify({
      ...{ ...played, video: { width, height, fps }, liveServer },
      outputs: [{ id: 'nginx', url: nginx.url('recorded', key) }],
    }),
  );
  let publisher: Publisher | undefined;
  const publish = async () => {
    if (act.published !== 'no') publisher = await setup.start(target);
  };
  const killed = new Map<string, number>();
  let restarts = 0;
  if (act.published === 'to the server') await publish();
  const bulkhead = new Bulkhead(['live', config], { env: { BENCH_INGEST_KEY: INGEST_KEY } });
  try {
    await bulkhead.until('live', ({ state }) => state === 'live', START_MS);
    if (act.published === 'to the ingest') await publish();
    await delay(WARM_MS);
    const restMs = (plan.seconds * 1000 - WARM_MS) / plan.kills;
    for (let kill = 0; kill < plan.kills; kill++) {
      const begunMs = performance.now();
      const status = await bulkhead.status();
      const victim = act.victims[kill % act.victims.length];
      const pid = victim?.pid(status, publisher?.pid) ?? 0;
      if (victim !== undefined && pid > 0) {
        process.kill(pid, 'SIGKILL');
        killed.set(victim.name, (killed.get(victim.name) ?? 0) + 1);
        if (pid === publisher?.pid) {
          await delay(AWAY_MS);
          await publish();
        }
      }
      await delay(Math.max(0, restMs - (performance.now() - begunMs)));
    }
    ({ restarts } = (await bulkhead.status()).encoder);
    await bulkhead.stop();
  } finally {
    await publisher?.kill();
    await bulkhead.end();
  }
  const recorded = readdirSync(recordings).filter((name) => name.startsWith(`${key}-`));
  const [recording] = recorded;
  if (recording === undefined) throw new Error(`nginx has recorded nothing of ${key}`);
  const check = await checkRecording(join(recordings, recording), { loop: frames });
  return { check, sessions: recorded.length, restarts, killed };
}
