import type { BroadcastState, OutputStatus, PartState, PluginProgress, Status } from '../protocol/control.js';
import type { Colors } from './colors.js';
import { questionLines } from './question-text.js';
import { formatError } from './report-failure.js';

/** One line on how the broadcast does, at most `width` characters long. */
export function statusLine(status: Status, colors: Colors, width = Number.POSITIVE_INFINITY): string {
  const { state, uptimeMs, encoder, outputs } = status;
  const rest = [
    formatDuration(uptimeMs),
    ...(encoder.fps === 0
      ? []
      : [`${encoder.fps.toFixed(1)} fps`, `${Math.round(encoder.bitrateKbps)} kbit/s`]),
    `${droppedFrames(outputs)} dropped`,
    times(encoder.restarts, 'restart'),
    ...(state === 'idle' ? [] : waitingFor(status)),
    ...status.progress.slice(0, 1).map(describeProgress),
    ...(status.questions.length === 0 ? [] : [times(status.questions.length, 'question')]),
  ].join('  ');
  const plain = `● ${state}  ${rest}`;
  const cut = plain.length > width ? `${plain.slice(0, Math.max(0, width - 1))}…` : plain;
  const head = `● ${state}`;
  return cut.startsWith(head) ? colors.bold(stateColor(state, colors)(head)) + cut.slice(head.length) : cut;
}

/** What the broadcast waits for: without an encoder no output can be live. */
function waitingFor({ encoder, outputs }: Status): string[] {
  if (encoder.error !== undefined) return [`encoder: ${encoder.state}`];
  return outputs.filter(({ state }) => state !== 'live').map(({ id, state }) => `${id}: ${state}`);
}

/** Everything that `bulkhead status` says, line by line. */
export function statusReport(status: Status, colors: Colors): string[] {
  const { core, encoder, timeline, liveServer } = status;
  const lines = [
    statusLine(status, colors),
    row('core', `pid ${core.pid}, ${formatBytes(core.rssBytes)}, ${status.mode} mode, ${status.address}`),
    row('encoder', part(encoder, `ffmpeg ${encoder.ffmpegPid}, epoch ${encoder.epoch}`, colors)),
    ...status.extensionHosts.map((host) => row('plugins', part(host, describePlugins(host), colors))),
    ...status.extensionHosts.flatMap(({ statusItems = [] }) =>
      statusItems.map(({ name, text }) => row('', `${name}: ${text}`)),
    ),
    ...status.progress.map((one) => row('', `${describeProgress(one)} (${one.plugin}, progress ${one.id})`)),
    ...status.questions.flatMap((question) => questionLines(question, colors).map((line) => row('', line))),
    ...status.outputs.map((output) => row('output', describeOutput(output, colors))),
    row(
      'timeline',
      `${timeline.videoFrames} pictures, ${timeline.splices} splices, longest gap ${Math.round(timeline.maxGapMs)} ms`,
    ),
  ];
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

function part(
  { state, pid, restarts: count, isolated, error }: Status['encoder'] | Status['extensionHosts'][number],
  detail: string,
  colors: Colors,
): string {
  const where = isolated ? `pid ${pid}` : 'inside the core';
  const failure = error === undefined ? '' : colors.red(`  ${formatError(error)}`);
  return `${partColor(state, colors)(state)}, ${where}, ${detail}, ${times(count, 'restart')}${failure}`;
}

function describePlugins({ plugins, waiting = [] }: Status['extensionHosts'][number]): string {
  const names = plugins.map((id) => (waiting.includes(id) ? `${id} (not needed yet)` : id));
  return names.join(', ') || 'none';
}

function describeProgress({ title, message = '', percentage }: PluginProgress): string {
  const share = percentage === undefined ? '' : ` ${Math.round(percentage)} %`;
  return `${title}${share}${message === '' ? '' : `: ${message}`}`;
}

function describeOutput(output: OutputStatus, colors: Colors): string {
  const { id, url, state, sessions, bytesSent, droppedFrames: dropped, error } = output;
  const paint = state === 'live' ? colors.green : state === 'failed' ? colors.red : colors.yellow;
  const failure = error === undefined ? '' : colors.red(`  ${formatError(error)}`);
  const amount = `${times(sessions, 'session')}, ${formatBytes(bytesSent)}, ${dropped} dropped`;
  return `${id} ${paint(state)}, ${url}, ${amount}${failure}`;
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
