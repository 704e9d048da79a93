import sinon from 'sinon';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter } from '../../../src/base/event.js';
import {
  type BroadcastConfig,
  BroadcastConfigSchema,
  type OutputConfig,
} from '../../../src/config/schema.js';
import { AdaptiveBitrate } from '../../../src/core/broadcast/adaptive/adaptive-bitrate.js';
import { Broadcast, type StartStep } from '../../../src/core/broadcast/broadcast.js';
import type {
  BroadcastEncoder,
  BroadcastIngests,
  BroadcastLiveServer,
} from '../../../src/core/broadcast/broadcast-parts.js';
import { LiveCollection } from '../../../src/core/broadcast/collection/live-collection.js';
import { Overlays } from '../../../src/core/broadcast/collection/overlays.js';
import { PluginOverlays } from '../../../src/core/broadcast/collection/plugin-overlays.js';
import { SceneAudio } from '../../../src/core/broadcast/collection/scene-audio.js';
import { SceneSources } from '../../../src/core/broadcast/collection/scene-sources.js';
import { Scenes } from '../../../src/core/broadcast/collection/scenes.js';
import { Outputs } from '../../../src/core/broadcast/outputs/outputs.js';
import type { EncoderStub } from '../../../src/core/stubs/encoder-stub.js';
import type { IngestHandler, LiveServerOptions } from '../../../src/core/stubs/live-server-stub.js';
import type { EpochWriter } from '../../../src/core/timeline/timeline.js';
import type { MixLevels } from '../../../src/protocol/audio.js';
import type { NoticeParams } from '../../../src/protocol/control.js';
import type { EncoderStartParams, SourceStatus } from '../../../src/protocol/encoder.js';
import type { BulkheadError } from '../../../src/protocol/errors.js';
import type { IngestSettings, LiveServerStartResult } from '../../../src/protocol/live-server.js';
import type { BroadcastState, Status } from '../../../src/protocol/status/status.js';
import { FakeOutput } from '../../support/fake-output.js';
import { MemoryShowState } from '../../support/fake-outputs.js';
import { FakeRecordings } from '../../support/fake-recordings.js';
import { FakeReplays } from '../../support/fake-replays.js';
import { AAC_HEADER, aacFrame, avcFrame, avcHeader, FLV_PREAMBLE, flvTag } from '../../support/flv.js';
import { IDLE_STATUS } from '../../support/idle-status.js';
import { SILENT_LOG } from '../../support/silent-log.js';

/** An encoder whose runs and failures are what the test says. */
export class FakeEncoder implements BroadcastEncoder, Disposable {
  readonly finish = new Emitter<void>();
  readonly onDidFinish = this.finish.event;
  readonly giveUp = new Emitter<BulkheadError>();
  readonly onDidGiveUp = this.giveUp.event;
  readonly crash = new Emitter<BulkheadError>();
  readonly onDidCrash = this.crash.event;
  readonly recoverInput = new Emitter<number>();
  readonly onDidRecoverInput = this.recoverInput.event;
  readonly fallBehind = new Emitter<BulkheadError>();
  readonly onDidFallBehind = this.fallBehind.event;
  readonly catchUp = new Emitter<string>();
  readonly onDidCatchUp = this.catchUp.event;
  readonly problem = new Emitter<BulkheadError>();
  readonly onDidHaveProblem = this.problem.event;
  readonly start = sinon.stub<[EncoderStartParams, () => EpochWriter], void>();
  readonly stop = sinon.stub<[], Promise<void>>().resolves();
  readonly reconfigure = sinon.stub<
    Parameters<BroadcastEncoder['reconfigure']>,
    ReturnType<BroadcastEncoder['reconfigure']>
  >();
  readonly setRenditions = sinon.stub<Parameters<EncoderStub['setRenditions']>, Promise<void>>().resolves();
  readonly setStage = sinon.stub<Parameters<EncoderStub['setStage']>, Promise<void>>().resolves();
  readonly restartSource = sinon.stub<Parameters<EncoderStub['restartSource']>, Promise<void>>().resolves();
  readonly playSource = sinon.stub<Parameters<EncoderStub['playSource']>, Promise<void>>().resolves();
  readonly snapshot = sinon.stub<Parameters<EncoderStub['snapshot']>, Promise<string>>().resolves('');
  readonly status = () => IDLE_STATUS.encoder;
  readonly inputStatus = () => undefined;
  sources: () => readonly SourceStatus[] = () => [];
  levels: MixLevels | undefined;
  readonly measure = new Emitter<MixLevels>();
  readonly onDidMeasure = this.measure.event;
  readonly reportSources = new Emitter<void>();
  readonly onDidReportSources = this.reportSources.event;
  readonly canvases = () => [{ id: 'main', width: 1280, height: 720, fps: 30 }];

  /** An encoder run of the last start that has delivered headers, a keyframe and a sound. */
  deliver(): EpochWriter {
    const epoch = this.start.lastCall.args[1]();
    const tags = [
      flvTag({ kind: 'video', ms: 0, payload: avcHeader(1) }),
      flvTag({ kind: 'audio', ms: 0, payload: AAC_HEADER }),
      flvTag({ kind: 'video', ms: 0, payload: avcFrame('keyframe', 1) }),
      flvTag({ kind: 'audio', ms: 0, payload: aacFrame(1) }),
    ];
    epoch.write(Buffer.concat([FLV_PREAMBLE, ...tags]), performance.now());
    return epoch;
  }

  dispose(): void {
    const { finish, giveUp, crash, recoverInput, fallBehind, catchUp, problem, reportSources } = this;
    const events = [finish, giveUp, crash, recoverInput, fallBehind, catchUp, problem, reportSources];
    for (const emitter of events) emitter.dispose();
  }
}

const ADDRESSES: LiveServerStartResult = {
  rtmpPort: 1935,
  httpPort: 8000,
  publishUrl: 'rtmp://127.0.0.1:1935/live/stream',
  playUrl: 'rtmp://127.0.0.1:1935/live/stream',
  pageUrl: 'http://127.0.0.1:8000/',
  ingestUrl: 'rtmp://127.0.0.1:1935/ingest',
};

/** A live server that is there at once. */
export class FakeLiveServer implements BroadcastLiveServer, Disposable {
  readonly move = new Emitter<string>();
  readonly onDidMove = this.move.event;
  readonly loseAddress = new Emitter<BulkheadError>();
  readonly onDidLoseAddress = this.loseAddress.event;
  readonly start = sinon.stub<[LiveServerOptions], Promise<LiveServerStartResult>>().resolves(ADDRESSES);
  readonly stop = sinon.stub<[], Promise<void>>().resolves();
  status: Status['liveServer'];

  dispose(): void {
    this.move.dispose();
    this.loseAddress.dispose();
  }
}

/** Ingests that nobody has configured. */
export class FakeIngests implements BroadcastIngests {
  readonly prepare = sinon.stub<[BroadcastConfig], Promise<readonly IngestSettings[]>>().resolves([]);
  readonly start = sinon.stub<Parameters<BroadcastIngests['start']>, IngestHandler | undefined>();
  readonly stop = sinon.stub<[], Promise<void>>().resolves();
  readonly status = () => [];
  readonly inputStatus = () => undefined;
  readonly onDidPublish = () => ({ dispose: () => {} });
  readonly headersOf = () => [];
  carries = false;
}

/** A broadcast among fakes, and all that can be seen of it. */
export class BroadcastStage implements Disposable {
  readonly encoder = new FakeEncoder();
  readonly liveServer = new FakeLiveServer();
  readonly ingests = new FakeIngests();
  /** All that were started, in order, and with which key; and all that were made. */
  readonly outputs: FakeOutput[] = [];
  readonly keys: (string | undefined)[] = [];
  readonly made: FakeOutput[] = [];
  readonly configs: OutputConfig[] = [];
  readonly notices: Omit<NoticeParams, 'atMs'>[] = [];
  readonly states: BroadcastState[] = [];
  readonly step = {
    check: sinon.stub<[], Promise<void>>().resolves(),
    apply: sinon.stub<Parameters<StartStep['apply']>, void>(),
  } satisfies StartStep;
  readonly state = new MemoryShowState();
  readonly management: Outputs;
  readonly pluginOverlays = new PluginOverlays();
  readonly collection: LiveCollection;
  readonly scenes: Scenes;
  readonly sources: SceneSources;
  readonly audio: SceneAudio;
  readonly overlays: Overlays;
  readonly recordings = new FakeRecordings();
  readonly replays = new FakeReplays();
  readonly broadcast: Broadcast;

  constructor() {
    this.management = new Outputs(
      (config) => {
        const { id, url, key } = config;
        this.configs.push(config);
        const output = new FakeOutput(id, url);
        output.start.callsFake(() => {
          this.outputs.push(output);
          this.keys.push(key);
        });
        this.made.push(output);
        return output;
      },
      this.state,
      { notice: (notice) => this.notices.push(notice) },
      SILENT_LOG,
    );
    const notices = { notice: (notice: Omit<NoticeParams, 'atMs'>) => this.notices.push(notice) };
    this.collection = new LiveCollection(this.encoder, this.state, notices, SILENT_LOG, this.pluginOverlays);
    this.scenes = new Scenes(this.collection);
    this.sources = new SceneSources(this.collection, this.encoder);
    this.audio = new SceneAudio(this.collection);
    this.overlays = new Overlays(this.collection);
    this.broadcast = new Broadcast(
      this.encoder,
      this.liveServer,
      this.ingests,
      this.management,
      this.collection,
      this.recordings,
      this.replays,
      this.state,
      { push: () => {}, packet: () => {}, note: () => {} },
      notices,
      SILENT_LOG,
      new AdaptiveBitrate(this.encoder, SILENT_LOG),
    );
    this.broadcast.onDidChangeState((state) => this.states.push(state));
  }

  start(config: BroadcastConfig, show?: string): Promise<void> {
    return this.broadcast.start(config, this.step, show);
  }

  /** The newest output with this id that was started. */
  output(id: string): FakeOutput {
    const output = this.outputs.findLast((candidate) => candidate.id === id);
    if (output === undefined) throw new Error(`no output ${id} was started`);
    return output;
  }

  async end(): Promise<void> {
    await this.broadcast.stop();
    this.dispose();
  }

  dispose(): void {
    this.broadcast.dispose();
    this.encoder.dispose();
    this.liveServer.dispose();
    this.collection.dispose();
    this.pluginOverlays.dispose();
  }
}

/** A configuration with these outputs. */
export function configOf(ids: readonly string[], change: object = {}): BroadcastConfig {
  const outputs = ids.map((id) => ({ id, url: 'rtmp://live.example/app' }));
  return BroadcastConfigSchema.parse({ outputs, ...change });
}
