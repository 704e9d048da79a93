import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../../base/event.js';
import { type BroadcastConfig, LIVE_SERVER_OUTPUT, type OutputConfig } from '../../../config/schema.js';
import type { CutDelayParams, DelayCut, DelayManagement } from '../../../protocol/delay.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import {
  type AddOutputParams,
  DEFAULT_SHOW,
  type OutputList,
  type OutputManagement,
  type OutputParams,
  restoredSentence,
  type SetOutputParams,
} from '../../../protocol/outputs.js';
import type { OutputStatus } from '../../../protocol/status/output-status.js';
import { Log } from '../../log/log.js';
import { type OutputContext, OutputFactory } from '../../publish/output-protocols.js';
import { NoticeSink } from '../../streamer/notice-sink.js';
import { ShowState } from '../kept/show-state.js';
import {
  applyChanges,
  changesOf,
  describeChanges,
  type KeptChanges,
  MAX_OUTPUTS,
  type WantedOutput,
} from './output-changes.js';
import {
  findOutput,
  isStopped,
  nextOutputs,
  type OutputSession,
  publishTo,
  reconfiguredOutputs,
  refuseRenditions,
  refuseReserved,
  update,
  wantedOf,
  wantRenditions,
} from './output-session.js';
import { changedSettings, embeddedOutput, isShownHere, keyed } from './output-settings.js';
import { OutputSlot } from './output-slot.js';
import { OutputSlots } from './output-slots.js';
import type { Renditions } from './renditions.js';
import { withSecrets } from './secrets.js';

/** An output that a start publishes to, unless it is stopped or its secrets are missing. */
interface PreparedOutput extends WantedOutput {
  /** With the secrets in it. */
  readonly resolved?: OutputConfig;
  readonly problem?: BulkheadError;
}

/** What has been read before a broadcast starts. */
export interface PreparedOutputs {
  readonly show: string;
  readonly configured: readonly OutputConfig[];
  readonly context: Omit<OutputContext, 'encodes' | 'notify'>;
  readonly programme: OutputSession['programme'];
  readonly outputs: readonly PreparedOutput[];
  readonly restored: KeptChanges;
}

/**
 * The outputs of the broadcast, as configured and as they are changed on air. What is changed is kept for the show, and restored
 * when the show is started again. Changes are made one after the other.
 */
@injectable()
export class Outputs implements OutputManagement, DelayManagement, Disposable {
  private session: OutputSession | undefined;
  private changing: Promise<unknown> = Promise.resolve();
  private readonly changeEmitter = new Emitter<void>();
  /** The state of an output has changed, or which there are. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;

  constructor(
    @inject(OutputFactory) private readonly createOutput: OutputFactory,
    @inject(ShowState) private readonly state: ShowState,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {}

  /**
   * Reads all secrets.
   *
   * @param kept what was changed on air before
   * @throws BulkheadError `config.secretNotFound` for an output of the configuration
   */
  async prepare(config: BroadcastConfig, show: string, kept: KeptChanges): Promise<PreparedOutputs> {
    const configured = isShownHere(config) ? [...config.outputs, embeddedOutput(config)] : config.outputs;
    const wanted = applyChanges(configured, kept);
    const outputs = await Promise.all(
      wanted.map((output) => prepared(output, configured.includes(output.config))),
    );
    const { input, video, audio, canvases, ffmpeg, delayFolder } = config;
    const programme = { input, video, canvases };
    const kbps = input.type === 'ingest' ? undefined : video.bitrateKbps + audio.bitrateKbps;
    const context = { ffmpeg, delayFolder, kbps, video };
    const restored = changesOf(configured, wanted);
    refuseRenditions({ programme }, wanted);
    return { show, configured, context, programme, outputs, restored };
  }

  /**
   * Begins a broadcast; nothing is published yet. The slots are the caller's to end and to dispose of.
   *
   * @param renditions know what a session with a server begins with
   * @throws BulkheadError `config.invalid`
   */
  open(
    { show, configured, context, programme, outputs, restored }: PreparedOutputs,
    renditions: Renditions,
  ): OutputSlots {
    const slots = new OutputSlots();
    const create = (config: OutputConfig, held?: ConstructorParameters<typeof OutputSlot>[2]) =>
      new OutputSlot(
        config,
        (settings) =>
          this.createOutput(settings, () => renditions.snapshot(settings), {
            ...context,
            encodes: renditions,
            notify: (severity, message) => this.tell(severity, message, settings.id),
          }),
        held,
      );
    try {
      for (const { config, isStopped } of outputs) {
        const waits = { state: 'connecting' } as const;
        slots.add(create(config, isStopped ? undefined : waits));
      }
    } catch (error) {
      slots.dispose();
      throw error;
    }
    this.session = {
      ...{ show, configured, slots, restored: describeChanges(restored), create, embedded: undefined },
      ...{ renditions, programme },
      wanted: outputs.map(({ config, secrets, isStopped }) => ({ config, secrets, isStopped })),
    };
    wantRenditions(this.session);
    slots.onDidChange(() => this.changeEmitter.fire());
    this.changeEmitter.fire();
    return slots;
  }

  /** Publishes to all that are not stopped. */
  begin({ outputs }: PreparedOutputs): void {
    const { session } = this;
    if (session === undefined) return;
    for (const { config, resolved, problem } of outputs) {
      const slot = session.slots.find(config.id);
      if (problem !== undefined) slot?.fail(problem);
      else if (resolved !== undefined) slot?.publish(resolved);
    }
    if (session.restored.length > 0) this.tell('info', restoredSentence(session.restored));
  }

  /** Whether any output that is not stopped takes all tracks of a multitrack publisher. */
  get takeMultitrack(): boolean {
    const { wanted = [] } = this.session ?? {};
    return wanted.some(({ config, isStopped }) => config.multitrack === true && !isStopped);
  }

  /** The embedded live server takes the stream here from now on. At the former place there is no server left to end the stream at. */
  placeEmbedded(url: string): void {
    const { session } = this;
    const slot = session?.slots.find(LIVE_SERVER_OUTPUT);
    if (session === undefined || slot === undefined) return;
    session.embedded = { id: LIVE_SERVER_OUTPUT, type: 'rtmp', url };
    if (!isStopped(session, LIVE_SERVER_OUTPUT)) slot.publish(session.embedded);
  }

  /** The embedded live server cannot be had. */
  failEmbedded(error: BulkheadError): void {
    const { session } = this;
    if (session === undefined || isStopped(session, LIVE_SERVER_OUTPUT)) return;
    session.slots.find(LIVE_SERVER_OUTPUT)?.fail(error);
  }

  /** Refuses changes from now on. What was changed is forgotten where nothing says which show it was. */
  async close(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    this.changeEmitter.fire();
    if (session?.show === DEFAULT_SHOW) await this.keep(session, []);
  }

  /** Empty without a broadcast. */
  statuses(): readonly OutputStatus[] {
    return this.session?.slots.statuses() ?? [];
  }

  async list(): Promise<OutputList> {
    return this.listed(this.session);
  }

  add({ output, secrets }: AddOutputParams): Promise<OutputStatus> {
    return this.change(async (session) => {
      const { id } = output;
      refuseReserved(id);
      if (session.slots.find(id) !== undefined) {
        throw new BulkheadError(ErrorCodes.configInvalid, `there is an output "${id}" already`, {
          where: `outputs.${id}`,
          remedy: 'Choose another id, or change that one with "bulkhead output set".',
        });
      }
      if (session.wanted.length >= MAX_OUTPUTS) {
        throw new BulkheadError(
          ErrorCodes.configInvalid,
          `the broadcast has ${MAX_OUTPUTS} outputs already`,
          {
            where: `outputs.${id}`,
            remedy: 'Remove one with "bulkhead output remove" first.',
          },
        );
      }
      const wanted = { config: keyed(output, secrets), secrets, isStopped: false };
      refuseRenditions(session, [...session.wanted, wanted]);
      const resolved = await withSecrets(output, secrets);
      this.check(session);
      const slot = session.create(resolved);
      slot.publish(resolved);
      session.slots.add(slot);
      session.wanted = [...session.wanted, wanted];
      this.log.info(`output ${id}: added on air`);
      return slot.status();
    });
  }

  set({ id, change, secrets }: SetOutputParams): Promise<OutputStatus> {
    return this.change(async (session) => {
      const slot = findOutput(session, id);
      refuseReserved(id);
      const before = wantedOf(session, id);
      const { config, kept } = changedSettings(before, change, secrets);
      refuseRenditions(
        session,
        session.wanted.map((other) => (other === before ? { ...before, config } : other)),
      );
      const resolved = await withSecrets(config, kept);
      this.check(session);
      const checking = session.create(resolved);
      checking.dispose();
      if (before.isStopped) {
        slot.show(config);
      } else {
        await slot.leave({ state: 'connecting' });
        this.check(session);
        slot.publish(resolved);
      }
      update(session, { config, secrets: kept, isStopped: before.isStopped });
      this.log.info(`output ${id}: changed on air`);
      return slot.status();
    });
  }

  remove({ id }: OutputParams): Promise<OutputStatus> {
    return this.change(async (session) => {
      const slot = findOutput(session, id);
      refuseReserved(id);
      await slot.leave({ state: 'stopped' });
      this.check(session);
      session.wanted = session.wanted.filter(({ config }) => config.id !== id);
      const status = slot.status();
      session.slots.remove(slot);
      this.log.info(`output ${id}: removed on air`);
      return status;
    });
  }

  stop({ id }: OutputParams): Promise<OutputStatus> {
    return this.change(async (session) => {
      const slot = findOutput(session, id);
      update(session, { ...wantedOf(session, id), isStopped: true });
      await slot.leave({ state: 'stopped' });
      this.log.info(`output ${id}: stopped on air`);
      return slot.status();
    });
  }

  start({ id }: OutputParams): Promise<OutputStatus> {
    return this.change((session) => this.startIn(session, id));
  }

  reset(): Promise<OutputList> {
    return this.change(async (session) => {
      const asConfigured = session.configured.map((config) => ({ config, isStopped: false }));
      await publishTo(session, asConfigured, () => this.check(session));
      this.log.info('outputs: as configured again');
      return this.listed(session);
    });
  }

  /** Not after other changes, which may wait for servers. */
  async cutDelay({ seconds }: CutDelayParams): Promise<DelayCut> {
    const publishing = this.check(this.session).slots.all.filter((slot) => slot.isPublishing);
    const lastMs = seconds === undefined ? undefined : seconds * 1000;
    const cuts = publishing.map((slot) => ({ id: slot.id, removed: slot.cut(lastMs) }));
    const undelayed = cuts.flatMap(({ id, removed }) => (removed === undefined ? [id] : []));
    const done = await Promise.all(cuts.map(({ removed }) => removed));
    const removed = done.filter((one) => one !== undefined);
    for (const { id, removedMs } of removed) this.log.info(`output ${id}: ${removedMs} ms were cut`);
    return { removed, undelayed };
  }

  /**
   * Whether the outputs of another configuration could be published to.
   *
   * @throws BulkheadError `config.secretNotFound`, `config.invalid`, `broadcast.state`
   */
  async checkReconfiguration(config: BroadcastConfig): Promise<void> {
    const session = this.check(this.session);
    const { wanted } = await reconfiguredOutputs(session, config.outputs);
    await nextOutputs(session, wanted);
  }

  /**
   * The configuration says something else now. What was changed on air stays where it says the same as before.
   *
   * @returns whether any output has changed
   * @throws BulkheadError like `checkReconfiguration`: then nothing has changed
   */
  reconfigure(config: BroadcastConfig): Promise<boolean> {
    return this.change(async (session) => {
      const { configured, wanted } = await reconfiguredOutputs(session, config.outputs);
      const hasChanged = await publishTo(session, wanted, () => this.check(session));
      session.configured = configured;
      return hasChanged;
    });
  }

  private async startIn(session: OutputSession, id: string): Promise<OutputStatus> {
    const slot = findOutput(session, id);
    const wanted = wantedOf(session, id);
    const { state } = slot.status();
    if (state !== 'stopped' && state !== 'failed') return slot.status();
    const started = { ...wanted, isStopped: false };
    refuseRenditions(
      session,
      session.wanted.map((other) => (other === wanted ? started : other)),
    );
    const settings =
      id === LIVE_SERVER_OUTPUT ? session.embedded : await withSecrets(wanted.config, wanted.secrets);
    this.check(session);
    update(session, started);
    if (settings === undefined) await slot.leave({ state: 'connecting' });
    else slot.publish(settings);
    this.log.info(`output ${id}: started on air`);
    return slot.status();
  }

  private listed(session: OutputSession | undefined): OutputList {
    if (session === undefined) return { show: DEFAULT_SHOW, outputs: [], changes: [], restored: [] };
    const { show, slots, configured, wanted, restored } = session;
    const changes = describeChanges(changesOf(configured, wanted));
    return { show, outputs: slots.statuses(), changes, restored };
  }

  /** One change after the other. Resolves when it has been made and kept. */
  private change<T>(work: (session: OutputSession) => Promise<T>): Promise<T> {
    const made = this.changing.then(async () => {
      const session = this.check(this.session);
      const wasSupervised = session.slots.isSupervised;
      session.slots.isSupervised = true;
      try {
        const result = await work(session);
        wantRenditions(session);
        const hasEnded = session !== this.session;
        if (!hasEnded || session.show !== DEFAULT_SHOW) {
          await this.keep(session, changesOf(session.configured, session.wanted));
        }
        return result;
      } catch (error) {
        session.slots.isSupervised = wasSupervised;
        throw error;
      }
    });
    this.changing = made.catch(() => {});
    return made;
  }

  /** @throws BulkheadError `broadcast.state` when the broadcast has ended, also meanwhile */
  private check(session: OutputSession | undefined): OutputSession {
    if (session !== undefined && session === this.session) return session;
    throw new BulkheadError(
      ErrorCodes.broadcastState,
      'no broadcast is on air whose outputs could be changed',
      {
        remedy:
          'Start one with "bulkhead live" or "bulkhead start"; outputs for it belong in the configuration.',
      },
    );
  }

  /** A change that cannot be kept has been made all the same. */
  private async keep({ show }: OutputSession, changes: KeptChanges): Promise<void> {
    try {
      await this.state.write(show, { outputs: changes });
    } catch (error) {
      this.tell('warning', BulkheadError.from(error, ErrorCodes.storageFailed).sentence);
    }
  }

  private tell(severity: 'info' | 'warning', message: string, source = 'outputs'): void {
    this.notices.notice({ severity, source, message });
    this.log[severity === 'warning' ? 'warn' : 'info'](`${source}: ${message}`);
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}

/** A secret that is missing fails the start where the configuration names it, and else only the output. */
async function prepared(output: WantedOutput, isConfigured: boolean): Promise<PreparedOutput> {
  const { config, secrets, isStopped: stopped } = output;
  if (stopped || config.id === LIVE_SERVER_OUTPUT) return output;
  try {
    return { ...output, resolved: await withSecrets(config, secrets) };
  } catch (error) {
    if (isConfigured) throw error;
    return { ...output, problem: BulkheadError.from(error) };
  }
}
