import type { BroadcastMarker } from '@bulkhead/extension-api';
import { Html, html } from './html.js';
import { type Moment, plot } from './plot.js';
import type { OutputRecording, Recording } from './recording.js';
import { css } from './report-style.js';
import type { Bucket, Series } from './series.js';
import { clock } from './ticks.js';

const COLORS = 6;

/** A broadcast's report as one self-contained HTML file without scripts. */
export function report(recording: Recording, allMarkers: readonly BroadcastMarker[]): string {
  const { span, fps, gaps } = recording;
  const outputs = [...recording.outputs];
  const markers = recording.markersOf(allMarkers);
  const moments: Moment[] = [
    ...gaps.map(({ atMs, gapMs }) => ({
      atMs,
      kind: 'gap' as const,
      text: `another encoder took over, gap of ${Math.round(gapMs)} ms`,
      sign: '▼',
    })),
    ...markers.map(({ atMs, label }, index) => ({
      atMs,
      kind: 'marker' as const,
      text: label,
      sign: String(index + 1),
    })),
  ];
  const linesOf = (seriesOf: (output: OutputRecording) => Series) =>
    outputs.map(([name, output], index) => ({ name, color: index % COLORS, series: seriesOf(output) }));
  const began = new Date(recording.startedAtMs).toLocaleString('en-GB', {
    dateStyle: 'full',
    timeStyle: 'short',
  });

  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Broadcast of ${began}</title>
<style>${new Html(css)}</style>
</head>
<body>
<header>
<h1>How the broadcast went</h1>
<p>${began} · ${verdict(recording)}</p>
</header>
${cards(recording)}
<main>
${plot({ title: 'Frames', unit: 'per second', span, moments, lines: [{ name: 'Frames', color: 0, series: fps }] })}
${plot({ title: 'Bitrate', unit: 'kbit/s', span, moments, lines: linesOf(({ bitrateKbps }) => bitrateKbps) })}
${plot({ title: 'Waiting to be sent', unit: 'ms', span, moments, lines: linesOf(({ queueMs }) => queueMs) })}
${plot({ title: 'Dropped frames', unit: 'so far', span, moments, lines: linesOf(({ droppedFrames }) => droppedFrames) })}
${outputTable(outputs)}
${eventTable(recording, markers)}
</main>
<footer>A line is the mean, the band around it reaches from the least to the greatest value, each of ${fps.widthMs / 1000} s.
A dashed line is where another encoder took over, a numbered one is a marker. Times count from the start.</footer>
</body>
</html>
`.toString();
}

function verdict({ findings }: Recording): Html {
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  return warnings === 0
    ? html`<span class="verdict good">all went well</span>`
    : html`<span class="verdict poor">${warnings === 1 ? 'one warning' : `${warnings} warnings`}</span>`;
}

function cards({ span, stats, fps, outputs }: Recording): Html {
  const all = [...outputs.values()];
  const total = (numberOf: (output: OutputRecording) => number) =>
    all.reduce((sum, output) => sum + numberOf(output), 0);
  return html`<dl class="cards">${[
    card('Duration', clock(span.toMs)),
    card('Frames a second', meanOf(fps.total)),
    card('Encoder replaced', stats?.encoder.restarts ?? 0),
    card('Longest gap', `${Math.round(stats?.maxGapMs ?? 0)} ms`),
    card('Dropped frames', total(droppedOf)),
    card(
      'Reconnections',
      total(({ reconnections }) => reconnections),
    ),
  ]}</dl>`;
}

function card(name: string, value: string | number): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function outputTable(outputs: readonly (readonly [string, OutputRecording])[]): Html {
  const row = ([id, output]: readonly [string, OutputRecording]) => html`<tr><td>${id}</td>
<td class="number">${Math.round(meanOf(output.bitrateKbps.total))}</td>
<td class="number">${Math.round(output.bitrateKbps.total?.min ?? 0)}</td>
<td class="number">${Math.round(output.queueMs.total?.max ?? 0)}</td>
<td class="number">${droppedOf(output)}</td>
<td class="number">${output.reconnections}</td></tr>
`;
  return html`<h2>Destinations</h2>
<div class="table"><table>
<tr><th>Name</th><th class="number">Mean kbit/s</th><th class="number">Least kbit/s</th><th class="number">Longest wait, ms</th>
<th class="number">Dropped frames</th><th class="number">Reconnections</th></tr>
${outputs.map(row)}</table></div>`;
}

function eventTable({ findings }: Recording, markers: ReturnType<Recording['markersOf']>): Html {
  const events = [
    ...findings.map(({ atMs, severity, message }) => ({ atMs, what: severity, text: message })),
    ...markers.map(({ atMs, label, plugin }, index) => ({
      atMs,
      what: `marker ${index + 1}`,
      text: plugin === undefined ? label : `${label} (${plugin})`,
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  if (events.length === 0) return html``;
  return html`<h2>What happened</h2>
<div class="table"><table>
<tr><th>Time</th><th></th><th>Event</th></tr>
${events.map(
  ({ atMs, what, text }) =>
    html`<tr><td class="nowrap">${clock(atMs)}</td><td class="nowrap ${what}">${what}</td><td>${text}</td></tr>
`,
)}</table></div>`;
}

function meanOf(bucket: Bucket | undefined): number {
  return bucket === undefined ? 0 : Math.round((bucket.sum / bucket.count) * 10) / 10;
}

function droppedOf({ droppedFrames }: OutputRecording): number {
  return droppedFrames.total?.max ?? 0;
}
