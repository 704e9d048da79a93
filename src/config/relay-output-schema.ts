import * as z from '../base/zod.js';
import { CanvasOfOutputSchema } from './canvas-schema.js';
import { ID_MEANING, OUTPUT_ID } from './ids.js';
import { DelaySeconds } from './output-delay.js';
import { OutputVideoSchema, OverlaysSchema } from './output-video.js';
import {
  findHttpUrlProblem,
  findRelayUrlProblem,
  findWhipUrlProblem,
  RELAY_URL_PATTERN,
  type RelayScheme,
} from './relay-url.js';
import { isSecretReference } from './secret-references.js';
import { path } from './source-schema.js';

// Outputs that a relay process sends.

const id = OUTPUT_ID.describe(ID_MEANING);

/** Length of a passphrase by SRT's rules, which RIST's have to fit in here as well. */
const SHORTEST_PASSPHRASE = 10;
const LONGEST_PASSPHRASE = 79;

/** What is wrong with a passphrase; undefined for a reference to one, too. It is not repeated. */
export function findPassphraseProblem(passphrase: string): string | undefined {
  if (isSecretReference(passphrase)) return undefined;
  const { length } = Buffer.from(passphrase);
  if (length < SHORTEST_PASSPHRASE || length > LONGEST_PASSPHRASE) {
    return `expected a passphrase of ${SHORTEST_PASSPHRASE} to ${LONGEST_PASSPHRASE} bytes, got one of ${length}`;
  }
  return /[\r\n]/.test(passphrase) ? 'expected a passphrase of one line' : undefined;
}

const passphrase = z
  .string()
  .superRefine((value, context) => {
    const message = findPassphraseProblem(value);
    if (message !== undefined) context.addIssue({ code: 'custom', input: value, message });
  })
  .optional()
  .describe(
    'Encrypts the stream; 10 to 79 characters. "env:NAME" reads an environment variable, "file:PATH" the first line of a file.',
  );

function url(scheme: RelayScheme, meaning: string, canListen: boolean) {
  return z
    .string()
    .superRefine((value, context) => {
      const message = findRelayUrlProblem(value, scheme, canListen);
      if (message !== undefined) context.addIssue({ code: 'custom', input: value, message });
    })
    .meta({ description: meaning, pattern: RELAY_URL_PATTERN[scheme] });
}

const SrtOutput = z.strictObject({
  id,
  type: z.literal('srt').describe('SRT, with MPEG-TS. Needs an ffmpeg with SRT.'),
  url: url(
    'srt',
    'Host and port: srt://HOST:PORT. With "mode": "listener", the address of this computer at which players connect, such as srt://0.0.0.0:9000.',
    true,
  ),
  mode: z
    .enum(['caller', 'listener'])
    .default('caller')
    .describe('Whether Bulkhead connects to a server, or waits for one player that connects to it.'),
  latencyMs: z
    .int()
    .min(20)
    .max(8000)
    .default(200)
    .describe('How long lost packets may be sent again, ms. The larger value of both sides counts.'),
  key: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[^\r\n]*$/, 'expected one line')
    .optional()
    .describe(
      'The stream id, by which most servers take the stream key: "env:NAME" reads an environment variable, "file:PATH" the first line of a file.',
    ),
  passphrase,
  delaySeconds: DelaySeconds,
  video: OutputVideoSchema,
  overlays: OverlaysSchema,
  canvas: CanvasOfOutputSchema,
});

const RistOutput = z
  .strictObject({
    id,
    type: z.literal('rist').describe('RIST, with MPEG-TS. Needs an ffmpeg with RIST.'),
    url: url('rist', 'Host and port: rist://HOST:PORT.', false),
    profile: z.enum(['simple', 'main']).default('main').describe('The profile that the receiver has.'),
    bufferMs: z
      .int()
      .min(20)
      .max(8000)
      .default(1000)
      .describe('How long lost packets may be sent again, ms.'),
    passphrase: passphrase.describe('Encrypts the stream, with "profile": "main"; as of SRT.'),
    delaySeconds: DelaySeconds,
    video: OutputVideoSchema,
    overlays: OverlaysSchema,
    canvas: CanvasOfOutputSchema,
  })
  .superRefine(({ profile, passphrase: given }, context) => {
    if (profile === 'main' || given === undefined) return;
    const message = 'expected none with "profile": "simple", which has no encryption';
    context.addIssue({ code: 'custom', path: ['passphrase'], input: given, message });
  });

const UdpOutput = z.strictObject({
  id,
  type: z.literal('udp').describe('MPEG-TS over UDP, to one computer or a multicast group.'),
  url: url('udp', 'Host and port: udp://HOST:PORT.', false),
  ttl: z
    .int()
    .min(1)
    .max(255)
    .optional()
    .describe('How many routers may pass on a multicast. By default, as the system has it.'),
  delaySeconds: DelaySeconds,
  video: OutputVideoSchema,
  overlays: OverlaysSchema,
  canvas: CanvasOfOutputSchema,
});

const HlsOutput = z
  .strictObject({
    id,
    type: z
      .literal('hls')
      .describe('HLS, a playlist with segments of MPEG-TS: in a folder, or uploaded by HTTP PUT.'),
    folder: path
      .optional()
      .describe('Folder for the playlist "stream.m3u8" and its segments. It is made if it does not exist.'),
    url: z
      .string()
      .superRefine((value, context) => {
        const message = findHttpUrlProblem(value);
        if (message !== undefined) context.addIssue({ code: 'custom', input: value, message });
      })
      .optional()
      .describe(
        'Instead of a folder: address of the playlist to upload, such as https://HOST/live/stream.m3u8; the segments go beside it. "{key}" in it stands for the key.',
      ),
    key: z
      .string()
      .min(1)
      .optional()
      .describe('What "{key}" in the address stands for: "env:NAME" or "file:PATH".'),
    username: z.string().optional().describe('User name, for servers that ask for a login.'),
    password: z
      .string()
      .optional()
      .describe('Password, for servers that ask for a login: "env:NAME" or "file:PATH".'),
    tlsCaFile: path
      .optional()
      .describe("PEM file of a certificate authority to trust for this server, besides Node's own."),
    segmentSeconds: z
      .number()
      .min(1)
      .max(30)
      .default(4)
      .describe('Length of a segment, seconds. It ends at the next keyframe.'),
    playlistSegments: z
      .int()
      .min(3)
      .max(1000)
      .default(6)
      .describe('Number of segments in the playlist. Older ones are deleted.'),
    delaySeconds: DelaySeconds,
    video: OutputVideoSchema,
    overlays: OverlaysSchema,
    canvas: CanvasOfOutputSchema,
  })
  .superRefine(({ folder, url: address }, context) => {
    if ((folder === undefined) !== (address === undefined)) return;
    const message =
      folder === undefined ? 'missing; expected "folder" or "url"' : 'expected "folder" or "url", not both';
    context.addIssue({ code: 'custom', path: ['folder'], input: folder, message });
  });

const WhipOutput = z.strictObject({
  id,
  type: z
    .literal('whip')
    .describe('WebRTC by WHIP: H.264 without B-frames, and sound as Opus, which an ffmpeg encodes.'),
  url: z
    .string()
    .superRefine((value, context) => {
      const message = findWhipUrlProblem(value);
      if (message !== undefined) context.addIssue({ code: 'custom', input: value, message });
    })
    .meta({
      description:
        'Address of the endpoint, such as https://HOST/whip/live. "{key}" in it stands for the key.',
      pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^/\\s]+\\S*$',
    }),
  key: z
    .string()
    .min(1)
    .regex(/^[^\r\n]*$/, 'expected one line')
    .optional()
    .describe(
      'The bearer token, or what "{key}" in the address stands for: "env:NAME" reads an environment variable, "file:PATH" the first line of a file.',
    ),
  tlsCaFile: path
    .optional()
    .describe("PEM file of a certificate authority to trust for this server, besides Node's own."),
  delaySeconds: DelaySeconds,
  video: OutputVideoSchema,
  overlays: OverlaysSchema,
});

/** The kinds of outputs that relays send. */
export const relayOutputs = [SrtOutput, RistOutput, UdpOutput, HlsOutput, WhipOutput] as const;

export type SrtConfig = z.output<typeof SrtOutput>;
export type RistConfig = z.output<typeof RistOutput>;
export type UdpConfig = z.output<typeof UdpOutput>;
export type HlsConfig = z.output<typeof HlsOutput>;
export type WhipConfig = z.output<typeof WhipOutput>;
export type RelayConfig = SrtConfig | RistConfig | UdpConfig | HlsConfig | WhipConfig;

/** A check for a list: no two outputs write into one folder. */
export function uniqueFolders(
  outputs: readonly { readonly type: string; readonly folder?: unknown }[],
  context: z.RefinementCtx,
): void {
  const folders = outputs.map(({ folder }) => folder);
  for (const [index, folder] of folders.entries()) {
    if (folder === undefined || folders.indexOf(folder) === index) continue;
    const message = 'expected a folder that no other output has';
    context.addIssue({ code: 'custom', path: [index, 'folder'], input: folder, message });
  }
}
