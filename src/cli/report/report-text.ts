import type { BroadcastReport, KeptReport, OutputReport, RecordingReport } from '../../protocol/report.js';
import { formatBytes, formatDuration } from '../status-text.js';
import { dim, type Styled, styled } from '../terminal/styled.js';

/** The report of a broadcast, line by line. */
export function reportText({ report, file }: KeptReport): Styled[] {
  const { outputs, recordings } = report;
  const width = Math.max(0, ...outputs.map(({ id }) => id.length));
  return [
    styled`On air for ${formatDuration(report.durationMs)}${restartsOf(report)}`,
    ...outputs.map((output) => styled`  ${output.id.padEnd(width)}  ${outputText(output)}`),
    ...recordings.flatMap(recordingText).map((text) => styled`  ${text}`),
    ...(file === undefined ? [] : [dim(`The report: ${file}`)]),
  ];
}

/** Whether it says more than that nothing was ever live. */
export function isWorthShowing({ outputs, recordings }: BroadcastReport): boolean {
  return recordings.length > 0 || outputs.some(({ liveMs }) => liveMs > 0);
}

function outputText({
  liveMs,
  bytesSent,
  meanKbps,
  lowestKbps,
  droppedFrames,
  dropped,
  ...rest
}: OutputReport): string {
  if (liveMs === 0) return `was never live${rest.error === undefined ? '' : `: ${rest.error.message}`}`;
  const { reconnects, gaps } = rest;
  const { disposable, inter, keyframes } = dropped;
  const kinds = `${disposable} B, ${inter} P, ${times(keyframes, 'keyframe')}`;
  return [
    `live ${formatDuration(liveMs)}`,
    formatBytes(bytesSent),
    `${meanKbps} kbit/s${lowestKbps === undefined ? '' : `, lowest ${lowestKbps}`}`,
    droppedFrames === 0 ? '0 frames dropped' : `${times(droppedFrames, 'frame')} dropped (${kinds})`,
    times(reconnects, 'reconnect'),
    gapsText(gaps),
  ].join(', ');
}

function gapsText({ count, totalMs, longestMs }: OutputReport['gaps']): string {
  if (count === 0) return 'no gap';
  const longest = count === 1 ? '' : `, the longest ${seconds(longestMs)}`;
  return `${times(count, 'gap')} of ${seconds(totalMs)}${count === 1 ? '' : ' in all'}${longest}`;
}

function recordingText({ files, recordedMs, writtenBytes, lostMs, error }: RecordingReport): string[] {
  const [last = 'recording'] = files.slice(-1);
  const parts = [
    files.length > 1 ? `${files.length} files, the last ${last}` : last,
    formatDuration(recordedMs),
    formatBytes(writtenBytes),
    ...(lostMs === 0 ? [] : [`${seconds(lostMs)} lost`]),
    ...(error === undefined ? [] : [error.message]),
  ];
  return [`recorded  ${parts.join(', ')}`];
}

function restartsOf({ parts }: BroadcastReport): string {
  const restarted = parts.filter(({ restarts }) => restarts > 0);
  if (restarted.length === 0) return '; nothing was restarted';
  const texts = restarted.map(
    ({ part, plugins = [], restarts }) => `${plugins.join(', ') || part} ${times(restarts, 'time')}`,
  );
  return `; restarted: ${texts.join('; ')}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function times(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
