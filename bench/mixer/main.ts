// CPU of the mixer: eight sources at 48 kHz with all levels, and the same with effects.
//   node dist/bench/mixer/main.js [seconds of sound, 60]
import { type MixerConfig, MixerSchema } from '../../src/config/mixer-schema.js';
import { Mixer } from '../../src/encoder/mixer/mixer.js';
import { quantile, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';

const SECONDS = Number(process.argv[2] ?? 60);
const FPS = 30;
const SAMPLES = 48_000 / FPS;
const SOURCES = 8;
/** Of a core. */
const MOST_PERCENT = 1;
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
