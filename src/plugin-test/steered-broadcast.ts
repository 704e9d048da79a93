import type { StatsChange, TargetChange } from '@bulkhead/extension-api/testing';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter } from '../base/event.js';
import type { BroadcastStatus, BroadcastView } from '../core/broadcast/broadcast-view.js';
import { Markers } from '../core/broadcast/markers.js';
import type { MixLevels, SoundLevels } from '../protocol/audio.js';
import type { SourceStatus } from '../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { BroadcastSpliceParams, BroadcastTarget } from '../protocol/plugin-broadcast.js';
import type { BroadcastMarker, BroadcastState } from '../protocol/status/status.js';
import { SteeredOutputs } from './steered-outputs.js';

/** Media pause when an encoder is replaced, ms. */
const GAP_MS = 200;
/** How often levels are measured, ms. */
const LEVELS_MS = 50;
export const SILENCE: SoundLevels = { peakDbfs: null, rmsDbfs: null, shortTermLufs: null };
/** AAC at 48 kHz, frames a second. */
const AUDIO_FPS = 48_000 / 1024;

/** A broadcast without media, in place of the core's: the test sets its state, its counters follow the clock. */
export class SteeredBroadcast implements BroadcastView, Disposable {
  private readonly stateEmitter = new Emitter<BroadcastState>();
  readonly onDidChangeState = this.stateEmitter.event;
  private readonly targetEmitter = new Emitter<BroadcastTarget | undefined>();
  readonly onDidChangeTarget = this.targetEmitter.event;
  /** What the next broadcast is encoded to, as far as that is known; see `target`. */
  private configured: BroadcastTarget | undefined;
  target: BroadcastTarget | undefined;
  private readonly spliceEmitter = new Emitter<BroadcastSpliceParams>();
  readonly onDidSplice = this.spliceEmitter.event;
  private readonly sourcesEmitter = new Emitter<void>();
  readonly onDidReportSources = this.sourcesEmitter.event;
  private measuring: NodeJS.Timeout | undefined;
  private readonly levelsEmitter = new Emitter<MixLevels>({
    onFirstListenerAdd: () => {
      this.measuring = setInterval(() => this.measure(), LEVELS_MS);
    },
    onLastListenerRemove: () => clearInterval(this.measuring),
  });
  readonly onDidMeasure = this.levelsEmitter.event;
  /** As the test sets it. */
  levels: MixLevels = { mix: SILENCE, sources: {} };
  readonly markers = new Markers();
  private current: BroadcastState = 'idle';
  private sources: readonly SourceStatus[] = [];
  private stats = { fps: 30, bitrateKbps: 2500 };
  private startedAtMs = 0;
  private countedAtMs = 0;
  private counters = counters();
  readonly outputs: SteeredOutputs;

  /** @param outputs ids of them */
  constructor(outputs: readonly string[] = ['main']) {
    this.outputs = new SteeredOutputs(outputs);
  }

  get state(): BroadcastState {
    return this.current;
  }

  status(): BroadcastStatus {
    this.count();
    const { restarts, videoFrames, audioFrames } = this.counters;
    const { fps, bitrateKbps } = this.stats;
    const onAir = this.current === 'live' || this.current === 'reconnecting';
    const uptimeMs = this.current === 'idle' ? 0 : Date.now() - this.startedAtMs;
    const gapMs = restarts === 0 ? 0 : GAP_MS;
    return {
      state: this.current,
      uptimeMs,
      encoder: {
        pid: 0,
        ...{ videoPid: 0, audioPid: 0, heldVideoPid: 0, heldAudioPid: 0 },
        ...{ queuedFrames: 0, skippedSlots: 0, repeatedFrames: 0 },
        epoch: restarts,
        restarts,
        state: onAir ? 'running' : 'stopped',
        isolated: true,
        fps: onAir ? fps : 0,
        bitrateKbps: onAir ? bitrateKbps : 0,
      },
      sources: this.current === 'idle' ? [] : this.sources,
      canvases: [],
      ingests: [],
      outputs: this.outputs.statuses(),
      timeline: {
        videoFrames: Math.floor(videoFrames),
        audioFrames: Math.floor(audioFrames),
        lastTimestampMs: uptimeMs,
        splices: restarts,
        slates: restarts,
        lastGapMs: gapMs,
        maxGapMs: gapMs,
        transitP99Ms: 0,
      },
      markers: this.markers.list(),
    };
  }

  addMarker(label: string, plugin?: string): BroadcastMarker {
    this.requireOnAir('a marker can be set');
    return this.markers.add(label, Date.now() - this.startedAtMs, plugin);
  }

  startAgain(): void {
    if (this.current !== 'idle') {
      throw new BulkheadError(ErrorCodes.broadcastState, `the broadcast is ${this.current}`);
    }
    this.startedAtMs = Date.now();
    this.countedAtMs = this.startedAtMs;
    this.counters = counters();
    this.markers.clear();
    this.outputs.begin();
    this.changeTarget(this.configured);
    this.become('starting');
    this.outputs.connect(undefined);
    this.become('live');
  }

  async stop(): Promise<void> {
    if (this.current === 'idle') return;
    this.become('stopping');
    this.changeTarget(undefined);
    this.outputs.end();
    this.become('idle');
  }

  /** What broadcasts are encoded to. */
  presetTarget(target: BroadcastTarget | undefined): void {
    this.configured = target;
  }

  setTarget({ video, audio }: TargetChange): void {
    const { target } = this;
    if (target === undefined) {
      throw new BulkheadError(ErrorCodes.broadcastState, 'nothing is encoded', {
        remedy: 'It has to be on air before its target can change.',
      });
    }
    this.changeTarget({ video: { ...target.video, ...video }, audio: { ...target.audio, ...audio } });
  }

  private changeTarget(target: BroadcastTarget | undefined): void {
    this.target = target;
    this.targetEmitter.fire(target);
  }

  /** @param id of all outputs without it */
  breakOutput(id: string | undefined): void {
    this.requireOnAir('its output can break');
    this.outputs.lose(id, 'reconnecting');
    this.become(this.outputs.isAnyLive ? 'live' : 'reconnecting');
  }

  failOutput(id: string, error: string): void {
    this.requireOnAir('its output can fail');
    this.outputs.lose(id, 'failed', error);
    this.become(this.outputs.isAnyLive ? 'live' : 'reconnecting');
  }

  reconnect(id: string | undefined): void {
    this.requireOnAir('its output can be connected again');
    this.outputs.connect(id);
    this.become('live');
  }

  killEncoder(): void {
    this.requireOnAir('its encoder can be killed');
    this.counters.restarts += 1;
    this.spliceEmitter.fire({ gapMs: GAP_MS, timestampMs: Date.now() - this.startedAtMs });
    this.become(this.current);
  }

  /** As the encoder does while it encodes. */
  private measure(): void {
    if (this.current === 'live' || this.current === 'reconnecting') this.levelsEmitter.fire(this.levels);
  }

  reportSources(sources: readonly SourceStatus[]): void {
    this.sources = sources;
    this.sourcesEmitter.fire();
  }

  /** @param output of all outputs without it */
  setStats(change: StatsChange, output: string | undefined): void {
    this.count();
    const { fps = this.stats.fps, bitrateKbps = this.stats.bitrateKbps } = change;
    this.stats = { fps, bitrateKbps };
    this.outputs.setStats(output, change);
  }

  private become(state: BroadcastState): void {
    this.count();
    this.current = state;
    this.stateEmitter.fire(state);
  }

  /** Counts what was sent since the last call. */
  private count(): void {
    const nowMs = Date.now();
    const seconds = (nowMs - this.countedAtMs) / 1000;
    this.countedAtMs = nowMs;
    if (this.current !== 'live') return;
    this.counters.videoFrames += seconds * this.stats.fps;
    this.counters.audioFrames += seconds * AUDIO_FPS;
    this.outputs.count(seconds, this.stats.bitrateKbps);
  }

  private requireOnAir(what: string): void {
    if (this.current === 'live' || this.current === 'reconnecting') return;
    throw new BulkheadError(ErrorCodes.broadcastState, `the broadcast is ${this.current}`, {
      remedy: `It has to be on air before ${what}.`,
    });
  }

  dispose(): void {
    clearInterval(this.measuring);
    this.levelsEmitter.dispose();
    for (const item of [
      this.outputs,
      this.stateEmitter,
      this.targetEmitter,
      this.spliceEmitter,
      this.sourcesEmitter,
      this.markers,
    ])
      item.dispose();
  }
}

function counters() {
  return { restarts: 0, videoFrames: 0, audioFrames: 0 };
}
