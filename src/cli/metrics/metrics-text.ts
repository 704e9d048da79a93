import { SOURCE_STATES } from '../../protocol/encoder.js';
import type { PartState } from '../../protocol/lifecycle.js';
import type { OutputState } from '../../protocol/status/output-connections.js';
import type { BroadcastState, Status } from '../../protocol/status/status.js';

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly Sample[];
}

const BROADCAST_STATES: readonly BroadcastState[] = [
  ...(['idle', 'starting', 'live', 'paused', 'reconnecting', 'stopping'] as const),
];
const PART_STATES: readonly PartState[] = [
  ...(['stopped', 'starting', 'running', 'unresponsive', 'restarting', 'quarantined', 'failed'] as const),
];
const OUTPUT_STATES: readonly OutputState[] = [
  ...(['idle', 'connecting', 'live', 'reconnecting', 'failed', 'stopped'] as const),
];

/** The content type of {@link metricsText}. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The status of a core in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/), with its
 * base units: seconds, bytes, bits per second. What does not run has no samples.
 *
 * @param status undefined while no core answers: then `bulkhead_up` alone, 0
 */
export function metricsText(status: Status | undefined): string {
  const metrics = [
    gauge('up', 'Whether a core answers.', one(status === undefined ? 0 : 1)),
    ...(status === undefined ? [] : metricsOf(status)),
  ];
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(textOf)
    .join('');
}

function metricsOf(status: Status): Metric[] {
  const { core, encoder, timeline, outputs, extensionHosts, sources } = status;
  const isOnAir = status.state !== 'idle';
  const whileOnAir = (value: number | undefined) => (isOnAir && value !== undefined ? one(value) : []);
  /** Those of which it is not known have no sample. */
  const ofOutputs = (measure: (output: (typeof outputs)[number]) => number | undefined) =>
    outputs.flatMap((output) => {
      const value = measure(output);
      return value === undefined ? [] : [{ labels: { output: output.id }, value }];
    });
  const hosts = extensionHosts.map((host) => ({ host, labels: { plugins: host.plugins.join(',') } }));
  return [
    gauge('build_info', "The core's version.", [{ labels: { version: core.version }, value: 1 }]),
    gauge('resident_memory_bytes', 'Resident memory of the core.', one(core.rssBytes)),
    gauge('start_time_seconds', 'When the core was started, since 1970.', one(core.startedAtMs / 1000)),
    gauge(
      'broadcast_state',
      'State of the broadcast: 1 for the current one.',
      states(status.state, BROADCAST_STATES),
    ),
    gauge('broadcast_uptime_seconds', 'Time since the broadcast was started.', one(status.uptimeMs / 1000)),
    gauge('encoder_state', "State of the encoder's process.", states(encoder.state, PART_STATES)),
    counter('encoder_restarts_total', 'How often it was restarted.', one(encoder.restarts)),
    gauge('encoder_frames_per_second', 'Frames encoded in the last second.', whileOnAir(encoder.fps)),
    gauge(
      'encoder_bits_per_second',
      'What was encoded in the last second.',
      whileOnAir(encoder.bitrateKbps * 1000),
    ),
    gauge(
      'encoder_queue_frames',
      'Frames that the video encoder has been given and has not delivered yet.',
      whileOnAir(encoder.queuedFrames),
    ),
    counter(
      'encoder_skipped_frames_total',
      'Frames left out since the encoder was too slow, in this run.',
      whileOnAir(encoder.skippedSlots),
    ),
    counter(
      'encoder_repeated_frames_total',
      'Frames shown again since the input had no new one, in this run.',
      whileOnAir(encoder.repeatedFrames),
    ),
    counter('video_frames_total', 'Video frames of the broadcast.', whileOnAir(timeline.videoFrames)),
    counter('audio_frames_total', 'AAC frames of the broadcast.', whileOnAir(timeline.audioFrames)),
    counter('splices_total', 'How often another encoder continued the stream.', whileOnAir(timeline.splices)),
    counter(
      'slates_total',
      'How often viewers were shown the last keyframe, since no encoder delivered.',
      whileOnAir(timeline.slates),
    ),
    gauge(
      'splice_gap_max_seconds',
      'The longest time without media at a splice.',
      whileOnAir(timeline.maxGapMs / 1000),
    ),
    gauge(
      'keyframe_interval_seconds',
      'Between the last two keyframes of the broadcast.',
      whileOnAir(timeline.keyframeIntervalMs).map(inSeconds),
    ),
    gauge(
      'transit_p99_seconds',
      '99th percentile of the time that media spends in the core.',
      whileOnAir(timeline.transitP99Ms / 1000),
    ),
    gauge(
      'output_state',
      'State of an output: 1 for the current one.',
      outputs.flatMap(({ id, state }) => states(state, OUTPUT_STATES, { output: id })),
    ),
    counter(
      'output_sessions_total',
      'Sessions that an output has opened.',
      ofOutputs(({ sessions }) => sessions),
    ),
    counter(
      'output_sent_bytes_total',
      'Bytes sent to an output.',
      ofOutputs(({ bytesSent }) => bytesSent),
    ),
    counter(
      'output_sent_frames_total',
      'Video frames sent to an output.',
      ofOutputs(({ framesSent }) => framesSent),
    ),
    counter(
      'output_dropped_frames_total',
      "Frames dropped from an output's queue.",
      ofOutputs(({ droppedFrames }) => droppedFrames),
    ),
    counter(
      'output_dropped_frames_by_kind_total',
      'The same by kind: B-frames, frames that others refer to, and keyframes, which stand for their GOP.',
      outputs.flatMap(({ id, dropped }) =>
        Object.entries(dropped).map(([kind, value]) => ({ labels: { output: id, kind }, value })),
      ),
    ),
    gauge(
      'output_frames_per_second',
      'Frames sent to an output in the last second.',
      ofOutputs(({ fps }) => fps),
    ),
    gauge(
      'output_bits_per_second',
      'What was sent to an output in the last second.',
      ofOutputs(({ bitrateKbps }) => bitrateKbps * 1000),
    ),
    gauge(
      'output_keyframe_interval_seconds',
      'Between the last two keyframes sent to an output.',
      ofOutputs(({ keyframeIntervalMs }) => keyframeIntervalMs).map(inSeconds),
    ),
    gauge(
      'output_acknowledgement_delay_seconds',
      'From handing data to the system until a server has acknowledged it.',
      ofOutputs(({ ackDelayMs }) => ackDelayMs).map(inSeconds),
    ),
    counter(
      'output_reconnects_total',
      'How often an output was live again after it had been lost.',
      ofOutputs(({ reconnects }) => reconnects),
    ),
    counter(
      'output_gaps_total',
      'Times of a second or more without anything sent to an output.',
      ofOutputs(({ gaps }) => gaps.count),
    ),
    counter(
      'output_gap_seconds_total',
      'How long these were in all.',
      ofOutputs(({ gaps }) => gaps.totalMs / 1000),
    ),
    counter(
      'output_live_seconds_total',
      'How long an output has been live.',
      ofOutputs(({ liveMs }) => liveMs / 1000),
    ),
    gauge(
      'output_queue_seconds',
      'Media that waits for an output.',
      ofOutputs(({ queueMs }) => queueMs / 1000),
    ),
    gauge(
      'source_state',
      'State of a source.',
      sources.flatMap(({ id, state }) => states(state, SOURCE_STATES, { source: id })),
    ),
    gauge(
      'plugin_host_state',
      "State of plugins' processes.",
      hosts.flatMap(({ host, labels }) => states(host.state, PART_STATES, labels)),
    ),
    counter(
      'plugin_host_restarts_total',
      "How often plugins' processes were restarted.",
      hosts.map(({ host, labels }) => ({ labels, value: host.restarts })),
    ),
  ];
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => {
  return { name, type: 'gauge', help, samples };
};
const counter = (name: string, help: string, samples: readonly Sample[]): Metric => {
  return { name, type: 'counter', help, samples };
};
const one = (value: number): Sample[] => [{ value }];
const inSeconds = ({ value, ...sample }: Sample): Sample => ({ ...sample, value: value / 1000 });

function states<S extends string>(current: S, all: readonly S[], labels: Labels = {}): Sample[] {
  return all.map((state) => ({ labels: { ...labels, state }, value: state === current ? 1 : 0 }));
}

function textOf({ name, type, help, samples }: Metric): string {
  const full = `bulkhead_${name}`;
  const lines = samples.map(({ labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${full}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
  });
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, ...lines, ''].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
