import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type MixerConfig, MixerSchema } from '../../../../src/config/mixer-schema.js';
import { Mixer } from '../../../../src/encoder/mixer/mixer.js';

const RATE = 48_000;
const SAMPLES = 1600;
const STEREO = { sampleRate: RATE, channels: 2 };

const config = (sources: object = {}, more: object = {}): MixerConfig =>
  MixerSchema.parse({ sources, ...more });
const pcm = (samples: Iterable<number>) => Buffer.from(Int16Array.from(samples).buffer);
const samplesOf = (bytes: Buffer) => new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
const constant = (value: number, channels = 2) => pcm(new Array(SAMPLES * channels).fill(value));
const maxOf = (values: Iterable<number>) => Math.max(...[...values].map(Math.abs));

/** A tone that goes on from slot to slot. */
class Tone {
  private at = 0;

  constructor(
    private readonly hz: number,
    readonly amplitude: number,
  ) {}

  next(): Buffer {
    const samples = new Int16Array(SAMPLES * 2);
    for (let n = 0; n < SAMPLES; n++) {
      const value = Math.round(
        this.amplitude * 32_767 * Math.sin((2 * Math.PI * this.hz * (this.at + n)) / RATE),
      );
      samples[2 * n] = value;
      samples[2 * n + 1] = value;
    }
    this.at += SAMPLES;
    return pcm(samples);
  }
}

/** Mixes this many slots, and returns the last one. */
function run(mixer: Mixer, slots: number, inputs: () => Parameters<Mixer['mix']>[0]): Int16Array {
  let last: Buffer = Buffer.alloc(0);
  for (let slot = 0; slot < slots; slot++) last = mixer.mix(inputs(), SAMPLES);
  return samplesOf(last);
}

/** Level of one frequency, dBFS. */
function levelAt(samples: readonly number[], hz: number): number {
  let [cos, sin] = [0, 0];
  for (const [n, value] of samples.entries()) {
    const windowed = value * (1 - Math.cos((2 * Math.PI * n) / samples.length));
    cos += windowed * Math.cos((2 * Math.PI * hz * n) / RATE);
    sin += windowed * Math.sin((2 * Math.PI * hz * n) / RATE);
  }
  return 20 * Math.log10((2 * Math.hypot(cos, sin)) / samples.length / 32_768);
}

/** For how many samples the left channel stays as loud as it may be. */
function longestTop(samples: Int16Array, most: number): number {
  let [longest, now] = [0, 0];
  for (let at = 0; at < samples.length; at += 2) {
    now = (samples[at] ?? 0) >= most - 2 ? now + 1 : 0;
    longest = Math.max(longest, now);
  }
  return longest;
}

describe('the mixer', () => {
  it('leaves the sound of one source as it is, to the bit', () => {
    const mixer = new Mixer(config(), STEREO);
    const sound = pcm(Array.from({ length: SAMPLES * 2 }, (_, at) => ((at * 7919) % 65_536) - 32_768));
    run(mixer, 2, () => [{ id: 'a', pcm: sound, share: 1 }]);
    assert.equal(mixer.mix([{ id: 'a', pcm: sound, share: 1 }], SAMPLES), sound);
    const silent = { id: 'b', pcm: constant(500), share: 0 };
    assert.equal(mixer.mix([{ id: 'a', pcm: sound, share: 1 }, silent], SAMPLES), sound);
  });

  it('adds sounds up, in whatever order, and fills with silence what is missing', () => {
    const short = pcm([5, 5]);
    for (const order of [false, true]) {
      const mixer = new Mixer(config(), STEREO);
      const inputs = [
        { id: 'a', pcm: constant(100), share: 1 },
        { id: 'b', pcm: constant(-30), share: 1 },
        { id: 'c', pcm: short, share: 1 },
      ];
      const mixed = run(mixer, 3, () => (order ? inputs.toReversed() : inputs));
      assert.deepEqual([...mixed.slice(0, 4)], [75, 75, 70, 70]);
    }
    assert.deepEqual([...run(new Mixer(config(), STEREO), 1, () => [])].slice(0, 3), [0, 0, 0]);
  });

  it('goes over evenly to what the scenes want, and to another gain', () => {
    const mixer = new Mixer(config(), STEREO);
    const a = (share: number) => () => [{ id: 'a', pcm: constant(16_000), share }];
    const begun = run(mixer, 1, a(1));
    assert.deepEqual([begun[0], begun[SAMPLES], begun[SAMPLES + 1]], [0, 8000, 8000]);
    assert.equal(run(mixer, 1, a(1))[0], 16_000);
    mixer.set(config({ a: { gainDb: -20 } }));
    const quieter = run(mixer, 1, a(1));
    assert.deepEqual([quieter[0], run(mixer, 1, a(1))[0]], [16_000, 1600]);
    assert.ok(Math.abs((quieter[SAMPLES] ?? 0) - 8800) < 5, 'half way, half of it');
    assert.equal(run(mixer, 2, a(0))[0], 0);
  });

  it('does not click where a gain is changed, a source is muted, panned or soloed, or delayed', () => {
    const changes: Readonly<Record<string, object>> = {
      gain: { a: { gainDb: -30 } },
      mute: { a: { muted: true } },
      pan: { a: { pan: 1 } },
      solo: { b: { solo: true } },
      delay: { a: { delayMs: 100 } },
    };
    for (const [what, sources] of Object.entries(changes)) {
      const mixer = new Mixer(config(), STEREO);
      // In the middle of a swing where the change begins.
      const tone = new Tone(997, 0.5);
      const inputs = () => [
        { id: 'a', pcm: tone.next(), share: 1 },
        { id: 'b', pcm: constant(0), share: 1 },
      ];
      run(mixer, 6, inputs);
      mixer.set(config(sources));
      const left: number[] = [];
      for (let slot = 0; slot < 3; slot++) {
        const mixed = run(mixer, 1, inputs);
        for (let at = 0; at < mixed.length; at += 2) left.push(mixed[at] ?? 0);
      }
      // Between two neighbours the tone itself moves by 2141 at most.
      const steps = left.slice(1).map((value, at) => value - (left[at] ?? 0));
      assert.ok(maxOf(steps) < 2200, `${what}: ${maxOf(steps)}`);
      const seconds = steps.slice(1).map((value, at) => value - (steps[at] ?? 0));
      assert.ok(maxOf(seconds) < 290, `${what}: a bend of ${maxOf(seconds)}`);
    }
  });

  it('mutes, solos and pans', () => {
    const inputs = () => [
      { id: 'a', pcm: constant(100), share: 1 },
      { id: 'b', pcm: constant(7), share: 1 },
    ];
    const mixed = (sources: object) => [...run(new Mixer(config(sources), STEREO), 2, inputs).slice(-2)];
    assert.deepEqual(mixed({ a: { muted: true } }), [7, 7]);
    assert.deepEqual(mixed({ b: { solo: true } }), [7, 7]);
    assert.deepEqual(mixed({ b: { solo: true, muted: true } }), [0, 0]);
    assert.deepEqual(mixed({ a: { pan: -1 }, b: { pan: 1 } }), [100, 7]);
    assert.deepEqual(mixed({ a: { pan: 0.5 } }), [57, 107]);
  });

  it('mixes what is monitored by itself, and plays nothing that viewers are not to hear', () => {
    const inputs = () => [
      { id: 'a', pcm: constant(100), share: 1 },
      { id: 'b', pcm: constant(7), share: 1 },
      { id: 'c', pcm: constant(30), share: 0 },
    ];
    const heard = (sources: object) => {
      const mixer = new Mixer(config(sources, { monitorDevice: 'ears' }), STEREO);
      const [viewers] = run(mixer, 2, inputs);
      return [mixer.monitorDevice, viewers, samplesOf(mixer.monitored())[0]];
    };
    assert.deepEqual(heard({}), [undefined, 107, 0]);
    assert.deepEqual(heard({ b: { monitor: 'on' } }), ['ears', 107, 7]);
    assert.deepEqual(heard({ b: { monitor: 'only' }, c: { monitor: 'on' } }), ['ears', 100, 7]);
    assert.deepEqual(heard({ a: { monitor: 'on' }, b: { monitor: 'only' } }), ['ears', 100, 107]);
    assert.deepEqual(heard({ a: { monitor: 'on', muted: true } }), ['ears', 7, 0]);
    assert.deepEqual(heard({ a: { monitor: 'on', gainDb: 20, pan: 1 } }), ['ears', 7, 0]);
    const loud = heard({ a: { monitor: 'only', gainDb: 0, ducking: { by: 'b', thresholdDb: -90 } } });
    assert.deepEqual(loud, ['ears', 7, 100], 'what is monitored is not ducked');
  });

  it('delays a source by so many samples', () => {
    const mixer = new Mixer(config({ a: { delayMs: 50 } }), STEREO);
    let slot = 0;
    const click = () => {
      slot += 1;
      const samples = new Int16Array(SAMPLES * 2);
      // The first slot is that in which a source is faded in.
      if (slot === 2) samples.fill(20_000, 20, 22);
      return [{ id: 'a', pcm: pcm(samples), share: 1 }];
    };
    run(mixer, 2, click);
    const later = run(mixer, 1, click);
    const at = later.findIndex((value) => value > 10_000);
    assert.equal(2 * SAMPLES + at / 2, SAMPLES + 10 + 0.05 * RATE);
  });

  it('is never louder than its ceiling, without cutting off, and as loud as before soon after', () => {
    for (const ceilingDb of [0, -3]) {
      const mixer = new Mixer(config({}, { ceilingDb }), STEREO);
      const [one, two] = [new Tone(440, 0.8), new Tone(1000, 0.1)];
      let isLoud = false;
      const inputs = () => [
        { id: 'a', pcm: one.next(), share: 1 },
        { id: 'b', pcm: isLoud ? constant(20_000) : two.next(), share: 1 },
      ];
      run(mixer, 4, inputs);
      isLoud = true;
      const most = Math.ceil(32_768 * 10 ** (ceilingDb / 20));
      for (let slot = 0; slot < 6; slot++) {
        const mixed = run(mixer, 1, inputs);
        assert.ok(maxOf(mixed) <= most, `${maxOf(mixed)} of ${most}`);
        assert.ok(
          slot === 0 || longestTop(mixed, most) <= 4,
          `cut off for ${longestTop(mixed, most)} samples`,
        );
      }
      isLoud = false;
      run(mixer, 30, inputs);
      assert.ok(maxOf(run(mixer, 1, inputs)) > 0.7 * Math.min(most, 0.85 * 32_768));
    }
  });

  it('gets quieter before a peak, not at it, and by no more in each sample than that takes', () => {
    const mixer = new Mixer(config(), STEREO);
    const burst = Int16Array.from({ length: SAMPLES * 2 }, (_, at) => (at < SAMPLES ? 5000 : 25_000));
    const inputs = (loud: Buffer) => [
      { id: 'a', pcm: loud, share: 1 },
      { id: 'b', pcm: loud, share: 1 },
    ];
    run(mixer, 2, () => inputs(constant(5000)));
    const left = run(mixer, 1, () => inputs(pcm(burst))).filter((_, at) => at % 2 === 0);
    const half = SAMPLES / 2;
    assert.equal(left[half - 200], 10_000, 'nothing is lost 4 ms before');
    assert.ok((left[half - 20] ?? 0) < 9500, `${left[half - 20]} shortly before`);
    assert.ok(Math.abs((left[half - 1] ?? 0) - 10_000 / 1.526) < 150, 'as quiet as the peak has to be');
    const steps = [...left.slice(1, half)].map((value, at) => Math.abs(value - (left[at] ?? 0)));
    assert.ok(maxOf(steps) < 150, `a step of ${maxOf(steps)}`);
    assert.ok(maxOf(left) <= 32_767);
  });

  it('makes a source quieter while another one is heard, and louder again', () => {
    const mixer = new Mixer(
      config({ music: { ducking: { by: 'mic', amountDb: -20, attackMs: 50, releaseMs: 100 } } }),
      STEREO,
    );
    let speech = 0;
    const inputs = () => [
      { id: 'music', pcm: constant(10_000), share: 1 },
      { id: 'mic', pcm: constant(speech), share: 1 },
    ];
    assert.equal(run(mixer, 5, inputs)[0], 10_000);
    speech = 3000;
    assert.equal(run(mixer, 30, inputs)[0], 4000);
    speech = 100;
    assert.equal(run(mixer, 60, inputs)[0], 10_100, 'too quiet to count');
    speech = 3000;
    mixer.set(config({ music: { ducking: { by: 'mic' } }, mic: { muted: true } }));
    assert.equal(run(mixer, 60, inputs)[0], 10_000, 'it is not heard');
  });

  it('has a gate that stays open between words, and not longer', () => {
    const mixer = new Mixer(
      config({ a: { gate: { thresholdDb: -30, holdMs: 200, releaseMs: 20 } } }),
      STEREO,
    );
    const [loud, quiet] = [new Tone(500, 0.2), new Tone(500, 0.005)];
    const peak = (tone: Tone, slots: number) =>
      maxOf(run(mixer, slots, () => [{ id: 'a', pcm: tone.next(), share: 1 }]));
    peak(loud, 10);
    assert.ok(peak(quiet, 4) > 150, 'after 130 ms');
    assert.ok(peak(quiet, 12) < 10, 'after half a second');
  });

  it('has a gate that silences what is quiet, and a compressor that makes loud parts quieter', () => {
    const tone = (amplitude: number, sources: object) => {
      const mixer = new Mixer(config({ a: sources }), STEREO);
      const sound = new Tone(500, amplitude);
      return maxOf(run(mixer, 40, () => [{ id: 'a', pcm: sound.next(), share: 1 }])) / 32_767;
    };
    const gate = { gate: { thresholdDb: -40 } };
    assert.ok(tone(0.001, gate) < 0.0001);
    assert.ok(Math.abs(tone(0.1, gate) - 0.1) < 0.001);
    const compressor = { compressor: { thresholdDb: -20, ratio: 4 } };
    // 20 dB above the threshold, of which 5 are left.
    const loud = 20 * Math.log10(tone(0.999, compressor));
    assert.ok(Math.abs(loud - -15) < 0.7, `${loud} dB`);
    assert.ok(Math.abs(tone(0.05, compressor) - 0.05) < 0.001);
    assert.ok(Math.abs(tone(0.05, { compressor: { makeupDb: 6 } }) - 0.05 * 10 ** 0.3) < 0.002);
  });

  it('has an equalizer for low, middle and high frequencies', () => {
    const gainAt = (hz: number, equalizer: object) => {
      const mixer = new Mixer(config({ a: { equalizer } }), STEREO);
      const sound = new Tone(hz, 0.1);
      const peak = maxOf(run(mixer, 20, () => [{ id: 'a', pcm: sound.next(), share: 1 }]));
      return 20 * Math.log10(peak / 3276.7);
    };
    for (const [hz, equalizer, db] of [
      [50, { lowDb: 6 }, 6],
      [1000, { midDb: -9 }, -9],
      [12_000, { highDb: 6 }, 6],
      [1000, { lowDb: 6 }, 0],
      [50, { highDb: 6 }, 0],
    ] as const)
      assert.ok(Math.abs(gainAt(hz, equalizer) - db) < 0.6, `${hz} Hz: ${gainAt(hz, equalizer)} dB`);
  });

  it('adds nothing to the spectrum of a tone while its gain is changed, as a click would', () => {
    for (const gainDb of [-6, -60, 6]) {
      const mixer = new Mixer(config(), STEREO);
      const tone = new Tone(1000, 0.4);
      const inputs = () => [{ id: 'a', pcm: tone.next(), share: 1 }];
      run(mixer, 3, inputs);
      mixer.set(config({ a: { gainDb } }));
      const left: number[] = [];
      for (let slot = 0; slot < 3; slot++)
        left.push(...run(mixer, 1, inputs).filter((_, at) => at % 2 === 0));
      for (let hz = 3000; hz < 22_000; hz += 500) {
        const level = levelAt(left, hz);
        assert.ok(level < -85, `${gainDb} dB: ${level.toFixed(1)} dBFS at ${hz} Hz`);
      }
    }
  });

  it('measures the mix and each source, 20 times a second', () => {
    const mixer = new Mixer(config({ b: { muted: true } }), STEREO);
    const [a, b] = [new Tone(1000, 0.5), new Tone(1000, 0.25)];
    const inputs = () => [
      { id: 'a', pcm: a.next(), share: 1 },
      { id: 'b', pcm: b.next(), share: 1 },
    ];
    run(mixer, 90, inputs);
    assert.equal(mixer.version, 60);
    const { mix, sources } = mixer.levels;
    assert.deepEqual([mix.peakDbfs, sources['a']?.peakDbfs, sources['b']?.peakDbfs], [-6, -6, -12]);
    assert.deepEqual([sources['a']?.rmsDbfs, sources['b']?.rmsDbfs], [-9, -15.1]);
    // A stereo tone of 1 kHz at -6 dBFS: EBU Tech 3341 has -23 LUFS for one at -23 dBFS peak.
    assert.ok(Math.abs((mix.shortTermLufs ?? 0) - -6) < 0.2, String(mix.shortTermLufs));
    const silent = { peakDbfs: null, rmsDbfs: null, shortTermLufs: null };
    const other = new Mixer(config(), STEREO);
    run(other, 3, () => [{ id: 'a', pcm: Buffer.alloc(0), share: 1 }]);
    assert.deepEqual(other.levels, { mix: silent, sources: { a: silent } });
  });

  it('never makes more of a sound than 16 bits can say, nor numbers that are none', () => {
    const settings = fc.record(
      {
        gainDb: fc.double({ min: -60, max: 30, noNaN: true }),
        pan: fc.double({ min: -1, max: 1, noNaN: true }),
        delayMs: fc.double({ min: 0, max: 200, noNaN: true }),
        muted: fc.boolean(),
        gate: fc.constant({}),
        compressor: fc.constant({ makeupDb: 20 }),
        equalizer: fc.constant({ lowDb: 24, highDb: -24 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.array(settings, { minLength: 2, maxLength: 5 }),
        fc.infiniteStream(fc.integer()),
        (all, noise) => {
          const mixer = new Mixer(config(), STEREO);
          for (const one of all) {
            mixer.set(config({ a: one }));
            const sound = Int16Array.from({ length: 400 }, () => noise.next().value as number);
            const { buffer } = sound;
            const mixed = mixer.mix(
              [
                { id: 'a', pcm: Buffer.from(buffer), share: 1 },
                { id: 'b', pcm: Buffer.from(buffer, 2), share: 0.5 },
              ],
              200,
            );
            assert.equal(mixed.length, 800);
            for (const value of Object.values(mixer.levels.mix)) assert.ok(!Number.isNaN(value));
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('A bus of the mixer', () => {
  const inputs = [
    { id: 'a', pcm: constant(1000), share: 1 },
    { id: 'b', pcm: constant(200), share: 1 },
    { id: 'c', pcm: constant(30), share: 1 },
  ];
  const buses = [
    { id: 'voice', sources: ['a'] },
    { id: 'rest', sources: ['b', 'c'] },
  ];
  const lastOf = (mixer: Mixer) => {
    for (let slot = 0; slot < 3; slot++) mixer.mix(inputs, SAMPLES);
    return mixer.mixedBuses().map((bus) => samplesOf(bus).at(-1));
  };

  it('gets of its sources what the programme gets, after gain and mute', () => {
    const mixer = new Mixer(config({}, { buses }), STEREO);
    assert.deepEqual(lastOf(mixer), [1000, 230]);
    mixer.set(config({ a: { gainDb: -20 }, b: { muted: true } }, { buses }));
    assert.deepEqual(lastOf(mixer), [100, 30]);
    mixer.set(config({ c: { solo: true } }, { buses }));
    assert.deepEqual(lastOf(mixer), [0, 30]);
  });

  it('is there as long as it is in the settings', () => {
    const mixer = new Mixer(config(), STEREO);
    assert.deepEqual(lastOf(mixer), []);
    mixer.set(config({}, { buses: buses.slice(1) }));
    assert.deepEqual(lastOf(mixer), [230]);
    mixer.set(config());
    assert.deepEqual(lastOf(mixer), []);
  });
});
