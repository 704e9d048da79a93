import { codecName } from '../../base/codec-names.js';
import type { BroadcastConfig, VideoConfig } from '../../config/schema.js';
import { codecOf, type VideoCodec } from '../../config/video-codec.js';
import { videoEncoderArguments } from '../../encoder/arguments/video-encoder-arguments.js';
import { type FfmpegCapabilities, probeCapabilities } from '../../encoder/ffmpeg-capabilities.js';
import { explainFfmpegExit } from '../../encoder/ffmpeg-errors.js';
import { type FfmpegCandidate, isNamedByUser, resolveFfmpeg } from '../../encoder/ffmpeg-resolver.js';
import { parseLogLine } from '../../encoder/log-line.js';
import { runTool } from '../../encoder/run-ffmpeg.js';
import { BulkheadError } from '../../protocol/errors.js';
import { type Finding, ok, problem, warning } from './finding.js';

/** A trial usually takes a fraction of a second; some encoders hang without their hardware. */
const TRIAL_DEADLINE_MS = 5000;
const TRIAL_FRAMES = 5;
/** libavformat's major version in ffmpeg 5.0, on which encoders' arguments depend. */
const FFMPEG_5 = 59;
const CODECS: readonly VideoCodec[] = ['h264', 'hevc', 'av1'];

const INSTALL: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Install it, on Debian and Ubuntu with "apt install ffmpeg", or run "npm install ffmpeg-static".',
  darwin: 'Install it, with Homebrew by "brew install ffmpeg", or run "npm install ffmpeg-static".',
  win32: 'Install it, with "winget install ffmpeg", or run "npm install ffmpeg-static".',
};

/** Features that this ffmpeg may lack, and the consequences. */
const FEATURES: readonly {
  readonly kind: 'filters' | 'protocols' | 'devices';
  readonly name: string;
  readonly lost: string;
  readonly platform?: NodeJS.Platform;
}[] = [
  { kind: 'filters', name: 'drawtext', lost: "the test pattern's running clock" },
  { kind: 'protocols', name: 'rtmp', lost: 'rtmp:// inputs' },
  { kind: 'protocols', name: 'rtmps', lost: 'rtmps:// inputs' },
  { kind: 'protocols', name: 'https', lost: 'https:// inputs' },
  { kind: 'protocols', name: 'srt', lost: 'srt:// inputs' },
  { kind: 'devices', name: 'x11grab', lost: 'screen capture', platform: 'linux' },
  { kind: 'devices', name: 'v4l2', lost: 'cameras', platform: 'linux' },
  { kind: 'devices', name: 'alsa', lost: 'microphones without PulseAudio', platform: 'linux' },
  { kind: 'devices', name: 'pulse', lost: 'microphones of PulseAudio, and desktop audio', platform: 'linux' },
  { kind: 'devices', name: 'avfoundation', lost: 'screen, cameras and microphones', platform: 'darwin' },
  { kind: 'devices', name: 'gdigrab', lost: 'screen capture', platform: 'win32' },
  { kind: 'devices', name: 'dshow', lost: 'cameras and microphones', platform: 'win32' },
];

/** Requirements of encoders, by the suffix of their names. */
const HARDWARE: Readonly<Record<string, string>> = {
  nvenc: 'an NVIDIA graphics card',
  qsv: 'an Intel graphics chip with Quick Sync',
  vaapi: 'a graphics chip with VA-API (/dev/dri)',
  amf: 'an AMD graphics card',
  v4l2m2m: 'a V4L2 encoder chip (/dev/video*)',
  omx: 'an OpenMAX encoder chip',
  videotoolbox: "the Mac's own encoder",
  mf: "Windows' own encoder (Media Foundation)",
};

export interface FfmpegFindings {
  readonly findings: readonly Finding[];
  /** Undefined if there is none that runs. */
  readonly path: string | undefined;
}

/** Checks which ffmpeg is used and why, what it lacks, and which of its encoders work here. */
export async function checkFfmpeg(
  { ffmpeg, video }: BroadcastConfig,
  env: NodeJS.ProcessEnv,
): Promise<FfmpegFindings> {
  const { chosen, candidates } = resolveFfmpeg(ffmpeg, { environment: env });
  const places = candidates.map((candidate) => describeCandidate(candidate, chosen?.origin));
  if (chosen === undefined) {
    const wrong = candidates.find(isNamedByUser);
    if (wrong !== undefined) {
      const place = wrong.origin === 'configuration' ? 'the configuration' : wrong.origin;
      const message = `the one set in ${place} cannot be used: ${wrong.passedOver}`;
      const remedy = `Fix ${place}, or remove it to use the first ffmpeg found.`;
      return { path: undefined, findings: [{ ...problem('ffmpeg', message, remedy), details: places }] };
    }
    const message = 'there is none';
    const remedy = INSTALL[process.platform] ?? 'Install it so that it is on the PATH.';
    return { path: undefined, findings: [{ ...problem('ffmpeg', message, remedy), details: places }] };
  }
  let capabilities: FfmpegCapabilities;
  try {
    capabilities = await probeCapabilities(chosen.path);
  } catch (error) {
    const remedy = 'Install another, or name one as "ffmpeg" in the configuration.';
    const failure = problem('ffmpeg', `${chosen.path} is not running: ${(error as Error).message}`, remedy);
    return { path: undefined, findings: [{ ...failure, details: places }] };
  }
  const found = ok('ffmpeg', `${capabilities.version} at ${chosen.path}, from ${chosen.origin}`);
  return {
    path: chosen.path,
    findings: [
      { ...found, details: places },
      ...missingFeatures(capabilities),
      ...(await checkVideoEncoders(capabilities, video)),
      checkAudioEncoder(capabilities),
    ],
  };
}

function describeCandidate(
  { origin, path, passedOver }: FfmpegCandidate,
  chosen: string | undefined,
): string {
  if (origin === chosen) return `${origin}: used`;
  return `${origin}: ${passedOver ?? `${path ?? ''} would do, but comes later`}`;
}

function missingFeatures(capabilities: FfmpegCapabilities): Finding[] {
  const lost = FEATURES.filter(
    ({ kind, name, platform }) =>
      (platform === undefined || platform === process.platform) && !capabilities[kind].includes(name),
  );
  if (lost.length === 0) return [];
  const names = lost.map(({ name }) => name).join(', ');
  return [
    {
      ...warning('ffmpeg lacks', names, 'If you need these, install a complete ffmpeg.'),
      details: lost.map(({ name, lost: what }) => `without ${name}: no ${what}`),
    },
  ];
}

/** The encoder that is set, the others of its codec, and those of other codecs that work. */
async function checkVideoEncoders(capabilities: FfmpegCapabilities, video: VideoConfig): Promise<Finding[]> {
  const codec = codecOf(video.encoder) ?? 'h264';
  const findings = [await checkChosenEncoder(capabilities, video, codec)];
  for (const other of CODECS.filter((candidate) => candidate !== codec)) {
    const { works, fails } = await tryEncoders(capabilities, video, other);
    const [first, ...more] = works;
    if (first === undefined) continue;
    const details = [...more.map((name) => `${name} works too`), ...fails];
    findings.push({ ...ok(codecName(other), `${first} works, for servers that take it`), details });
  }
  return findings;
}

async function checkChosenEncoder(
  capabilities: FfmpegCapabilities,
  video: VideoConfig,
  codec: VideoCodec,
): Promise<Finding> {
  const failure = capabilities.encoders.includes(video.encoder)
    ? await tryEncoder(capabilities, video)
    : 'not included in this ffmpeg';
  const { works, fails } = await tryEncoders(capabilities, video, codec);
  const details = [...works.map((name) => `${name} works too`), ...fails];
  if (failure === undefined) return { ...ok(codecName(codec), `${video.encoder} works`), details };
  const remedy =
    works.length === 0
      ? 'Install an ffmpeg with libx264.'
      : `Set "video.encoder" to one that works: ${works.join(', ')}.`;
  const message = `${video.encoder} does not work: ${failure}`;
  return { ...problem(codecName(codec), message, remedy), details };
}

/** Tries the encoders of a codec, all but the one that is set. */
async function tryEncoders(
  capabilities: FfmpegCapabilities,
  video: VideoConfig,
  codec: VideoCodec,
): Promise<{ readonly works: readonly string[]; readonly fails: readonly string[] }> {
  const works: string[] = [];
  const fails: string[] = [];
  for (const encoder of capabilities.encoders) {
    if (codecOf(encoder) !== codec || encoder === video.encoder) continue;
    // What the chosen one alone may have is left out.
    const settings = {
      ...video,
      encoder,
      preset: 'veryfast',
      constantBitrate: false,
      bFrames: 0,
      lookahead: 0,
    };
    const failure = await tryEncoder(capabilities, settings);
    if (failure === undefined) works.push(encoder);
    else fails.push(describeFailure(encoder, failure));
  }
  return { works, fails };
}

/**
 * Why another encoder cannot be used here. It was tried with the settings of the chosen one, so a hardware encoder
 * rarely fails because of the settings: usually the hardware or its driver is missing.
 */
export function describeFailure(encoder: string, failure: string): string {
  const [, hardware] = /_(nvenc|qsv|vaapi|amf|v4l2m2m|omx|videotoolbox|mf)$/.exec(encoder) ?? [];
  const what = hardware === undefined ? undefined : HARDWARE[hardware];
  if (what === undefined) return `${encoder} does not work here: ${failure}`;
  return `${encoder} needs ${what}, and none is usable here; install its driver and check your permission to use it`;
}

/** Encodes a few frames as a broadcast would. Returns the error; undefined if it succeeded. */
async function tryEncoder(
  { path, libavformatMajor }: FfmpegCapabilities,
  video: VideoConfig,
): Promise<string | undefined> {
  try {
    const { global, filters, output } = videoEncoderArguments(video, libavformatMajor >= FFMPEG_5);
    const { code, signal, stderr, timedOut } = await runTool(
      path,
      [
        ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+error', ...global],
        ...['-f', 'lavfi', '-i', `testsrc2=size=${video.width}x${video.height}:rate=${video.fps}`],
        ...(filters.length === 0 ? ['-pix_fmt', 'yuv420p'] : ['-vf', filters.join(',')]),
        ...['-frames:v', String(TRIAL_FRAMES), ...output, '-f', 'null', '-'],
      ],
      { deadlineMs: TRIAL_DEADLINE_MS },
    );
    if (timedOut) return 'it hangs';
    if (code === 0) return undefined;
    const log = stderr.trim().split(/\r?\n/).map(parseLogLine);
    return explainFfmpegExit({ code, signal, log }, { type: 'test-pattern' }, path).message;
  } catch (error) {
    return BulkheadError.from(error).message;
  }
}

function checkAudioEncoder({ encoders }: FfmpegCapabilities): Finding {
  return encoders.includes('aac')
    ? ok('AAC', "ffmpeg's own encoder")
    : problem('AAC', 'this ffmpeg has no encoder "aac"', 'Install a complete ffmpeg.');
}
