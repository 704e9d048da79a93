import type { RecordedFeed, RecordingFormat } from '../../config/recording-schema.js';
import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { RecordingManagement, RecordingStatus } from '../../protocol/recording.js';
import type { CliContext } from '../cli-context.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { formatBytes, formatDuration, recordingRows } from '../status-text.js';

type Common = AddressOptions & JsonOptions;

export interface StartOptions {
  readonly format?: RecordingFormat;
  readonly file?: string;
  readonly cleanFeed?: boolean;
  readonly source?: readonly string[];
  readonly canvas?: readonly string[];
  readonly audioTracks?: readonly string[];
}

/** Of file names: the format says which it is. */
const EXTENSION = /\.(mkv|mp4)$/i;

/** `bulkhead record start`. */
export function startRecording(
  { format, file, cleanFeed, source, canvas, audioTracks, ...options }: Common & StartOptions,
  context: CliContext,
): Promise<number> {
  const name = file?.replace(EXTENSION, '');
  const also = feedsOf(cleanFeed, source, canvas);
  return changed(
    options,
    context,
    (recordings) => recordings.startRecording({ format, name, also, audioTracks }),
    () => 'The recording begins with the last keyframe; "bulkhead record status" shows its file.',
  );
}

/** Undefined where the configuration says it. */
function feedsOf(
  cleanFeed = false,
  sources: readonly string[] = [],
  canvases: readonly string[] = [],
): RecordedFeed[] | undefined {
  const feeds = [
    ...(cleanFeed ? [{ feed: 'clean' as const }] : []),
    ...sources.map((source) => ({ source })),
    ...canvases.map((canvas) => ({ canvas })),
  ];
  return feeds.length === 0 ? undefined : feeds;
}

/** `bulkhead record stop`. */
export function stopRecording(options: Common, context: CliContext): Promise<number> {
  return changed(
    options,
    context,
    (recordings) => recordings.stopRecording(),
    ({ file, files, recordedMs, writtenBytes, state, also }) => {
      if (state === 'failed' || also !== undefined) return undefined;
      const amount = `${formatDuration(recordedMs)}, ${formatBytes(writtenBytes)}`;
      if (file === undefined) return 'The recording has ended before its first keyframe: there is no file.';
      return `The recording has ended: ${files > 1 ? `${files} files, the last ${file}` : file}, ${amount}.`;
    },
  );
}

/** `bulkhead record status`. */
export async function showRecording({ address, json }: Common, { stdout }: CliContext): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const status = await client.recordings.recording();
    if (json === true) stdout.json(status, 2);
    else if (status === null) stdout.line('Nothing is recorded.');
    else stdout.line(...recordingRows(status));
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** `bulkhead record pause`. */
export function pauseRecording(options: Common, context: CliContext): Promise<number> {
  return changed(
    options,
    context,
    (recordings) => recordings.pauseRecording(),
    () => 'The recording is paused.',
  );
}

/** `bulkhead record resume`. */
export function resumeRecording(options: Common, context: CliContext): Promise<number> {
  return changed(
    options,
    context,
    (recordings) => recordings.resumeRecording(),
    () => 'The recording goes on with the next keyframe.',
  );
}

/** `bulkhead record split`. */
export function splitRecording(options: Common, context: CliContext): Promise<number> {
  return changed(
    options,
    context,
    (recordings) => recordings.splitRecording(),
    () => 'The next keyframe begins another file.',
  );
}

/** `bulkhead record chapter`. */
export function addChapter(title: string, options: Common, context: CliContext): Promise<number> {
  return changed(
    options,
    context,
    (recordings) => recordings.addChapter({ title }),
    () => `The recording has the chapter "${title}" here.`,
  );
}

/** @param sentence what is printed; without it, the status is */
async function changed(
  { address, json }: Common,
  { stdout }: CliContext,
  change: (recordings: RecordingManagement) => Promise<RecordingStatus>,
  sentence: (status: RecordingStatus) => string | undefined,
): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const status = await change(client.recordings);
    const text = sentence(status);
    if (json === true) stdout.json(status, 2);
    else if (text === undefined) stdout.line(...recordingRows(status));
    else stdout.line(text);
    return status.state === 'failed' ? ExitCodes.unavailable : ExitCodes.ok;
  } finally {
    client.dispose();
  }
}
