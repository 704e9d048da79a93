import type { BroadcastStats, L10n, OutputStats } from '@bulkhead/extension-api';

/** Number of consecutive samples, about one a second, that make a problem. */
const LASTING = 5;
/** Share of the usual frame rate below which the encoder counts as slow. */
const SLOW_ENCODER = 0.9;
/** Share of the usual bitrate below which an output counts as starved. */
const LOW_BITRATE = 0.5;
/** Media waiting for an output, ms, from which viewers will soon see lag or lose frames. */
const LONG_QUEUE_MS = 1000;
/** Number of samples from which "usual" is computed. */
const WINDOW = 60;

export interface Finding {
  readonly severity: 'information' | 'warning';
  readonly message: string;
}

export interface HealthReport {
  readonly verdict: 'good' | 'poor' | 'unknown';
  /** The current problems. */
  readonly problems: readonly string[];
  readonly encoderRestarts: number;
  readonly longestGapMs: number;
  readonly outputs: readonly {
    readonly id: string;
    readonly droppedFrames: number;
    readonly reconnections: number;
    /** kbit/s, over the last minute. */
    readonly usualBitrateKbps: number;
    readonly lowestBitrateKbps: number;
  }[];
}

/** Detects problems of one broadcast from its statistics. */
export class HealthMonitor {
  private readonly fps = new Samples();
  private readonly bitrates = new Map<string, Samples>();
  /** Number of consecutive samples with each problem. */
  private readonly streaks = new Map<string, { count: number; message: string }>();
  private last: BroadcastStats | undefined;
  private toldRestarts = 0;

  /** @param t translates what is shown */
  constructor(private readonly t: L10n['t']) {}

  /** Takes the next values. Returns what to show to the streamer now. */
  update(stats: BroadcastStats): Finding[] {
    const findings = [...this.events(stats)];
    for (const [key, recovered, message] of this.problems(stats)) {
      const before = this.streaks.get(key)?.count ?? 0;
      if (message === undefined) {
        if (before >= LASTING) findings.push({ severity: 'information', message: recovered });
        this.streaks.delete(key);
      } else {
        this.streaks.set(key, { count: before + 1, message });
        if (before + 1 === LASTING) findings.push({ severity: 'warning', message });
      }
    }
    if (this.last === undefined) this.toldRestarts = stats.encoder.restarts;
    this.last = stats;
    return findings;
  }

  report(): HealthReport {
    const problems = [...this.streaks.values()].filter(({ count }) => count >= LASTING);
    const outputs = this.last?.outputs ?? [];
    return {
      verdict: this.last === undefined ? 'unknown' : problems.length === 0 ? 'good' : 'poor',
      problems: problems.map(({ message }) => message),
      encoderRestarts: this.last?.encoder.restarts ?? 0,
      longestGapMs: this.last?.maxGapMs ?? 0,
      outputs: outputs.map(({ id, droppedFrames, sessions }) => ({
        id,
        droppedFrames,
        reconnections: Math.max(0, sessions - 1),
        usualBitrateKbps: this.bitrates.get(id)?.median() ?? 0,
        lowestBitrateKbps: this.bitrates.get(id)?.lowest() ?? 0,
      })),
    };
  }

  /** Events between the last values and these. */
  private *events(stats: BroadcastStats): Generator<Finding> {
    if (this.last === undefined) return;
    // The gap is known when the next encoder's stream has been joined, some time after the crash was counted.
    if (stats.splices > this.last.splices && stats.encoder.restarts > this.toldRestarts) {
      this.toldRestarts = stats.encoder.restarts;
      yield {
        severity: 'warning',
        message: this.t(
          'The encoder died and was replaced; viewers saw a gap of {0} ms.',
          Math.round(stats.lastGapMs),
        ),
      };
    }
    for (const output of stats.outputs) {
      const before = this.last.outputs.find(({ id }) => id === output.id);
      if (before !== undefined && before.sessions > 0 && output.sessions > before.sessions) {
        const message = this.t('The connection to {0} broke; it was opened again.', output.id);
        yield { severity: 'warning', message };
      }
    }
  }

  /** Each possible problem, with what is said when it is over, and its current description, if any. */
  private *problems(stats: BroadcastStats): Generator<[string, string, string | undefined]> {
    yield ['encoder', this.t('The encoder is well again.'), this.encoderProblem(stats)];
    for (const output of stats.outputs) {
      const { id } = output;
      const [network, bitrate] = [
        this.t('The network to {0} is well again.', id),
        this.t('The bitrate to {0} is well again.', id),
      ];
      yield [`network ${id}`, network, this.networkProblem(output)];
      yield [`bitrate ${id}`, bitrate, this.bitrateProblem(output)];
    }
  }

  private encoderProblem({ encoder }: BroadcastStats): string | undefined {
    const usual = this.fps.median();
    if (encoder.fps > 0) this.fps.add(encoder.fps);
    if (encoder.fps === 0 || encoder.fps >= usual * SLOW_ENCODER) return undefined;
    return this.t(
      'Encoding at {0} fps instead of {1}. Close other programs, or choose a faster preset or a smaller resolution.',
      Math.round(encoder.fps),
      Math.round(usual),
    );
  }

  private networkProblem({ id, queueMs, droppedFrames }: OutputStats): string | undefined {
    const before = this.last?.outputs.find((output) => output.id === id);
    const dropped = before === undefined ? 0 : droppedFrames - before.droppedFrames;
    if (queueMs < LONG_QUEUE_MS && dropped <= 0) return undefined;
    const symptom =
      dropped > 0
        ? this.t('frames are being dropped')
        : this.t('{0} s are waiting', Math.round(queueMs / 100) / 10);
    return this.t(
      '{0} takes the stream too slowly: {1}. Lower the bitrate, or check the network.',
      id,
      symptom,
    );
  }

  private bitrateProblem({ id, state, bitrateKbps }: OutputStats): string | undefined {
    if (state !== 'live' || bitrateKbps === 0) return undefined;
    const samples = this.bitrates.get(id) ?? new Samples();
    this.bitrates.set(id, samples);
    const usual = samples.median();
    samples.add(bitrateKbps);
    if (bitrateKbps >= usual * LOW_BITRATE) return undefined;
    return this.t('{0} gets {1} kbit/s, and used to get {2}.', id, bitrateKbps, Math.round(usual));
  }
}

/** The last values of a series. */
class Samples {
  private readonly values: number[] = [];

  add(value: number): void {
    this.values.push(value);
    if (this.values.length > WINDOW) this.values.shift();
  }

  /** 0 if there are none. */
  median(): number {
    return this.values.toSorted((a, b) => a - b)[Math.floor(this.values.length / 2)] ?? 0;
  }

  /** 0 if there are none. */
  lowest(): number {
    return this.values.length === 0 ? 0 : Math.min(...this.values);
  }
}
