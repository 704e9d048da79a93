import type { StatsChange } from '@bulkhead/extension-api/testing';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter } from '../base/event.js';
import type { OutputsView } from '../core/main-thread/main-thread-outputs.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { NO_OUTPUT_STATISTICS, NOTHING_DROPPED } from '../protocol/output-statistics.js';
import type { OutputState } from '../protocol/status/output-connections.js';
import type { OutputStatus } from '../protocol/status/output-status.js';

interface SteeredOutput {
  state: OutputState;
  sessions: number;
  bytesSent: number;
  droppedFrames: number;
  queueMs: number;
  error: string | undefined;
}

/** Live servers of a broadcast without media: the test says how they are. */
export class SteeredOutputs implements OutputsView, Disposable {
  private readonly changeEmitter = new Emitter<void>();
  readonly onDidChange = this.changeEmitter.event;
  private isOnAir = false;
  private readonly outputs: ReadonlyMap<string, SteeredOutput>;

  constructor(ids: readonly string[]) {
    if (new Set(ids).size !== ids.length || ids.length === 0)
      throw new BulkheadError(ErrorCodes.configInvalid, 'expected ids of outputs, each once', {
        where: 'outputs',
      });
    this.outputs = new Map(ids.map((id) => [id, idle()]));
  }

  /** A broadcast begins. What has been stopped stays so. */
  begin(): void {
    this.isOnAir = true;
    for (const output of this.outputs.values()) {
      const { droppedFrames, queueMs } = output;
      const { state } = output;
      Object.assign(output, idle(), { droppedFrames, queueMs }, state === 'stopped' ? { state } : {});
    }
  }

  /** It has ended. */
  end(): void {
    this.isOnAir = false;
    for (const output of this.outputs.values()) if (output.state !== 'stopped') output.state = 'idle';
    this.changeEmitter.fire();
  }

  async start({ id }: { readonly id: string }): Promise<OutputStatus> {
    this.requireOnAir();
    const [output] = this.those(id);
    if (output?.state === 'stopped' || output?.state === 'failed') this.connect(id);
    return this.statusOf(id);
  }

  async stop({ id }: { readonly id: string }): Promise<OutputStatus> {
    this.requireOnAir();
    for (const output of this.those(id)) Object.assign(output, { state: 'stopped', error: undefined });
    this.changeEmitter.fire();
    return this.statusOf(id);
  }

  /** @param id all of them without it */
  connect(id: string | undefined): void {
    const given =
      id === undefined ? this.those(id).filter(({ state }) => state !== 'stopped') : this.those(id);
    for (const output of given) {
      if (output.state !== 'live') output.sessions += 1;
      Object.assign(output, { state: 'live', error: undefined });
    }
    this.changeEmitter.fire();
  }

  /** They are tried again, or not any more. */
  lose(id: string | undefined, state: 'reconnecting' | 'failed', error?: string): void {
    for (const output of this.those(id)) Object.assign(output, { state, error });
    this.changeEmitter.fire();
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

  /** Empty without a broadcast, as for plugins. */
  statuses(): OutputStatus[] {
    if (!this.isOnAir) return [];
    return [...this.outputs].map(([id, { error: message, bytesSent, ...output }]) => ({
      ...NO_OUTPUT_STATISTICS,
      ...{
        reconnects: Math.max(0, output.sessions - 1),
        dropped: { ...NOTHING_DROPPED, inter: output.droppedFrames },
      },
      ...{ id, url: 'rtmp://127.0.0.1/live/***', bytesSent: Math.floor(bytesSent), ...output },
      ...(message === undefined ? {} : { error: { code: ErrorCodes.outputRefused, message } }),
    }));
  }

  private statusOf(id: string): OutputStatus {
    return this.statuses().find((output) => output.id === id) as OutputStatus;
  }

  private requireOnAir(): void {
    if (!this.isOnAir)
      throw new BulkheadError(
        ErrorCodes.broadcastState,
        'no broadcast is on air whose outputs could be changed',
      );
  }

  dispose(): void {
    this.changeEmitter.dispose();
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
