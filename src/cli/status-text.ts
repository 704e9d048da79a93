import { MAIN_CANVAS } from '../config/canvas-schema.js';
import { feedName } from '../config/recording-schema.js';
import { secretCommand } from '../plugins/declared-settings.js';
import type { SourceState } from '../protocol/encoder.js';
import type { ErrorData } from '../protocol/errors.js';
import type { PartState } from '../protocol/lifecycle.js';
import type { RecordingState, RecordingStatus } from '../protocol/recording.js';
import type { ReplayStatus } from '../protocol/replay.js';
import type { CanvasStatus } from '../protocol/status/canvas-status.js';
import type { EncoderStatus, InputStatus } from '../protocol/status/encoder-status.js';
import type { PluginProgress } from '../protocol/status/extension-host-status.js';
import type { IngestStatus } from '../protocol/status/ingest-status.js';
import type { OutputConnection, OutputState } from '../protocol/status/output-connections.js';
import type { OutputStatus } from '../protocol/status/output-status.js';
import type { BroadcastState, Status } from '../protocol/status/status.js';
import { questionLines } from './question-text.js';
import { formatError } from './report-failure.js';
import {
  bold,
  type Content,
  dim,
  green,
  joined,
  red,
  type Styled,
  styled,
  yellow,
} from './terminal/styled.js';

/**
 * One line on the state of the broadcast, at most `width` characters long. Problems come first, since the end of the line
 * may be cut off.
 */
export function statusLine(status: Status, width = Number.POSITIVE_INFINITY): Styled {
  const { state, questions, progress } = status;
  const problems = problemsOf(status);
  const head = bold(headColor(state, problems)(`● ${state}`));
  const parts = [
    head,
    ...problems.map(({ text, paint }) => paint(text)),
    ...(questions.length === 0 ? [] : [times(questions.length, 'question')]),
    ...(state === 'idle' ? ['nothing is on air'] : figures(status)),
    ...progress.slice(0, 1).map(describeProgress),
  ];
  return joined(parts, '  ').cut(width);
}

/** What prevents the broadcast, or one of its outputs, from being live: the same text as long as nothing changes. */
export function problemText(status: Status): string {
  return problemsOf(status)
    .map(({ text }) => text)
    .join('  ');
}

interface Problem {
  readonly text: string;
  readonly paint: (text: string) => Styled;
}

/** How long an input may take to begin before that is reported as a problem, ms. */
const INPUT_PATIENCE_MS = 3000;

function isMissing(input: InputStatus | undefined): input is InputStatus {
  if (input === undefined || input.state === 'delivering') return false;
  return input.error !== undefined || input.missingMs >= INPUT_PATIENCE_MS;
}

/**
 * The most severe first. Without an input the encoder is restarted repeatedly, and without an encoder no output can be
 * live: then only the input's or the encoder's problem is reported.
 */
function problemsOf(status: Status): Problem[] {
  const { state, recording } = status;
  const problems = broadcastProblems(status);
  const wrong = [recording, ...(recording?.also ?? [])].find((file) => file?.error !== undefined);
  if (state === 'idle' || state === 'stopping' || wrong === undefined) return problems;
  const text = wrong.state === 'failed' ? 'recording: failed' : 'recording: losing frames';
  return [...problems, { text, paint: wrong.state === 'failed' ? red : yellow }];
}

function broadcastProblems({ state, input, encoder, outputs }: Status): Problem[] {
  if (state === 'idle' || state === 'stopping') return [];
  if (isMissing(input)) return [{ text: `input: ${input.state}`, paint: yellow }];
  if (encoder.error !== undefined)
    return [{ text: `encoder: ${encoder.state}`, paint: partColor(encoder.state) }];
  if (state === 'paused') return [{ text: 'no output: all are stopped or removed', paint: yellow }];
  // One that is stopped is as the streamer wants it.
  const waiting = outputs.filter((output) => output.state !== 'live' && output.state !== 'stopped');
  const failed = waiting.filter((output) => output.state === 'failed');
  const slow = outputs.filter((output) => output.state === 'live' && output.error !== undefined);
  return [
    ...[...failed, ...waiting.filter((output) => !failed.includes(output))].map(({ id, state }) => ({
      text: `${id}: ${state}`,
      paint: outputColor(state),
    })),
    ...slow.map(({ id }) => ({ text: `${id}: losing frames`, paint: yellow })),
    ...outputs.flatMap(lostConnections),
  ];
}

/** Of an output that is live by the other of its two connections. */
function lostConnections({ id, state, backup }: OutputStatus): Problem[] {
  if (state !== 'live' || backup?.mode !== 'at-once') return [];
  return backup.connections
    .filter((connection) => connection.state !== 'live')
    .map(({ role, state: own }) => ({ text: `${id} ${role}: ${own}`, paint: yellow }));
}

function figures({ uptimeMs, encoder, outputs }: Status): string[] {
  return [
    formatDuration(uptimeMs),
    ...(encoder.fps === 0
      ? []
      : [`${encoder.fps.toFixed(1)} fps`, `${Math.round(encoder.bitrateKbps)} kbit/s`]),
    `${droppedFrames(outputs)} dropped`,
    times(encoder.restarts, 'restart'),
  ];
}

function adaptiveRows(adaptive: EncoderStatus['adaptive']): Styled[] {
  if (adaptive?.slowest === undefined) return [];
  const { bitrateKbps, mostKbps, slowest } = adaptive;
  const text = `${bitrateKbps} of ${mostKbps} kbit/s, since the network of the output ${slowest} carries no more`;
  return [row('bitrate', yellow(text))];
}

/** The complete output of `bulkhead status`, line by line. */
export function statusReport(status: Status): Styled[] {
  const { core, encoder, timeline, liveServer } = status;
  const idle = status.state === 'idle';
  const lines = [
    statusLine(status),
    row('core', `pid ${core.pid}, ${formatBytes(core.rssBytes)}, ${status.mode} mode, ${status.address}`),
    ...(core.logFile === undefined ? [] : [row('log', core.logFile)]),
    ...inputRows(status.input),
    ...status.canvases.flatMap(sceneRow),
    ...sourceRows(status),
    ...status.ingests.flatMap(ingestRows),
    ...(idle ? idleEncoder(encoder) : partRows('encoder', withoutInputError(status), describeRun(encoder))),
    ...adaptiveRows(encoder.adaptive),
    ...status.extensionHosts.flatMap((host) => partRows('plugins', host, describePlugins(host))),
    ...status.extensionHosts.flatMap(({ missingSecrets = [] }) =>
      missingSecrets.map(({ plugin, key }) =>
        row('', yellow(`the secret "${key}" is not set: ${secretCommand(plugin, key)}`)),
      ),
    ),
    ...status.extensionHosts.flatMap(({ statusItems = [] }) =>
      statusItems.map(({ name, text }) => row('', `${name}: ${text}`)),
    ),
    ...status.progress.map((one) => row('', `${describeProgress(one)} (${one.plugin}, progress ${one.id})`)),
    ...status.questions.flatMap((question) => questionLines(question).map((line) => row('', line))),
    ...outputRows(status.outputs, isMissing(status.input)),
    ...(status.recording === undefined ? [] : recordingRows(status.recording)),
    ...(status.replay === undefined ? [] : replayRows(status.replay)),
  ];
  if (!idle) {
    const { videoFrames, splices, maxGapMs } = timeline;
    const gap = splices === 0 ? '' : `, longest gap ${Math.round(maxGapMs)} ms`;
    lines.push(row('timeline', `${times(videoFrames, 'frame')}, ${times(splices, 'splice')}${gap}`));
  }
  const lastMarker = status.markers.at(-1);
  if (lastMarker !== undefined) {
    const at = formatDuration(lastMarker.timestampMs);
    lines.push(row('markers', `${status.markers.length}, the last at ${at}: ${lastMarker.label}`));
  }
  if (liveServer !== undefined) lines.push(row('watch at', liveServer.pageUrl));
  if (status.error !== undefined) lines.push(red(formatError(status.error)));
  return lines;
}

/** `1:02:03` */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function row(name: string, text: Content): Styled {
  return styled`  ${name.padEnd(9)} ${text}`;
}

function errorRow(error: ErrorData | undefined): Styled[] {
  return error === undefined ? [] : [row('', red(formatError(error)))];
}

/** Where it is recorded, and how much is on the disk. */
export function recordingRows({ also = [], ...recording }: RecordingStatus): Styled[] {
  return [...fileRows(recording), ...also.flatMap((file) => fileRows(file, `${feedName(file)}: `))];
}

/** @param of what is recorded, besides the programme */
function fileRows(recording: Omit<RecordingStatus, 'also'>, of = ''): Styled[] {
  const {
    state,
    file,
    files,
    recordedMs,
    writtenBytes,
    lostMs,
    freeBytes,
    restarts,
    pid,
    error,
    audioTracks,
  } = recording;
  const parts = [
    ...(file === undefined ? [] : [file]),
    formatDuration(recordedMs),
    formatBytes(writtenBytes),
    ...(files > 1 ? [`${files} files`] : []),
    ...(audioTracks === undefined ? [] : [`sound: ${audioTracks.join(', ')}`]),
    ...(freeBytes === undefined || pid === 0 ? [] : [`${formatBytes(freeBytes)} free`]),
    ...(lostMs === 0 ? [] : [`${(lostMs / 1000).toFixed(1)} s lost`]),
    ...(pid === 0 ? [] : [`pid ${pid}`, times(restarts, 'restart')]),
  ];
  const text = styled`${of}${recordingColor(state)(state)}, ${parts.join(', ')}`;
  return [row(of === '' ? 'recording' : '', text), ...errorRow(error)];
}

/** What is kept of the broadcast, and what was saved of it. */
export function replayRows({ state, heldMs, heldBytes, saved, file, pid, error }: ReplayStatus): Styled[] {
  const parts = [
    ...(state === 'off' ? [] : [`${(heldMs / 1000).toFixed(1)} s`, formatBytes(heldBytes)]),
    `${saved} saved`,
    ...(file === undefined ? [] : [`the last ${file}`]),
    ...(pid === 0 ? [] : [`pid ${pid}`]),
  ];
  const color = state === 'off' ? dim : green;
  return [row('replay', styled`${color(state)}, ${parts.join(', ')}`), ...errorRow(error)];
}

function recordingColor(state: RecordingState): (text: string) => Styled {
  if (state === 'recording') return green;
  if (state === 'stopped') return dim;
  return state === 'failed' ? red : yellow;
}

function ingestRows({ id, url, state, advice, ...stream }: IngestStatus): Styled[] {
  const { videoCodec, audioCodec, width, height, fps, bitrateKbps, keyframeIntervalMs, sessions } = stream;
  const parts = [
    `${id}: ${state}`,
    ...(url === '' ? [] : [url]),
    ...(videoCodec === undefined ? [] : [videoCodec]),
    ...(width === undefined ? [] : [`${width}×${height}`]),
    ...(fps === undefined ? [] : [`${fps} fps`]),
    ...(audioCodec === undefined ? [] : [audioCodec]),
    ...(bitrateKbps === 0 ? [] : [`${bitrateKbps} kbit/s`]),
    ...(keyframeIntervalMs === undefined ? [] : [`keyframe every ${keyframeIntervalMs / 1000} s`]),
    times(sessions, 'publisher'),
  ];
  return [row('ingest', parts.join(', ')), ...advice.map((text) => row('', yellow(text)))];
}

function inputRows(input: InputStatus | undefined): Styled[] {
  if (input === undefined) return [];
  const { name, state, missingMs, loops, error } = input;
  const missing = state === 'waiting' ? 'no frame yet for' : 'lost for';
  const text =
    state === 'delivering'
      ? styled`${name}, ${green(state)}`
      : styled`${name}, ${yellow(`${missing} ${formatDuration(missingMs)}`)}`;
  return [row('input', loops ? styled`${text}, looped` : text), ...errorRow(error)];
}

/** What is on air, what is about to be, and what is previewed: `game → break, preview end`. */
function sceneRow({ id, programme, preview, transition }: CanvasStatus): Styled[] {
  if (programme === undefined) return [];
  const label = id === MAIN_CANVAS ? '' : `${id}: `;
  const next = transition === undefined ? '' : ` → ${transition.to}`;
  return [row('scene', `${label}${programme}${next}${preview === undefined ? '' : `, preview ${preview}`}`)];
}

/** The source on air and its fallback; nothing where the input says it all. */
function sourceRows({ sources, input }: Status): Styled[] {
  const inputSaysAll = input !== undefined && sources.length < 2;
  if (inputSaysAll && sources.every(({ state }) => state !== 'failed')) return [];
  return sources.flatMap(({ id, type, state, cpuPercent, error }) => [
    row(
      'source',
      styled`${id}, ${type}, ${sourceColor(state)(state)}${cpuPercent === undefined ? '' : `, ${cpuPercent} % CPU`}`,
    ),
    ...errorRow(error?.message === input?.error?.message ? undefined : error),
  ]);
}

function sourceColor(state: SourceState): (text: string) => Styled {
  if (state === 'live') return green;
  if (state === 'failed') return red;
  return state === 'cold' || state === 'ended' ? dim : yellow;
}

/** The encoder's status without an error that is reported with the input. */
function withoutInputError({ input, encoder }: Status): EncoderStatus {
  if (encoder.error === undefined || encoder.error.message !== input?.error?.message) return encoder;
  const { error: _, ...rest } = encoder;
  return rest;
}

/** Information about a looped file; undefined for other inputs. */
export function loopHint({ input }: Status): string | undefined {
  return input?.loops === true ? `${input.name} loops; use --once to end the broadcast with it.` : undefined;
}

function partRows(
  name: string,
  { state, pid, restarts: count, isolated, error }: Status['encoder'] | Status['extensionHosts'][number],
  detail: string,
): Styled[] {
  const where = isolated ? `pid ${pid}` : 'inside the core';
  const text = styled`${partColor(state)(state)}, ${where}, ${detail}, ${times(count, 'restart')}`;
  return [row(name, text), ...errorRow(error)];
}

/** Between broadcasts a process waits for the next one; errors of the last one no longer apply. */
function idleEncoder({ state, pid, isolated, error }: Status['encoder']): Styled[] {
  const where = isolated ? `, pid ${pid}` : ', inside the core';
  const text = state === 'running' ? `ready${where}` : partColor(state)(state);
  return [row('encoder', text), ...errorRow(error)];
}

function describeRun({ videoPid, audioPid, epoch }: Status['encoder']): string {
  return `video ${videoPid}, sound ${audioPid}, epoch ${epoch}`;
}

function describePlugins({ plugins, waiting = [], failed = [] }: Status['extensionHosts'][number]): string {
  const names = plugins.map((id) => {
    if (failed.some(({ plugin }) => plugin === id)) return `${id} (failed)`;
    return waiting.includes(id) ? `${id} (not needed yet)` : id;
  });
  return names.join(', ') || 'none';
}

function describeProgress({ title, message = '', percentage }: PluginProgress): string {
  const share = percentage === undefined ? '' : ` ${Math.round(percentage)} %`;
  return `${title}${share}${message === '' ? '' : `: ${message}`}`;
}

/** Names, states and addresses in columns, and each error on its own line. */
export function outputRows(given: readonly OutputStatus[], inputMissing: boolean): Styled[] {
  // A server that has accepted the stream receives nothing while there is no media.
  const outputs = given.map((output) => ({
    ...output,
    shown:
      inputMissing && output.state === 'connecting' && output.error === undefined
        ? 'waits for input'
        : output.state,
  }));
  const widest = (text: (output: (typeof outputs)[number]) => string) =>
    Math.max(0, ...outputs.map((output) => text(output).length));
  const idWidth = widest(({ id }) => id);
  const stateWidth = widest(({ shown }) => shown);
  const urlWidth = widest(({ url }) => url);
  return outputs.flatMap(({ id, url, state, shown, delayMs, delayOnDisk, error, backup, ...output }) => {
    const columns = [id.padEnd(idWidth), outputColor(state)(shown.padEnd(stateWidth)), url.padEnd(urlWidth)];
    const { sessions, bytesSent, droppedFrames: dropped } = output;
    const amount = `${times(sessions, 'session')}, ${formatBytes(bytesSent)}, ${dropped} dropped`;
    const place = delayOnDisk ? ', on disk' : '';
    const delay = delayMs === undefined ? '' : `, ${(delayMs / 1000).toFixed(1)} s behind${place}`;
    const shownRates = state === 'live' ? ratesOf(output) : '';
    const rows = backup?.connections.flatMap(connectionRows) ?? errorRow(error);
    return [row('output', joined([...columns, amount + delay + shownRates], '  ')), ...rows];
  });
}

/** One of the two connections of an output with a backup. */
function connectionRows({ role, url, state, sessions, sent, error }: OutputConnection): Styled[] {
  const paint = state === 'standby' ? dim : outputColor(state);
  const amount = sent === undefined ? '' : `, ${formatBytes(sent.bytesSent)}, ${sent.droppedFrames} dropped`;
  const text = joined([role.padEnd(7), paint(state), url, times(sessions, 'session') + amount], '  ');
  return [row('', text), ...errorRow(error)];
}

/** What is sent at present, and what was not. */
function ratesOf({ fps, bitrateKbps, queueMs, ackDelayMs, gaps }: OutputRates): string {
  const parts = [
    ...(bitrateKbps === 0 ? [] : [`${fps.toFixed(1)} fps`, `${bitrateKbps} kbit/s`]),
    ...(queueMs === 0 ? [] : [`${queueMs} ms queued`]),
    ...(ackDelayMs === undefined ? [] : [`acknowledged after ${ackDelayMs} ms`]),
    ...(gaps.count === 0 ? [] : [`${times(gaps.count, 'gap')} of ${(gaps.totalMs / 1000).toFixed(1)} s`]),
  ];
  return parts.map((part) => `, ${part}`).join('');
}

type OutputRates = Pick<OutputStatus, 'fps' | 'bitrateKbps' | 'queueMs' | 'ackDelayMs' | 'gaps'>;

function droppedFrames(outputs: readonly OutputStatus[]): number {
  return outputs.reduce((sum, { droppedFrames: dropped }) => sum + dropped, 0);
}

function times(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Green means that everything is live. */
function headColor(state: BroadcastState, problems: readonly Problem[]): (text: string) => Styled {
  if (state === 'idle') return dim;
  return state === 'live' && problems.length === 0 ? green : yellow;
}

function outputColor(state: OutputState): (text: string) => Styled {
  if (state === 'live') return green;
  if (state === 'stopped') return dim;
  return state === 'failed' ? red : yellow;
}

function partColor(state: PartState): (text: string) => Styled {
  if (state === 'running') return green;
  return state === 'failed' || state === 'quarantined' ? red : yellow;
}
