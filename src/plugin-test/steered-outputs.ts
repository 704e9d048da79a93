import type { StatsChange } from '@bulkhead/extension-api/testing';
import type { OutputState, OutputStatus } from '../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { NO_OUTPUT_STATISTICS } from '../protocol/output-statistics.js';

interface SteeredOutput {
  state: OutputState;
  sessions: number;
  bytesSent: number;
  droppedFrames: number;
  queueMs: number;
  error: string | undefined;
}

/** Live servers of a broadcast without media: the test says how they are. */
export class SteeredOutputs {
  private readonly outputs: ReadonlyMap<string, SteeredOutput>;

  constructor(ids: readonly string[]) {
    if (new Set(ids).size !== ids.length || ids.length === 0)
      throw new BulkheadError(ErrorCodes.configInvalid, 'expected ids of outputs, each once', {
        where: 'outputs',
      });
    this.outputs = new Map(ids.map((id) => [id, idle()]));
  }

  /** A broadcast begins. */
  begin(): void {
    for (const output of this.outputs.values()) {
      const { droppedFrames, queueMs } = output;
      Object.assign(output, idle(), { droppedFrames, queueMs });
    }
  }

  /** @param id all of them without it */
  connect(id: string | undefined): void {
    for (const output of this.those(id)) {
      if (output.state !== 'live') output.sessions += 1;
      Object.assign(output, { state: 'live', error: undefined });
    }
  }

  /** They are tried again, or not any more. */
  lose(id: string | undefined, state: 'reconnecting' | 'failed', error?: string): void {
    for (const output of this.those(id)) Object.assign(output, { state, error });
  }

  get isAnyLive(): boolean {
    return [...this.outputs.values()].some(({ state }) => state === 'live');
  }

  setStats(id: string | undefined, { droppedFrames, queueMs }: StatsChange): void {
    for (const output of this.those(id)) {
      if (droppedFrames !== undefined) output.droppedFrames = droppedFrames;
      if (queueMs !== undefined) output.queueMs = queueMs;
    }
  }

  /** Counts what was sent in these seconds. */
  count(seconds: number, bitrateKbps: number): void {
    for (const output of this.outputs.values())
      if (output.state === 'live') output.bytesSent += (seconds * bitrateKbps * 1000) / 8;
  }

  statuses(): OutputStatus[] {
    return [...this.outputs].map(([id, { error: message, bytesSent, ...output }]) => ({
      ...NO_OUTPUT_STATISTICS,
      ...{ id, url: 'rtmp://127.0.0.1/live/***', bytesSent: Math.floor(bytesSent), ...output },
      ...(message === undefined ? {} : { error: { code: ErrorCodes.outputRefused, message } }),
    }));
  }

  private those(id: string | undefined): readonly SteeredOutput[] {
    if (id === undefined) return [...this.outputs.values()];
    const output = this.outputs.get(id);
    if (output !== undefined) return [output];
    throw new BulkheadError(ErrorCodes.outputNotFound, `there is no output "${id}"`, {
      where: `outputs.${id}`,
      remedy: `Available outputs: ${[...this.outputs.keys()].join(', ')}; startPlugin takes others as "outputs".`,
    });
  }
}

function idle(): SteeredOutput {
  return { state: 'idle', sessions: 0, bytesSent: 0, droppedFrames: 0, queueMs: 0, error: undefined };
}
