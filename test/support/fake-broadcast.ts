import type { Disposable } from 'vscode-jsonrpc';
import { Emitter } from '../../src/base/event.js';
import type { BroadcastStatus, BroadcastView } from '../../src/core/broadcast/broadcast-view.js';
import { Markers } from '../../src/core/broadcast/markers.js';
import type { MixLevels } from '../../src/protocol/audio.js';
import { BulkheadError, ErrorCodes } from '../../src/protocol/errors.js';
import type { BroadcastSpliceParams, BroadcastTarget } from '../../src/protocol/plugin-broadcast.js';
import type { BroadcastMarker, BroadcastState } from '../../src/protocol/status/status.js';
import { IDLE_STATUS } from './idle-status.js';

/** A broadcast controlled by the test. */
export class FakeBroadcast implements BroadcastView, Disposable {
  private readonly emitter = new Emitter<BroadcastState>();
  readonly onDidChangeState = this.emitter.event;
  private readonly targetEmitter = new Emitter<BroadcastTarget | undefined>();
  readonly onDidChangeTarget = this.targetEmitter.event;
  target: BroadcastTarget | undefined;
  private readonly spliceEmitter = new Emitter<BroadcastSpliceParams>();
  readonly onDidSplice = this.spliceEmitter.event;
  readonly reportSources = new Emitter<void>();
  readonly onDidReportSources = this.reportSources.event;
  readonly measure = new Emitter<MixLevels>();
  readonly onDidMeasure = this.measure.event;
  readonly markers = new Markers();
  current: BroadcastStatus = IDLE_STATUS;

  status(): BroadcastStatus {
    return this.current;
  }

  addMarker(label: string, plugin?: string): BroadcastMarker {
    if (this.current.state !== 'live') throw new BulkheadError(ErrorCodes.broadcastState, 'not on air');
    return this.markers.add(label, this.current.timeline.lastTimestampMs, plugin);
  }

  splice(splice: BroadcastSpliceParams): void {
    this.spliceEmitter.fire(splice);
  }

  setTarget(target: BroadcastTarget | undefined): void {
    this.target = target;
    this.targetEmitter.fire(target);
  }

  startAgain(): void {
    this.become('starting');
    this.become('live');
  }

  async stop(): Promise<void> {
    this.become('stopping');
    this.become('idle');
  }

  become(state: BroadcastState, change: Partial<BroadcastStatus> = {}): void {
    this.current = { ...this.current, ...change, state };
    this.emitter.fire(state);
  }

  dispose(): void {
    this.markers.dispose();
    this.targetEmitter.dispose();
    this.spliceEmitter.dispose();
    this.reportSources.dispose();
    this.measure.dispose();
    this.emitter.dispose();
  }
}
