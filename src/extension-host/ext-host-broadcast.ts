import type {
  BroadcastMarker,
  BroadcastState,
  BroadcastStats,
  BroadcastStatus,
  BroadcastTarget,
} from '@bulkhead/extension-api';
import type { BroadcastSplice } from '@bulkhead/extension-api/proposed';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import {
  AddMarkerRequest,
  BroadcastMarkersNotification,
  type BroadcastMarkersParams,
  type BroadcastSnapshot,
  BroadcastSnapshotNotification,
  BroadcastSpliceNotification,
  BroadcastTargetNotification,
  isOnAir,
  type OutputSnapshot,
  PluginStartsBroadcastRequest,
  PluginStopsBroadcastRequest,
} from '../protocol/plugin-broadcast.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { deepFreeze } from './deep-freeze.js';
import type { PluginScope } from './plugin-scope.js';

/** An orderly stop includes ending each output's stream at its server. */
const STOP_DEADLINE_MS = 60_000;

const IDLE: BroadcastStatus = deepFreeze({
  state: 'idle',
  uptimeMs: 0,
  stats: {
    videoFrames: 0,
    audioFrames: 0,
    splices: 0,
    lastGapMs: 0,
    maxGapMs: 0,
    encoder: { fps: 0, bitrateKbps: 0, restarts: 0 },
    outputs: [],
  },
});

const NO_MARKERS: readonly BroadcastMarker[] = Object.freeze([]);

/** The `broadcast` of this host's plugins. Its pair in the core is `MainThreadBroadcast`. */
export class ExtHostBroadcast implements Disposable {
  private last: BroadcastSnapshot | undefined;
  private onAir = false;
  private readonly stateEmitter = new Emitter<BroadcastState>();
  private readonly startEmitter = new Emitter<void>();
  private readonly stopEmitter = new Emitter<void>();
  private readonly statsEmitter = new Emitter<BroadcastStats>();
  readonly onDidChangeState: Event<BroadcastState> = this.stateEmitter.event;
  readonly onDidStart: Event<void> = this.startEmitter.event;
  readonly onDidStop: Event<void> = this.stopEmitter.event;
  readonly onDidUpdateStats: Event<BroadcastStats> = this.statsEmitter.event;
  private readonly markerEmitter = new Emitter<BroadcastMarker>();
  readonly onDidAddMarker: Event<BroadcastMarker> = this.markerEmitter.event;
  private readonly targetEmitter = new Emitter<BroadcastTarget | undefined>();
  readonly onDidChangeTarget: Event<BroadcastTarget | undefined> = this.targetEmitter.event;
  /** As last reported by the core; undefined before, too. */
  target: BroadcastTarget | undefined;
  private isTargetKnown = false;
  private readonly spliceEmitter = new Emitter<BroadcastSplice>();
  /** Fires only if one of the host's plugins may use it. */
  readonly onDidSplice: Event<BroadcastSplice> = this.spliceEmitter.event;
  /** As last reported by the core. */
  status: BroadcastStatus = IDLE;
  /** As last reported by the core; undefined before. */
  private knownMarkers: readonly BroadcastMarker[] | undefined;

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(BroadcastSnapshotNotification.type, (snapshot) => this.update(snapshot));
    connection.onNotification(BroadcastTargetNotification.type, ({ target }) => this.takeTarget(target));
    connection.onNotification(BroadcastMarkersNotification.type, (params) => this.takeMarkers(params));
    connection.onNotification(BroadcastSpliceNotification.type, (splice) =>
      this.spliceEmitter.fire(deepFreeze(splice)),
    );
  }

  async start(scope: PluginScope): Promise<void> {
    scope.checkActive();
    await this.connection.sendRequest(PluginStartsBroadcastRequest.type, { plugin: scope.id });
  }

  async stop(scope: PluginScope): Promise<void> {
    scope.checkActive();
    await this.connection.sendRequest(
      PluginStopsBroadcastRequest.type,
      { plugin: scope.id },
      { deadlineMs: STOP_DEADLINE_MS },
    );
  }

  get markers(): readonly BroadcastMarker[] {
    return this.knownMarkers ?? NO_MARKERS;
  }

  async addMarker(scope: PluginScope, label: string): Promise<BroadcastMarker> {
    scope.checkActive();
    if (typeof label !== 'string') throw new TypeError("a marker's label is text");
    return this.connection.sendRequest(AddMarkerRequest.type, { plugin: scope.id, label });
  }

  /** The first one is not news: the host has just been started. */
  private takeTarget(target: BroadcastTarget | null): void {
    const isFirst = !this.isTargetKnown;
    this.isTargetKnown = true;
    this.target = target === null ? undefined : deepFreeze(target);
    if (!isFirst) this.targetEmitter.fire(this.target);
  }

  private takeMarkers({ markers }: BroadcastMarkersParams): void {
    const before = this.knownMarkers;
    this.knownMarkers = deepFreeze(markers);
    if (before === undefined) return;
    const lastId = before.at(-1)?.id ?? 0;
    for (const marker of markers) if (marker.id > lastId) this.markerEmitter.fire(marker);
  }

  private update(snapshot: BroadcastSnapshot): void {
    const previous = this.last;
    const wasOnAir = this.onAir;
    this.last = snapshot;
    this.status = deepFreeze(toStatus(snapshot, previous));
    this.onAir = isOnAir(snapshot.state, wasOnAir);
    if (previous !== undefined) {
      if (snapshot.state !== previous.state) this.stateEmitter.fire(snapshot.state);
      if (this.onAir && !wasOnAir) this.startEmitter.fire();
      if (!this.onAir && wasOnAir) this.stopEmitter.fire();
      this.statsEmitter.fire(this.status.stats);
    }
  }

  dispose(): void {
    for (const emitter of [
      this.stateEmitter,
      this.startEmitter,
      this.stopEmitter,
      this.statsEmitter,
      this.markerEmitter,
      this.targetEmitter,
      this.spliceEmitter,
    ]) {
      emitter.dispose();
    }
  }
}

function toStatus(snapshot: BroadcastSnapshot, previous: BroadcastSnapshot | undefined): BroadcastStatus {
  const { state, uptimeMs, timeline, encoder, error } = snapshot;
  const elapsedMs = previous === undefined ? 0 : snapshot.sampledAtMs - previous.sampledAtMs;
  return {
    state,
    uptimeMs,
    stats: {
      ...timeline,
      encoder,
      outputs: snapshot.outputs.map((output) => {
        const before = previous?.outputs.find(({ id }) => id === output.id);
        return { ...output, bitrateKbps: bitrateKbps(output, before, elapsedMs) };
      }),
    },
    ...(error === undefined ? {} : { error }),
  };
}

/** bit/ms equals kbit/s. */
function bitrateKbps(output: OutputSnapshot, before: OutputSnapshot | undefined, elapsedMs: number): number {
  if (before === undefined || elapsedMs <= 0) return 0;
  return Math.max(0, Math.round(((output.bytesSent - before.bytesSent) * 8) / elapsedMs));
}
