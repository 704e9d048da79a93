import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../../base/event.js';
import type { StreamTag } from '../../../media/stream-tag.js';
import type { OutputConnection, OutputState } from '../../../protocol/status/output-connections.js';
import type { Output, OutputFlow, OwnStatus } from '../output.js';

/** The states of two connections, of which the first that one of them has is that of both. */
const STATES = ['live', 'reconnecting', 'connecting', 'idle', 'failed', 'stopped'] as const;

/**
 * One output with two connections at once, a primary and a backup. Both send the same tags with the same timestamps, and neither waits for
 * the other: each has its own queue and its own session. The output is live while one of them is.
 *
 * Its figures are those of what its viewers can have got: a frame that was sent by either counts once, and one is dropped that both have
 * dropped. Bytes count twice, since that is what the network carries.
 */
export class TwinOutput implements Output {
  private readonly changeEmitter = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  private readonly both: readonly [Output, Output];
  private readonly listening: readonly Disposable[];
  private isLive = false;
  /** How often it has become live. */
  private sessions = 0;

  constructor(
    readonly id: string,
    private readonly primary: Output,
    private readonly backup: Output,
  ) {
    this.both = [primary, backup];
    this.listening = this.both.map((output) => output.onDidChange(() => this.changed()));
  }

  start(): void {
    for (const output of this.both) output.start();
  }

  push(tag: StreamTag): void {
    for (const output of this.both) output.push(tag);
  }

  async stop(deadlineMs: number): Promise<void> {
    await Promise.all(this.both.map((output) => output.stop(deadlineMs)));
  }

  status(): OwnStatus {
    const primary = this.primary.status();
    const backup = this.backup.status();
    const both = [primary, backup];
    const isLost = !both.some(({ state, error }) => state === 'live' && error === undefined);
    const concerned = both.find(({ state }) => state === 'live') ?? primary;
    const { keyframeIntervalMs, ackDelayMs } = concerned;
    const least = (count: (status: OwnStatus) => number) => Math.min(...both.map(count));
    return {
      id: this.id,
      url: primary.url,
      state: this.stateOf(both),
      sessions: this.sessions,
      bytesSent: primary.bytesSent + backup.bytesSent,
      framesSent: Math.max(primary.framesSent, backup.framesSent),
      droppedFrames: least(({ droppedFrames }) => droppedFrames),
      dropped: {
        disposable: least(({ dropped }) => dropped.disposable),
        inter: least(({ dropped }) => dropped.inter),
        keyframes: least(({ dropped }) => dropped.keyframes),
      },
      gaps: {
        count: least(({ gaps }) => gaps.count),
        totalMs: least(({ gaps }) => gaps.totalMs),
        longestMs: least(({ gaps }) => gaps.longestMs),
      },
      queueMs: Math.max(primary.queueMs, backup.queueMs),
      ...(keyframeIntervalMs === undefined ? {} : { keyframeIntervalMs }),
      ...(ackDelayMs === undefined ? {} : { ackDelayMs }),
      backup: {
        mode: 'at-once',
        connections: [connection('primary', primary), connection('backup', backup)],
      },
      ...(isLost ? { error: concerned.error } : {}),
    };
  }

  /** Both share one network: the one that is worse off says what it carries. */
  flow(): OutputFlow | undefined {
    const flows = this.both.map((output) => output.flow?.()).filter((flow) => flow !== undefined);
    if (flows.length === 0) return undefined;
    return {
      lateMs: Math.max(...flows.map(({ lateMs }) => lateMs)),
      stalledMs: Math.max(...flows.map(({ stalledMs }) => stalledMs)),
      takenBytes: Math.min(...flows.map(({ takenBytes }) => takenBytes)),
    };
  }

  takeTransitTimes(): number[] {
    return this.both.flatMap((output) => output.takeTransitTimes());
  }

  dispose(): void {
    for (const listener of this.listening) listener.dispose();
    for (const output of this.both) output.dispose();
    this.changeEmitter.dispose();
  }

  private changed(): void {
    const isLive = this.both.some((output) => output.status().state === 'live');
    if (isLive && !this.isLive) this.sessions += 1;
    this.isLive = isLive;
    this.changeEmitter.fire();
  }

  private stateOf(both: readonly OwnStatus[]): OutputState {
    const state = STATES.find((one) => both.some((status) => status.state === one)) ?? 'idle';
    // One of them may never have been live.
    return state === 'connecting' && this.sessions > 0 ? 'reconnecting' : state;
  }
}

function connection(role: OutputConnection['role'], status: OwnStatus): OutputConnection {
  const { url, state, sessions, bytesSent, droppedFrames, queueMs, error } = status;
  return {
    ...{ role, url, state, sessions, sent: { bytesSent, droppedFrames, queueMs } },
    ...(error === undefined ? {} : { error }),
  };
}
