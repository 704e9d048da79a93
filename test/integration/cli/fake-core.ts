import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc/node';
import { type BroadcastConfig, BroadcastConfigSchema } from '../../../src/config/schema.js';
import { listenOnControlSocket } from '../../../src/core/control/control-socket.js';
import {
  NoticeNotification,
  type NoticeParams,
  ReconfigureBroadcastRequest,
  type Reconfigured,
  RunCommandRequest,
  ShutdownCoreRequest,
  StartBroadcastRequest,
  StatusRequest,
  StopBroadcastRequest,
} from '../../../src/protocol/control.js';
import {
  type EncoderSettings,
  type EncoderSettingsChange,
  SetEncoderRequest,
} from '../../../src/protocol/encoder-settings.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import {
  AddOutputRequest,
  ListOutputsRequest,
  RemoveOutputRequest,
  SetOutputRequest,
  StartOutputRequest,
  StopOutputRequest,
} from '../../../src/protocol/outputs.js';
import { AnswerQuestionRequest } from '../../../src/protocol/questions.js';
import {
  ListSettingsRequest,
  ResetSettingsRequest,
  SavedSettingRequest,
  SetSettingRequest,
} from '../../../src/protocol/settings.js';
import type { BroadcastState, Status } from '../../../src/protocol/status/status.js';
import { StatusChangedNotification, SubscribeRequest } from '../../../src/protocol/status-changes.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { fakeOutputs } from '../../support/fake-outputs.js';
import { fakeSettings } from '../../support/fake-settings.js';
import { IDLE_STATUS } from '../../support/idle-status.js';

export const IDLE: Status = {
  ...IDLE_STATUS,
  mode: 'attach',
  core: { ...IDLE_STATUS.core, pid: process.pid },
  encoder: {
    ...IDLE_STATUS.encoder,
    pid: 12,
    videoPid: 13,
    audioPid: 14,
    epoch: 1,
    state: 'running',
    fps: 30,
    bitrateKbps: 2500,
  },
};

/** Serves the control API as a core does, and does nothing else. Tests change what it says. */
export class FakeCore implements Disposable {
  status: Status = IDLE;
  /** Methods as they were called. */
  readonly received: string[] = [];
  config: BroadcastConfig | undefined;
  /** Makes `broadcast/start` fail. */
  refusal: BulkheadError | undefined;
  /** The answer to questions that is refused. */
  refusedAnswer: string | undefined;
  /** How long ending a broadcast takes, ms. */
  stopMs = 0;
  outputs = fakeOutputs();
  settings = fakeSettings();
  reconfigure: (config: BroadcastConfig) => Reconfigured = () => ({ applied: [], needsRestart: [] });
  setEncoder: (change: EncoderSettingsChange) => EncoderSettings = () => BroadcastConfigSchema.parse({});
  onShutdown: () => void = () => {};
  private readonly watchers = new Set<RpcConnection>();
  private readonly held: Disposable[] = [];

  /** Listens at an address, as a core does. */
  async listen(address: string): Promise<void> {
    this.status = { ...this.status, address };
    this.held.push(await listenOnControlSocket(address, (socket) => this.serve(socket)));
  }

  serve(stream: Duplex): RpcConnection {
    const client = new RpcConnection(stream, { peer: 'client' });
    this.held.push(client);
    client.onDidClose(() => this.watchers.delete(client));
    const on = <R>(method: string, result: () => R) => {
      return () => {
        this.received.push(method);
        return result();
      };
    };
    client.onRequest(
      StatusRequest.type,
      on(StatusRequest.method, () => this.status),
    );
    client.onRequest(
      SubscribeRequest.type,
      on(SubscribeRequest.method, () => {
        this.watchers.add(client);
        return this.status;
      }),
    );
    client.onRequest(StartBroadcastRequest.type, ({ config }) => {
      this.received.push(StartBroadcastRequest.method);
      if (this.refusal !== undefined) throw this.refusal;
      if (this.status.state !== 'idle') throw new BulkheadError(ErrorCodes.broadcastState, 'already live');
      this.config = config;
      this.change('starting');
      setImmediate(() => this.change('live'));
      return this.status;
    });
    client.onRequest(
      StopBroadcastRequest.type,
      on(StopBroadcastRequest.method, () => this.end()),
    );
    client.onRequest(ReconfigureBroadcastRequest.type, ({ config }) => this.reconfigure(config));
    client.onRequest(ListSettingsRequest.type, () => this.settings.list());
    client.onRequest(SetSettingRequest.type, (params) => this.settings.set(params));
    client.onRequest(ResetSettingsRequest.type, () => this.settings.reset());
    client.onRequest(SavedSettingRequest.type, (params) => this.settings.noteSaved(params));
    client.onRequest(SetEncoderRequest.type, (change) => this.setEncoder(change));
    client.onRequest(ListOutputsRequest.type, () => this.outputs.list());
    client.onRequest(AddOutputRequest.type, (params) => this.outputs.add(params));
    client.onRequest(SetOutputRequest.type, (params) => this.outputs.set(params));
    client.onRequest(RemoveOutputRequest.type, (params) => this.outputs.remove(params));
    client.onRequest(StopOutputRequest.type, (params) => this.outputs.stop(params));
    client.onRequest(StartOutputRequest.type, (params) => this.outputs.start(params));
    client.onRequest(RunCommandRequest.type, ({ command, arguments: args }) => {
      if (command === 'echo') return args;
      throw new BulkheadError(ErrorCodes.commandNotFound, `there is no command "${command}"`, {
        where: command,
      });
    });
    client.onRequest(AnswerQuestionRequest.type, ({ id, answer }) => {
      if (answer !== null && answer === this.refusedAnswer)
        throw new BulkheadError(ErrorCodes.configInvalid, 'too short');
      this.received.push(`${id}: ${answer}`);
      return null;
    });
    client.onRequest(
      ShutdownCoreRequest.type,
      on(ShutdownCoreRequest.method, async () => {
        await this.end();
        setImmediate(() => this.onShutdown());
        return null;
      }),
    );
    client.listen();
    return client;
  }

  change(state: BroadcastState, more: Omit<Partial<Status>, 'revision'> = {}): void {
    const previous = this.status.revision;
    const revision = previous + 1;
    const changes = { ...more, state };
    this.status = { ...this.status, ...changes, revision };
    // After the answers to what is being asked, as the core does it.
    setImmediate(() => {
      for (const watcher of this.watchers) {
        watcher.sendNotification(StatusChangedNotification.type, { previous, revision, changes });
      }
    });
  }

  notice(notice: Omit<NoticeParams, 'atMs'>): void {
    const params = { ...notice, atMs: Date.now() };
    for (const watcher of this.watchers) watcher.sendNotification(NoticeNotification.type, params);
  }

  dispose(): void {
    for (const item of this.held) item.dispose();
  }

  private async end(): Promise<Status> {
    if (this.status.state === 'idle') return this.status;
    this.change('stopping');
    await new Promise((resolve) => setTimeout(resolve, this.stopMs));
    this.change('idle');
    return this.status;
  }
}
