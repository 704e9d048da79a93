import type { BroadcastConfig, InputConfig } from '../../config/schema.js';
import { capturedFrames, capturedSound } from '../../encoder/arguments/capture-arguments.js';
import { type CaptureDevice, listDevices } from '../../encoder/devices.js';
import { DiskCache } from '../../encoder/disk-cache.js';
import { explainFfmpegExit } from '../../encoder/ffmpeg-errors.js';
import { parseLogLine } from '../../encoder/log-line.js';
import { MediaInspector } from '../../encoder/media-inspector.js';
import { prepareContext } from '../../encoder/prepare-context.js';
import { runTool } from '../../encoder/run-ffmpeg.js';
import { BulkheadError } from '../../protocol/errors.js';
import { type Finding, ok, problem } from './finding.js';

/** A camera takes seconds to start. */
const TRIAL_DEADLINE_MS = 8000;
/** What is captured of it, s: a frame at least. */
const TRIAL_S = 0.1;

/** Lists what can be captured here, and checks the input's devices. */
export async function checkDevices(ffmpegPath: string, config: BroadcastConfig): Promise<Finding[]> {
  const { screens, cameras, microphones } = await listDevices(ffmpegPath);
  return [
    listed('screens', screens),
    listed('cameras', cameras),
    listed('microphones', microphones),
    ...(await tryCapture(ffmpegPath, config)),
  ];
}

function listed(subject: string, devices: readonly CaptureDevice[]): Finding {
  if (devices.length === 0) return ok(subject, 'none found');
  return {
    ...ok(subject, String(devices.length)),
    details: devices.map(({ id, name }) => `${id}  ${name}`),
  };
}

/**
 * Opens the input as a broadcast would. Listing is not enough: a device may be in use, or not accessible to
 * this user.
 */
async function tryCapture(ffmpegPath: string, { input, video, audio }: BroadcastConfig): Promise<Finding[]> {
  if (!isCapture(input)) return [];
  const subject = 'input';
  try {
    const cache = new DiskCache();
    const { signal } = new AbortController();
    const context = await prepareContext(
      { input, video, audio },
      { ffmpegPath, cache, inspector: new MediaInspector(cache), signal },
    );
    const tracks = [capturedFrames(input, video, context), capturedSound(input, context)].filter(
      (track) => track !== undefined,
    );
    const {
      code,
      signal: killedBy,
      stderr,
      timedOut,
    } = await runTool(
      ffmpegPath,
      [
        ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info'],
        ...tracks.flatMap((track) => track.input),
        ...tracks.flatMap((_, index) => ['-map', `${index}:0`]),
        ...['-t', String(TRIAL_S), '-f', 'null', '-'],
      ],
      { deadlineMs: TRIAL_DEADLINE_MS },
    );
    if (timedOut)
      return [problem(subject, `${CAPTURED[input.type]} delivers nothing`, 'Check that it is switched on.')];
    if (code === 0) return [ok(subject, `${CAPTURED[input.type]} can be captured`)];
    const log = stderr.trim().split(/\r?\n/).map(parseLogLine);
    throw explainFfmpegExit({ code, signal: killedBy, log }, input, ffmpegPath);
  } catch (error) {
    const { message, remedy } = BulkheadError.from(error);
    return [problem(subject, message, remedy)];
  }
}

function isCapture(input: InputConfig): input is Extract<InputConfig, { type: keyof typeof CAPTURED }> {
  return input.type in CAPTURED;
}

const CAPTURED = {
  screen: 'the screen',
  camera: 'the camera',
  microphone: 'the microphone',
  'desktop-audio': 'the sound of this computer',
} as const;
