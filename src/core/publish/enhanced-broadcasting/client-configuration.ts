import { cpus, freemem, release, type as systemName, version as systemVersion, totalmem } from 'node:os';
import { checkValue } from '../../../base/check-value.js';
import * as z from '../../../base/zod.js';
import type { EnhancedBroadcasting } from '../../../config/enhanced-broadcasting.js';
import type { VideoConfig } from '../../../config/schema.js';
import { boundedList } from '../../../protocol/bounded.js';
import { version } from '../../../version.js';

// What is said to the platform, and what it may answer.
// @see Amazon IVS, "Multitrack Video Integration API Reference": GetClientConfiguration

const SCHEMA_VERSION = '2024-06-04';
const MOST_ITEMS = 16;

/** What the platform is to know of the broadcast. */
export interface Preferences extends Pick<EnhancedBroadcasting, 'maxTracks' | 'maxBitrateKbps'> {
  readonly video: Pick<VideoConfig, 'width' | 'height' | 'fps'>;
}

/** The request's body. The only place where the stream key is sent to. */
export function configurationRequest(
  streamKey: string,
  { video, maxTracks, maxBitrateKbps }: Preferences,
): string {
  const { width, height, fps } = video;
  const processors = cpus();
  return JSON.stringify({
    service: 'IVS',
    schema_version: SCHEMA_VERSION,
    authentication: streamKey,
    client: { name: 'bulkhead', version, supported_codecs: ['h264'] },
    capabilities: {
      // Node knows of no physical cores.
      cpu: {
        physical_cores: processors.length,
        logical_cores: processors.length,
        speed: processors[0]?.speed ?? 0,
        name: processors[0]?.model ?? '',
      },
      memory: { total: totalmem(), free: freemem() },
      // What is encoded is encoded as the broadcast is: a graphics card that this does not use is none of the platform's business.
      gpu: [],
      system: {
        ...{ name: systemName(), version: systemVersion(), release: release(), build: 0, revision: 0 },
        ...{ bits: 64, arm: /^arm/.test(process.arch), armEmulation: false },
      },
    },
    preferences: {
      ...{ width, height, canvas_width: width, canvas_height: height, framerate: rateOf(fps) },
      ...{ maximum_video_tracks: maxTracks, vod_track_audio: false },
      ...(maxBitrateKbps === undefined ? {} : { maximum_aggregate_bitrate: maxBitrateKbps }),
    },
  });
}

const Rate = z.object({ numerator: z.int().min(1).max(1_000_000), denominator: z.int().min(1).max(100_000) });
const side = z.int().min(16).max(8192);

const EncoderConfigurationSchema = z.object({
  type: z.string().min(1).max(64),
  width: side,
  height: side,
  framerate: Rate.nullish(),
  canvas_index: z.int().min(0).max(255).nullish(),
  settings: z.object({
    bitrate: z.int().min(50).max(100_000),
    keyint_sec: z.number().min(0).max(60).nullish(),
  }),
});

/** An encode that the platform asks for: one track. Of its settings only those that are followed. */
export type EncoderConfiguration = z.output<typeof EncoderConfigurationSchema>;

const IngestEndpointSchema = z.object({
  protocol: z.string().max(16),
  url_template: z.string().max(1024),
  authentication: z.string().max(512).nullish(),
});

export type IngestEndpoint = z.output<typeof IngestEndpointSchema>;

const StatusSchema = z.object({
  status: z
    .object({ result: z.string().max(32).nullish(), html_en_us: z.string().max(16_384).nullish() })
    .nullish(),
});

const ConfigurationSchema = z.object({
  meta: z.object({ config_id: z.string().regex(/^[\x21-\x7e]{0,256}$/) }),
  ingest_endpoints: boundedList(IngestEndpointSchema, MOST_ITEMS),
  encoder_configurations: boundedList(EncoderConfigurationSchema, MOST_ITEMS),
});

export type ClientConfiguration = z.output<typeof ConfigurationSchema>;

/** What the platform says to the streamer, as HTML that nobody has checked. */
export interface PlatformMessage {
  readonly html: string;
}

export type ConfigurationAnswer =
  | {
      readonly kind: 'configuration';
      readonly configuration: ClientConfiguration;
      readonly warning?: PlatformMessage;
    }
  | { readonly kind: 'refused'; readonly reason: PlatformMessage }
  /** @property problem where it is not as it should be; nothing of the answer */
  | { readonly kind: 'invalid'; readonly problem: string };

/** Reads an answer, of which nothing is trusted. Never throws. */
export function readAnswer(text: string): ConfigurationAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'invalid', problem: 'it is no JSON' };
  }
  const said = checkValue(StatusSchema, value);
  const { result, html_en_us: html } = (said.success ? said.data.status : undefined) ?? {};
  const message = { html: html ?? '' };
  if (result === 'error') return { kind: 'refused', reason: message };
  const read = checkValue(ConfigurationSchema, value);
  if (!read.success) {
    // A warning without a configuration says why there is none.
    if (result === 'warning') return { kind: 'refused', reason: message };
    return { kind: 'invalid', problem: `"${pathOf(read.error)}" is missing or not as expected` };
  }
  const configuration = read.data;
  if (result === 'warning' && configuration.encoder_configurations.length === 0) {
    return { kind: 'refused', reason: message };
  }
  return { kind: 'configuration', configuration, ...(result === 'warning' ? { warning: message } : {}) };
}

/** The keys are of the schema, and the numbers ours: nothing in it is the server's. */
function pathOf({ issues: [issue] }: z.ZodError): string {
  return issue === undefined || issue.path.length === 0 ? 'the answer' : issue.path.join('.');
}

function rateOf(fps: number): { readonly numerator: number; readonly denominator: number } {
  if (Number.isInteger(fps)) return { numerator: fps, denominator: 1 };
  const ntsc = Math.round(fps) * 1000;
  return Math.abs(ntsc / 1001 - fps) < 0.01
    ? { numerator: ntsc, denominator: 1001 }
    : { numerator: Math.round(fps * 1000), denominator: 1000 };
}
