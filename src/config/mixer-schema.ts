import * as z from '../base/zod.js';
import { ID } from './ids.js';

/** How much earlier than its frames a sound may be, ms. */
export const LONGEST_EARLY_MS = 500;

const ms = (most: number) => z.number().min(0).max(most);
const level = z.number().min(-96).max(0);
const boost = z.number().min(-24).max(24).default(0);

const GateSchema = z.strictObject({
  thresholdDb: level.default(-45).describe('What is quieter is silenced, dBFS.'),
  attackMs: ms(500).default(3).describe('How fast it opens.'),
  holdMs: ms(5000).default(200).describe('How long it stays open when it is quieter again.'),
  releaseMs: ms(5000).default(150).describe('How fast it closes.'),
});

const CompressorSchema = z.strictObject({
  thresholdDb: level.default(-18).describe('What is louder is made quieter, dBFS.'),
  ratio: z.number().min(1).max(50).default(4).describe('4: of 4 dB above the threshold, 1 dB is left.'),
  attackMs: ms(500).default(5).describe('How fast it gets quieter.'),
  releaseMs: ms(5000).default(120).describe('How fast it gets louder again.'),
  makeupDb: z.number().min(0).max(40).default(0).describe('How much louder all of it gets afterwards, dB.'),
});

const EqualizerSchema = z.strictObject({
  lowDb: boost.describe('Below 200 Hz, dB.'),
  midDb: boost.describe('Around 1 kHz, dB.'),
  highDb: boost.describe('Above 4 kHz, dB.'),
});

const DuckingSchema = z.strictObject({
  by: ID.describe('Id of the source that makes this one quieter while it is heard, such as a microphone.'),
  amountDb: z.number().min(-96).max(0).default(-15).describe('How much quieter it gets, dB.'),
  thresholdDb: level.default(-35).describe('How loud the other one has to be, dBFS.'),
  attackMs: ms(5000).default(100).describe('How fast it gets quieter.'),
  releaseMs: ms(10_000).default(800).describe('How fast it gets louder again.'),
});

export const SourceSoundSchema = z.strictObject({
  gainDb: z.number().min(-60).max(30).default(0).describe('How much louder or quieter it is, dB.'),
  muted: z.boolean().default(false).describe('Whether it is not heard.'),
  solo: z.boolean().default(false).describe('Whether only it is heard, and others that have this.'),
  pan: z.number().min(-1).max(1).default(0).describe('-1 is left alone, 1 right alone, 0 both as they are.'),
  delayMs: z
    .number()
    .min(-LONGEST_EARLY_MS)
    .max(5000)
    .default(0)
    .describe(
      'How much later it is heard, ms: for video that comes late. Negative: earlier than its frames, which are shown that much later.',
    ),
  mode: z
    .enum(['with-scene', 'always'])
    .default('with-scene')
    .describe('"with-scene": it is heard while a scene on air shows it. "always": in every scene.'),
  monitor: z
    .enum(['off', 'on', 'only'])
    .default('off')
    .describe(
      'Whether this computer plays it while it is heard, as for headphones: "only" is for sounds that viewers are not to hear.',
    ),
  gate: GateSchema.optional().describe('Silences what is quiet, such as a fan between sentences.'),
  equalizer: EqualizerSchema.optional().describe('Low, middle and high frequencies, louder or quieter.'),
  compressor: CompressorSchema.optional().describe(
    'Makes loud parts quieter, so that all of it can be louder.',
  ),
  ducking: DuckingSchema.optional().describe('Makes it quieter while another source is heard.'),
});

/** With the programme's mix as many as OBS has. */
export const MOST_BUSES = 5;

const BusSchema = z.strictObject({
  id: ID,
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[^\p{C}]*$/u, 'expected text without control characters')
    .optional()
    .describe('Name of its track for editors and players; the id without it.'),
  sources: z
    .array(ID)
    .min(1)
    .max(200)
    .describe('Ids of the sources in it. It gets of each what the programme gets.'),
});

export const MixerSchema = z.strictObject({
  sources: z
    .record(ID, SourceSoundSchema)
    .default({})
    .describe('How the sound of each source is mixed, by its id; what is not named is mixed as it is.'),
  ceilingDb: z
    .number()
    .min(-20)
    .max(0)
    .default(0)
    .describe('What is louder, dBFS, is made quieter for as long as it is: a limiter.'),
  buses: z
    .array(BusSchema)
    .max(MOST_BUSES)
    .default([])
    .describe(
      'Mixes of some sources alone, such as the microphone, which recordings have as further audio tracks.',
    ),
  monitorDevice: z
    .string()
    .min(1)
    .max(500)
    .default('default')
    .describe(
      'The output device that plays what is monitored, by the name that PulseAudio, PipeWire or ALSA gives it.',
    ),
});

export type SourceSound = z.output<typeof SourceSoundSchema>;
export type BusConfig = z.output<typeof BusSchema>;
export type MixerConfig = z.output<typeof MixerSchema>;
export type GateSettings = z.output<typeof GateSchema>;
export type CompressorSettings = z.output<typeof CompressorSchema>;
export type EqualizerSettings = z.output<typeof EqualizerSchema>;
export type DuckingSettings = z.output<typeof DuckingSchema>;
