import type { BroadcastState, OutputStatus, PartState, PluginProgress, Status } from '../protocol/control.js';
import type { ErrorData } from '../protocol/errors.js';
import type { Colors } from './colors.js';
import { questionLines } from './question-text.js';
import { formatError } from './report-failure.js';

/** One line on how the broadcast does, at most `width` characters long. */
export function statusLine(status: Status, colors: Colors, width = Number.POSITIVE_INFINITY): string {
  const { state } = status;
  const rest = [
    ...(state === 'idle' ? ['nothing is on air'] : figures(status)),
    ...status.progress.slice(0, 1).map(describeProgress),
    ...(status.questions.length === 0 ? [] : [times(status.questions.length, 'question')]),
  ].join('  ');
  const plain = `● ${state}  ${rest}`;
  const cut = plain.length > width ? `${plain.slice(0, Math.max(0, width - 1))}…` : plain;
  const head = `● ${state}`;
  return cut.startsWith(head) ? colors.bold(stateColor(state, colors)(head)) + cut.slice(head.length) : cut;
}

function figures(status: Status): string[] {
  const { uptimeMs, encoder, outputs } = status;
  return [
    formatDuration(uptimeMs),
    ...(encoder.fps === 0
      ? []
      : [`${encoder.fps.toFixed(1)} fps`, `${Math.round(encoder.bitrateKbps)} kbit/s`]),
    `${droppedFrames(outputs)} dropped`,
    times(encoder.restarts, 'restart'),
    ...waitingFor(status),
  ];
}

/** What the broadcast waits for: without an encoder no output can be live. */
function waitingFor({ encoder, outputs }: Status): string[] {
  if (encoder.error !== undefined) return [`encoder: ${encoder.state}`];
  return outputs.filter(({ state }) => state !== 'live').map(({ id, state }) => `${id}: ${state}`);
}

/** Everything that `bulkhead status` says, line by line. */
export function statusReport(status: Status, colors: Colors): string[] {
  const { core, encoder, timeline, liveServer } = status;
  const idle = status.state === 'idle';
  const lines = [
    statusLine(status, colors),
    row('core', `pid ${core.pid}, ${formatBytes(core.rssBytes)}, ${status.mode} mode, ${status.address}`),
    ...(idle ? idleEncoder(encoder, colors) : partRows('encoder', encoder, describeRun(encoder), colors)),
    ...status.extensionHosts.flatMap((host) => partRows('plugins', host, describePlugins(host), colors)),
    ...status.extensionHosts.flatMap(({ statusItems = [] }) =>
      statusItems.map(({ name, text }) => row('', `${name}: ${text}`)),
    ),
    ...status.progress.map((one) => row('', `${describeProgress(one)} (${one.plugin}, progress ${one.id})`)),
    ...status.questions.flatMap((question) => questionLines(question, colors).map((line) => row('', line))),
    ...outputRows(status.outputs, colors),
  ];
  if (!idle) {
    const { videoFrames, splices, maxGapMs } = timeline;
    const gap = splices === 0 ? '' : `, longest gap ${Math.round(maxGapMs)} ms`;
    lines.push(row('timeline', `${times(videoFrames, 'picture')}, ${times(splices, 'splice')}${gap}`));
  }
  const lastMarker = status.markers.at(-1);
  if (lastMarker !== undefined) {
    const at = formatDuration(lastMarker.timestampMs);
    lines.push(row('markers', `${status.markers.length}, the last at ${at}: ${lastMarker.label}`));
  }
  if (liveServer !== undefined) lines.push(row('watch at', liveServer.pageUrl));
  if (status.error !== undefined) lines.push(colors.red(formatError(status.error)));
  return lines;
}

/** `1:02:03` */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(9)} ${text}`;
}

function errorRow(error: ErrorData | undefined, colors: Colors): string[] {
  return error === undefined ? [] : [row('', colors.red(formatError(error)))];
}

function partRows(
  name: string,
  { state, pid, restarts: count, isolated, error }: Status['encoder'] | Status['extensionHosts'][number],
  detail: string,
  colors: Colors,
): string[] {
  const where = isolated ? `pid ${pid}` : 'inside the core';
  const text = `${partColor(state, colors)(state)}, ${where}, ${detail}, ${times(count, 'restart')}`;
  return [row(name, text), ...errorRow(error, colors)];
}

/** Between broadcasts a process waits for the next one; what the last one did is over. */
function idleEncoder({ state, pid, isolated, error }: Status['encoder'], colors: Colors): string[] {
  const where = isolated ? `, pid ${pid}` : ', inside the core';
  const text = state === 'running' ? `ready${where}` : partColor(state, colors)(state);
  return [row('encoder', text), ...errorRow(error, colors)];
}

function describeRun({ ffmpegPid, epoch }: Status['encoder']): string {
  return `ffmpeg ${ffmpegPid}, epoch ${epoch}`;
}

function describePlugins({ plugins, waiting = [] }: Status['extensionHosts'][number]): string {
  const names = plugins.map((id) => (waiting.includes(id) ? `${id} (not needed yet)` : id));
  return names.join(', ') || 'none';
}

function describeProgress({ title, message = '', percentage }: PluginProgress): string {
  const share = percentage === undefined ? '' : ` ${Math.round(percentage)} %`;
  return `${title}${share}${message === '' ? '' : `: ${message}`}`;
}

/** Names, states and addresses in columns, and what is wrong on a line of its own. */
function outputRows(outputs: readonly OutputStatus[], colors: Colors): string[] {
  const widest = (text: (output: OutputStatus) => string) =>
    Math.max(0, ...outputs.map((output) => text(output).length));
  const idWidth = widest(({ id }) => id);
  const stateWidth = widest(({ state }) => state);
  const urlWidth = widest(({ url }) => url);
  return outputs.flatMap(({ id, url, state, sessions, bytesSent, droppedFrames: dropped, error }) => {
    const paint = state === 'live' ? colors.green : state === 'failed' ? colors.red : colors.yellow;
    const columns = [id.padEnd(idWidth), paint(state.padEnd(stateWidth)), url.padEnd(urlWidth)];
    const amount = `${times(sessions, 'session')}, ${formatBytes(bytesSent)}, ${dropped} dropped`;
    return [row('output', [...columns, amount].join('  ')), ...errorRow(error, colors)];
  });
}

function droppedFrames(outputs: readonly OutputStatus[]): number {
  return outputs.reduce((sum, { droppedFrames: dropped }) => sum + dropped, 0);
}

function times(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function stateColor(state: BroadcastState, colors: Colors): (text: string) => string {
  return state === 'live' ? colors.green : state === 'idle' ? colors.dim : colors.yellow;
}

function partColor(state: PartState, colors: Colors): (text: string) => string {
  if (state === 'running') return colors.green;
  return state === 'failed' || state === 'quarantined' ? colors.red : colors.yellow;
}
