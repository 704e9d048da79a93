import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import type { BroadcastConfig } from '../../../config/schema.js';
import { BulkheadError } from '../../../protocol/errors.js';
import type { AdaptiveBitrateStatus } from '../../../protocol/status/encoder-status.js';
import { Log } from '../../log/log.js';
import type { OutputFlow } from '../../publish/output.js';
import { EncoderStub } from '../../stubs/encoder-stub.js';
import { RateController } from './rate-controller.js';

/** An output as far as the bitrate follows it. */
export interface FollowedOutput {
  readonly id: string;
  /** Whether the bitrate follows it. */
  readonly isFollowed: boolean;
  /** How it takes what it is sent; undefined while it is not live. */
  flow(): OutputFlow | undefined;
}

const TICK_MS = 250;
/** An output that has taken nothing for so long is not slow but lost for now: the others need not wait for it, ms. */
const LOST_MS = 5000;
/** Until a change that the encoder has refused is tried again, ms. */
const RETRY_MS = 2000;
/** Of the bitrate of the settings, where they say no other, and at least, kbit/s. */
const LEAST_SHARE = 0.25;
const LEAST_KBPS = 150;

/** What one broadcast has. */
interface Session {
  readonly outputs: () => readonly FollowedOutput[];
  readonly controllers: Map<string, RateController>;
  readonly timer: NodeJS.Timeout;
  readonly soundKbps: number;
  readonly leastKbps: number;
  mostKbps: number;
  kbps: number;
  slowest: string | undefined;
  notBeforeMs: number;
}

/** Has the encoder's bitrate follow the slowest output that is live, down to the least that the settings allow. */
@injectable()
export class AdaptiveBitrate implements Disposable {
  private session: Session | undefined;
  /** The change that the encoder makes at present. */
  private changing: Promise<void> | undefined;
  private paused = false;

  constructor(
    @inject(EncoderStub) private readonly encoder: Pick<EncoderStub, 'reconfigure'>,
    @inject(Log) private readonly log: Pick<Log, 'info' | 'debug'>,
  ) {}

  /** Begins to follow the outputs, if the settings say so. */
  start({ video, audio }: BroadcastConfig, outputs: () => readonly FollowedOutput[]): void {
    this.stop();
    if (!video.adaptiveBitrate) return;
    const mostKbps = video.bitrateKbps;
    this.session = {
      ...{ outputs, mostKbps, kbps: mostKbps, soundKbps: audio.bitrateKbps },
      leastKbps: leastOf(mostKbps, video.minBitrateKbps),
      controllers: new Map(),
      timer: setInterval(() => this.tick(), TICK_MS),
      slowest: undefined,
      notBeforeMs: 0,
    };
  }

  stop(): void {
    clearInterval(this.session?.timer);
    this.session = undefined;
  }

  /** The bitrate of the settings; undefined where it is not followed. */
  get mostKbps(): number | undefined {
    return this.session?.mostKbps;
  }

  /**
   * Changes nothing while the streamer does.
   * @param change resolves with the bitrate of the settings from now on, kbit/s; undefined if it is as before
   */
  async pausedFor<T>(change: () => Promise<T>, bitrateOf: (changed: T) => number | undefined): Promise<T> {
    this.paused = true;
    try {
      await this.changing;
      const changed = await change();
      const kbps = bitrateOf(changed);
      if (kbps !== undefined && this.session !== undefined) this.setMost(this.session, kbps);
      return changed;
    } finally {
      this.paused = false;
    }
  }

  status(): AdaptiveBitrateStatus | undefined {
    if (this.session === undefined) return undefined;
    const { kbps, leastKbps, mostKbps, slowest } = this.session;
    return {
      bitrateKbps: kbps,
      leastKbps,
      mostKbps,
      ...(kbps < mostKbps && slowest !== undefined ? { slowest } : {}),
    };
  }

  private setMost(session: Session, kbps: number): void {
    session.mostKbps = kbps;
    session.kbps = kbps;
    const limits = { mostKbps: kbps, leastKbps: Math.min(session.leastKbps, kbps) };
    for (const controller of session.controllers.values()) controller.setLimits(limits);
  }

  private tick(): void {
    const { session } = this;
    if (session === undefined) return;
    const nowMs = performance.now();
    let slowest: { readonly id: string; readonly kbps: number } | undefined;
    for (const output of session.outputs()) {
      const flow = output.isFollowed ? output.flow() : undefined;
      if (flow === undefined || flow.stalledMs > LOST_MS) continue;
      const { kbps: encodedKbps, soundKbps } = session;
      const kbps = controllerOf(session, output.id).take({ nowMs, ...flow }, encodedKbps, soundKbps);
      if (slowest === undefined || kbps < slowest.kbps) slowest = { id: output.id, kbps };
    }
    if (slowest === undefined || this.paused || this.changing !== undefined || nowMs < session.notBeforeMs)
      return;
    if (slowest.kbps !== session.kbps) this.changing = this.change(session, slowest.kbps, slowest.id);
  }

  /** Never rejects. */
  private async change(session: Session, kbps: number, id: string): Promise<void> {
    const before = session.kbps;
    try {
      await this.encoder.reconfigure({ video: { bitrateKbps: kbps } });
      session.kbps = kbps;
      session.slowest = id;
      const why = kbps < before ? `the output ${id} carries no more` : `the output ${id} may carry more`;
      this.log.info(`bitrate: ${before} → ${kbps} kbit/s, since ${why}`);
    } catch (error) {
      session.notBeforeMs = performance.now() + RETRY_MS;
      this.log.debug(`bitrate: not ${kbps} kbit/s: ${BulkheadError.from(error).message}`);
    } finally {
      this.changing = undefined;
    }
  }

  dispose(): void {
    this.stop();
  }
}

function controllerOf({ controllers, mostKbps, leastKbps }: Session, id: string): RateController {
  const existing = controllers.get(id);
  if (existing !== undefined) return existing;
  const controller = new RateController({ mostKbps, leastKbps: Math.min(leastKbps, mostKbps) });
  controllers.set(id, controller);
  return controller;
}

function leastOf(mostKbps: number, configured: number | undefined): number {
  return Math.min(mostKbps, configured ?? Math.max(LEAST_KBPS, Math.round(LEAST_SHARE * mostKbps)));
}
