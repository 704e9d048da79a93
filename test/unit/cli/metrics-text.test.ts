import assert from 'node:assert/strict';
import { metricsText } from '../../../src/cli/metrics/metrics-text.js';
import { NO_OUTPUT_STATISTICS } from '../../../src/protocol/output-statistics.js';
import type { OutputStatus } from '../../../src/protocol/status/output-status.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { IDLE_STATUS as IDLE } from '../../support/idle-status.js';

const output = (id: string, change: Partial<OutputStatus>): OutputStatus => {
  const rest = { url: 'rtmp://h/a/***', sessions: 1, bytesSent: 0, droppedFrames: 0, queueMs: 0 };
  return { id, state: 'live', ...NO_OUTPUT_STATISTICS, ...rest, ...change };
};

/** Value by name with labels, as Prometheus would read them; fails where a line has another form. */
function read(status: Status | undefined): Map<string, number> {
  const samples = new Map<string, number>();
  const described = new Set<string>();
  for (const line of metricsText(status).trimEnd().split('\n')) {
    const [, kind, name] = /^# (HELP|TYPE) ([a-z0-9_]+) ./.exec(line) ?? [];
    if (kind !== undefined) {
      described.add(`${kind} ${name}`);
      continue;
    }
    const [, sample = '', full = '', value] =
      /^(([a-z0-9_]+)(?:\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})?) (-?\d+(?:\.\d+)?(?:e-?\d+)?)$/.exec(
        line,
      ) ?? [];
    assert.ok(value !== undefined, line);
    assert.ok(described.has(`TYPE ${full}`) && described.has(`HELP ${full}`), `${full} is described before`);
    assert.ok(!samples.has(sample), `${sample} is there once`);
    samples.set(sample, Number(value));
  }
  return samples;
}

describe('metrics', () => {
  it('say how each output is, in base units', () => {
    const samples = read({
      ...IDLE,
      state: 'live',
      encoder: { ...IDLE.encoder, fps: 29.97, bitrateKbps: 2500 },
      outputs: [
        output('a', { bytesSent: 12_345, queueMs: 250 }),
        output('b', { state: 'reconnecting', sessions: 3, droppedFrames: 7 }),
      ],
    });
    const expected = {
      bulkhead_up: 1,
      'bulkhead_broadcast_state{state="live"}': 1,
      'bulkhead_broadcast_state{state="idle"}': 0,
      bulkhead_encoder_frames_per_second: 29.97,
      bulkhead_encoder_bits_per_second: 2_500_000,
      'bulkhead_output_sent_bytes_total{output="a"}': 12_345,
      'bulkhead_output_queue_seconds{output="a"}': 0.25,
      'bulkhead_output_state{output="b",state="reconnecting"}': 1,
      'bulkhead_output_state{output="b",state="live"}': 0,
      'bulkhead_output_sessions_total{output="b"}': 3,
      'bulkhead_output_dropped_frames_total{output="b"}': 7,
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(samples.get(name), value, name);
  });

  it('have nothing of a broadcast where there is none', () => {
    const names = [...read(IDLE).keys()];
    assert.ok(names.includes('bulkhead_broadcast_state{state="idle"}'));
    assert.deepEqual(
      names.filter((name) => /encoder_frames|video_frames|output_/.test(name)),
      [],
    );
  });

  it('are one without a core', () => {
    assert.deepEqual([...read(undefined)], [['bulkhead_up', 0]]);
  });

  it('take any id as it is', () => {
    const id = 'a "b"\\\nc';
    const samples = read({ ...IDLE, outputs: [output(id, { bytesSent: 5 })] });
    assert.equal(samples.get('bulkhead_output_sent_bytes_total{output="a \\"b\\"\\\\\\nc"}'), 5);
  });
});
