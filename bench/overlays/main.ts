// Overlays beside a scene that moves, in the encoder process' own parts: what one that stands still costs, how soon a text that is changed is in
// the encoder's input, and how soon after the process that draws was killed.
//   node dist/bench/overlays/main.js [seconds of each measurement of CPU, 20] [changes of text, 100] [kills, 20]
import { setTimeout as delay } from 'node:timers/promises';
import type { StageConfig, StageOverlay } from '../../src/config/encode-settings.js';
import { MixerSchema } from '../../src/config/mixer-schema.js';
import { BroadcastConfigSchema, OverlaySchema, SceneSchema } from '../../src/config/schema.js';
import { childrenOf } from '../../test/support/children.js';
import { RunningStage } from '../support/running-stage.js';
import { quantile, summary } from '../support/statistics.js';
import { atMost, exactly } from '../support/targets.js';
import { ownCpuSeconds } from '../support/tree-cpu.js';

const SECONDS = Number(process.argv[2] ?? 20);
const CHANGES = Number(process.argv[3] ?? 100);
const KILLS = Number(process.argv[4] ?? 20);
const ROUNDS = 5;
/** Targets: of a core, and ms. */
const [MOST_IDLE_PERCENT, MOST_CHANGE_MS, MOST_BACK_MS] = [1, 150, 400];

const { video } = BroadcastConfigSchema.parse({});
const PLACE = { x: 40, y: 560, width: 700, height: 120 };

function overlay(colour: string): StageOverlay {
  const box = { id: 'box', type: 'box', width: 60, height: 60, x: 620, y: 30, colour };
  const text = {
    id: 'text',
    type: 'text',
    x: 20,
    y: 20,
    width: 560,
    text: `Jane Doe 直播 ${colour}`,
    size: 40,
  };
  const back = { id: 'back', type: 'box', colour: '#101020c0', radius: 16 };
  return { ...OverlaySchema.parse({ id: 'lower', ...PLACE, elements: [back, box, text] }), sinceMs: 0 };
}

function configOf(...overlays: readonly StageOverlay[]): StageConfig {
  return {
    sources: [{ id: 'pattern', input: { type: 'test-pattern' }, warm: true }],
    scenes: [SceneSchema.parse({ id: 'main', layers: [{ id: 'a', source: 'pattern' }] })],
    mixer: MixerSchema.parse({}),
    programme: 'main',
    overlays,
  };
}

const running = await RunningStage.begin(configOf());

/** Luma in the middle of the overlay's box. */
const luma = () => running.frame?.bytes[(PLACE.y + 60) * video.width + PLACE.x + 650] ?? 0;
const [DARK, BRIGHT] = ['#000000', '#ffffff'];
const isShown = (colour: string) => (colour === BRIGHT ? luma() > 220 : luma() < 30);

async function shownAfterMs(colour: string, most = 10_000): Promise<number> {
  const begunMs = performance.now();
  await running.stage.set(configOf(overlay(colour)));
  while (!isShown(colour)) {
    if (performance.now() - begunMs > most) return Number.POSITIVE_INFINITY;
    await delay(2);
  }
  return performance.now() - begunMs;
}

const drawingPid = () =>
  childrenOf(process.pid).find(({ command }) => /overlay.*(main\.js|overlay\.cjs)$/.test(command))?.pid;

/** Of this process and the one that draws, s. */
const cpuS = () => ownCpuSeconds(process.pid) + ownCpuSeconds(drawingPid() ?? 0);

async function percentOf(config: StageConfig): Promise<number> {
  await running.stage.set(config);
  await delay(1000);
  const before = cpuS();
  await delay(SECONDS * 1000);
  return ((cpuS() - before) / SECONDS) * 100;
}

try {
  await shownAfterMs(BRIGHT);
  const [without, withOverlay]: number[][] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    withOverlay?.push(await percentOf(configOf(overlay(DARK))));
    without?.push(await percentOf(configOf({ ...overlay(DARK), visible: false })));
    await shownAfterMs(BRIGHT);
  }
  const costs = (withOverlay ?? []).map((percent, round) => percent - (without?.[round] ?? 0));
  const cost = quantile(costs, 0.5);
  console.log(
    `an overlay of ${PLACE.width}x${PLACE.height} that stands still, percent of a core: ${summary(costs, 2)} ${atMost(cost, MOST_IDLE_PERCENT)}; ` +
      `all with it ${summary(withOverlay ?? [], 1)}, without ${summary(without ?? [], 1)}`,
  );

  const changes: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    changes.push(await shownAfterMs(change % 2 === 0 ? DARK : BRIGHT));
    await delay(50 + 100 * Math.random());
  }
  console.log(
    `a text changed → in the encoder's input, ms: ${summary(changes, 0)}, p95 ${quantile(changes, 0.95).toFixed(0)} ${atMost(quantile(changes, 0.95), MOST_CHANGE_MS)}`,
  );

  const backs: number[] = [];
  const { slots, empty } = running;
  for (let kill = 0; kill < KILLS; kill++) {
    const pid = drawingPid();
    if (pid === undefined) throw new Error('nothing draws');
    process.kill(pid, 'SIGKILL');
    backs.push(await shownAfterMs(kill % 2 === 0 ? DARK : BRIGHT));
    await delay(1500);
  }
  console.log(
    `the process that draws killed ${KILLS} times: a change asked for then is seen after ms: ${summary(backs, 0)}, p95 ${quantile(backs, 0.95).toFixed(0)} ${atMost(quantile(backs, 0.95), MOST_BACK_MS)}; ` +
      `slots without a new frame of ${running.slots - slots}: ${running.empty - empty} ${exactly(running.empty - empty, 0)}`,
  );
} finally {
  running.end();
}
