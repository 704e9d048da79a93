import type { BroadcastMarker, Environment, L10n } from '@bulkhead/extension-api';
import { Html, html } from './html.js';
import { type Moment, plot } from './plot.js';
import type { OutputRecording, Recording } from './recording.js';
import { css } from './report-style.js';
import type { Bucket, Series } from './series.js';
import { clock } from './ticks.js';

const COLORS = 6;

/** Translates texts into a language. */
type Texts = Pick<L10n, 't'> & Pick<Environment, 'language'>;

/** A broadcast's report as one self-contained HTML file without scripts. */
export function report(
  recording: Recording,
  allMarkers: readonly BroadcastMarker[],
  { t, language }: Texts,
): string {
  const { span, fps, gaps } = recording;
  const outputs = [...recording.outputs];
  const markers = recording.markersOf(allMarkers);
  const moments: Moment[] = [
    ...gaps.map(({ atMs, gapMs }) => ({
      atMs,
      kind: 'gap' as const,
      text: t('another encoder took over, gap of {0} ms', Math.round(gapMs)),
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
  const began = new Date(recording.startedAtMs).toLocaleString(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'full',
    timeStyle: 'short',
  });

  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${t('Broadcast of {0}', began)}</title>
<style>${new Html(css)}</style>
</head>
<body>
<header>
<h1>${t('How the broadcast went')}</h1>
<p>${began} · ${verdict(recording, t)}</p>
</header>
${cards(recording, t)}
<main>
${plot({ title: t('Frames'), unit: t('per second'), span, moments, lines: [{ name: t('Frames'), color: 0, series: fps }] })}
${plot({ title: t('Bitrate'), unit: 'kbit/s', span, moments, lines: linesOf(({ bitrateKbps }) => bitrateKbps) })}
${plot({ title: t('Waiting to be sent'), unit: 'ms', span, moments, lines: linesOf(({ queueMs }) => queueMs) })}
${plot({ title: t('Dropped frames'), unit: t('so far'), span, moments, lines: linesOf(({ droppedFrames }) => droppedFrames) })}
${outputTable(outputs, t)}
${eventTable(recording, markers, t)}
</main>
<footer>${t('A line is the mean, the band around it reaches from the least to the greatest value, each of {0} s.', fps.widthMs / 1000)}
${t('A dashed line is where another encoder took over, a numbered one is a marker. Times count from the start.')}</footer>
</body>
</html>
`.toString();
}

function verdict({ findings }: Recording, t: L10n['t']): Html {
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  return warnings === 0
    ? html`<span class="verdict good">${t('all went well')}</span>`
    : html`<span class="verdict poor">${warnings === 1 ? t('one warning') : t('{0} warnings', warnings)}</span>`;
}

function cards({ span, stats, fps, outputs }: Recording, t: L10n['t']): Html {
  const all = [...outputs.values()];
  const total = (numberOf: (output: OutputRecording) => number) =>
    all.reduce((sum, output) => sum + numberOf(output), 0);
  return html`<dl class="cards">${[
    card(t('Duration'), clock(span.toMs)),
    card(t('Frames a second'), meanOf(fps.total)),
    card(t('Encoder replaced'), stats?.encoder.restarts ?? 0),
    card(t('Longest gap'), `${Math.round(stats?.maxGapMs ?? 0)} ms`),
    card(t('Dropped frames'), total(droppedOf)),
    card(
      t('Reconnections'),
      total(({ reconnections }) => reconnections),
    ),
  ]}</dl>`;
}

function card(name: string, value: string | number): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function outputTable(outputs: readonly (readonly [string, OutputRecording])[], t: L10n['t']): Html {
  const row = ([id, output]: readonly [string, OutputRecording]) => html`<tr><td>${id}</td>
<td class="number">${Math.round(meanOf(output.bitrateKbps.total))}</td>
<td class="number">${Math.round(output.bitrateKbps.total?.min ?? 0)}</td>
<td class="number">${Math.round(output.queueMs.total?.max ?? 0)}</td>
<td class="number">${droppedOf(output)}</td>
<td class="number">${output.reconnections}</td></tr>
`;
  return html`<h2>${t('Destinations')}</h2>
<div class="table"><table>
<tr><th>${t('Name')}</th><th class="number">${t('Mean kbit/s')}</th><th class="number">${t('Least kbit/s')}</th><th class="number">${t('Longest wait, ms')}</th>
<th class="number">${t('Dropped frames')}</th><th class="number">${t('Reconnections')}</th></tr>
${outputs.map(row)}</table></div>`;
}

function eventTable(
  { findings }: Recording,
  markers: ReturnType<Recording['markersOf']>,
  t: L10n['t'],
): Html {
  const events = [
    ...findings.map(({ atMs, severity, message }) => ({
      atMs,
      kind: severity,
      what: severity === 'warning' ? t('warning') : t('information'),
      text: message,
    })),
    ...markers.map(({ atMs, label, plugin }, index) => ({
      atMs,
      kind: 'marker',
      what: t('marker {0}', index + 1),
      text: plugin === undefined ? label : `${label} (${plugin})`,
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  if (events.length === 0) return html``;
  return html`<h2>${t('What happened')}</h2>
<div class="table"><table>
<tr><th>${t('Time')}</th><th></th><th>${t('Event')}</th></tr>
${events.map(
  ({ atMs, kind, what, text }) =>
    html`<tr><td class="nowrap">${clock(atMs)}</td><td class="nowrap ${kind}">${what}</td><td>${text}</td></tr>
`,
)}</table></div>`;
}

function meanOf(bucket: Bucket | undefined): number {
  return bucket === undefined ? 0 : Math.round((bucket.sum / bucket.count) * 10) / 10;
}

function droppedOf({ droppedFrames }: OutputRecording): number {
  return droppedFrames.total?.max ?? 0;
}
