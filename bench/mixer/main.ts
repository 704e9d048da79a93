// The mixer: what eight sources at 48 kHz with all levels cost, and the same with effects; how soon a gain that is changed is heard.
//   node dist/bench/mixer/main.js [seconds of sound, 60] [changes of gain, 100]
import { setTimeout as delay } from 'node:timers/promises';
import type { StageConfig } from '../../src/config/encode-settings.js';
import { type MixerConfig, MixerSchema } from '../../src/config/mixer-schema.js';
import { SceneSchema } from '../../src/config/schema.js';
import { Mixer } from '../../src/encoder/mixer/mixer.js';
import { FPS, RunningStage, SAMPLE_RATE } from '../support/running-stage.js';
import { quantile, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';

const SECONDS = Number(process.argv[2] ?? 60);
const CHANGES = Number(process.argv[3] ?? 100);
const SAMPLES = SAMPLE_RATE / FPS;
const SOURCES = 8;
/** Of a core, and ms. */
const [MOST_PERCENT, MOST_HEARD_MS] = [1, 100];
const ROUNDS = 5;

const PLAIN = MixerSchema.parse({
  sources: {
    s0: { mode: 'always', gainDb: 3 },
    s1: { gainDb: -12, ducking: { by: 's0' } },
    s2: { gainDb: -6, pan: -0.5 },
    s3: { muted: true },
  },
});
const EFFECTS = MixerSchema.parse({
  sources: {
    ...PLAIN.sources,
    s0: { gate: {}, equalizer: { lowDb: -3, highDb: 2 }, compressor: { makeupDb: 6 } },
    s1: { compressor: {}, ducking: { by: 's0' } },
    s4: { delayMs: 40 },
  },
});
const sounds = Array.from({ length: SOURCES }, (_, source) =>
  Array.from({ length: FPS }, (_, slot) => {
    const samples = new Int16Array(2 * SAMPLES);
    for (let at = 0; at < SAMPLES; at++) {
      const value = 4000 * Math.sin(((slot * SAMPLES + at) * (source + 1) * 200 * 2 * Math.PI) / 48_000);
      samples[2 * at] = value;
      samples[2 * at + 1] = value;
    }
    return Buffer.from(samples.buffer);
  }),
);

/** Percent of a core, round by round. */
function measure(config: MixerConfig): number[] {
  return Array.from({ length: ROUNDS }, () => {
    const mixer = new Mixer(config, { sampleRate: 48_000, channels: 2 });
    const { user, system } = process.cpuUsage();
    for (let slot = 0; slot < SECONDS * FPS; slot++) {
      const inputs = sounds.map((slots, source) => ({
        id: `s${source}`,
        pcm: slots[slot % FPS] ?? Buffer.alloc(0),
        share: 1,
      }));
      mixer.mix(inputs, SAMPLES);
    }
    const used = process.cpuUsage();
    return ((used.user + used.system - user - system) / 1e6 / SECONDS) * 100;
  });
}

const plain = measure(PLAIN);
console.log(
  `the mixer with ${SOURCES} sources and all levels takes ${summary(plain, 2)} % of a core ${atMost(quantile(plain, 0.5), MOST_PERCENT)}; ` +
    `with two compressors, a gate, an equalizer and a delay ${summary(measure(EFFECTS), 2)} %`,
);

function toneAt(gainDb: number): StageConfig {
  return {
    sources: [{ id: 'pattern', input: { type: 'test-pattern' }, warm: true }],
    scenes: [SceneSchema.parse({ id: 'main', layers: [{ id: 'a', source: 'pattern' }] })],
    mixer: MixerSchema.parse({ sources: { pattern: { gainDb } } }),
    programme: 'main',
    overlays: [],
  };
}

/** Level of 16-bit samples, dB of full scale. */
function levelDb(sound: Buffer): number {
  const samples = new Int16Array(sound.buffer, sound.byteOffset, sound.length / 2);
  const squares = samples.reduce((sum, sample) => sum + (sample / 32_768) ** 2, 0);
  return 10 * Math.log10(squares / samples.length);
}

const LOUD_DB = 0;
const QUIET_DB = -20;
const running = await RunningStage.begin(toneAt(LOUD_DB));
try {
  while (!(levelDb(running.sound) > -60)) await delay(10);
  await delay(500);
  const loudDb = levelDb(running.sound);
  const heardMs: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    const gainDb = change % 2 === 0 ? QUIET_DB : LOUD_DB;
    const begunMs = performance.now();
    await running.stage.set(toneAt(gainDb));
    while (Math.abs(levelDb(running.sound) - (loudDb + gainDb)) > 0.5) {
      if (performance.now() - begunMs > 10_000) throw new Error(`a gain of ${gainDb} dB is not heard`);
      await delay(1);
    }
    heardMs.push(performance.now() - begunMs);
    await delay(100 + 100 * Math.random());
  }
  const p95 = quantile(heardMs, 0.95);
  console.log(
    `a gain changed by 20 dB → all of it in the encoder's input, ms: ${summary(heardMs, 0)}, p95 ${p95.toFixed(0)} ${atMost(p95, MOST_HEARD_MS)}`,
  );
} finally {
  running.end();
}
