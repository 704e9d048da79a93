import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { printable } from '../../base/printable.js';
import { RateLimiter } from '../../base/rate-limiter.js';
import { encodeSettingsOf, ingestsOf } from '../../config/ingests.js';
import type { BroadcastConfig } from '../../config/schema.js';
import type { IngestState, IngestStatus, InputStatus, NoticeParams } from '../../protocol/control.js';
import type { MediaAddress } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { IngestOpenParams, IngestRefusedParams } from '../../protocol/ingest.js';
import type { IngestSettings } from '../../protocol/live-server.js';
import { Log } from '../log/log.js';
import { MediaSockets } from '../media-sockets/media-sockets.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { EncoderStub } from '../stubs/encoder-stub.js';
import { hashKey, type IngestHandler, LiveServerStub } from '../stubs/live-server-stub.js';
import type { EpochOptions, EpochWriter } from '../timeline/timeline.js';
import { StubbedFallback } from './fallback-encoder.js';
import { ingestKey } from './ingest-keys.js';
import { PassThrough } from './pass-through.js';
import { publisherAdvice } from './publisher-advice.js';
import { PublisherSession } from './publisher-session.js';
import type { StreamMeasures } from './stream-meter.js';

/** Delay after which advice about a publisher's stream is reported, ms. */
const ADVISE_AFTER_MS = 15_000;

/** Limits the reports of refusals, since any program can try keys. */
const REFUSALS = { burst: 5, perSecond: 0.1 };

/** State of one broadcast with ingests. */
interface Reception {
  readonly config: BroadcastConfig;
  readonly passThrough: PassThrough | undefined;
  readonly fallback: StubbedFallback;
  readonly takesMultitrack: () => boolean;
}

/** The publisher that is passed through. */
interface Current {
  readonly number: number;
  readonly session: PublisherSession;
  readonly advising: NodeJS.Timeout;
  /** Whether it has been on air. */
  joined: boolean;
}

/**
 * Accepts publishers for the broadcast: each one accepted by the live server gets a media socket and an epoch on the timeline.
 */
@injectable()
export class Ingests implements Disposable {
  private reception: Reception | undefined;
  private current: Current | undefined;
  /** Publishers of this broadcast that have been on air, and the measurements of the last one. */
  private sessions = 0;
  private measured: StreamMeasures | undefined;
  private missingSinceMs = 0;
  private readonly refusals = new RateLimiter(REFUSALS);

  constructor(
    @inject(LiveServerStub)
    private readonly liveServer: Pick<LiveServerStub, 'endPublisher' | 'ingestUrl'>,
    @inject(MediaSockets) private readonly sockets: MediaSockets,
    @inject(EncoderStub) private readonly encoder: Pick<EncoderStub, 'start' | 'stop' | 'warmUp'>,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Log,
  ) {}

  /**
   * Reads the keys of a configuration's ingests.
   *
   * @throws BulkheadError like `ingestKey`
   */
  prepare(config: BroadcastConfig): Promise<readonly IngestSettings[]> {
    return Promise.all(
      ingestsOf(config).map(async (ingest) => {
        const { id, secondPublisher, maxBitrateKbps } = ingest;
        return { id, secondPublisher, maxBitrateKbps, key: hashKey(await ingestKey(ingest)) };
      }),
    );
  }

  /**
   * Accepts publishers from now on, and goes on air with the fallback if one of them is the input.
   *
   * @param settings from `prepare`
   * @param takesMultitrack whether some output takes all tracks of a publisher
   * @returns the settings for the live server; undefined without ingests
   */
  start(
    config: BroadcastConfig,
    settings: readonly IngestSettings[],
    beginEpoch: (options?: EpochOptions) => EpochWriter,
    takesMultitrack: () => boolean,
  ): IngestHandler | undefined {
    if (settings.length === 0) return undefined;
    const fallback = new StubbedFallback(this.encoder, config.ffmpeg);
    const passThrough =
      config.input.type === 'ingest'
        ? new PassThrough({ fallback: fallbackOf(config), encoder: fallback, beginEpoch })
        : undefined;
    this.reception = { config, passThrough, fallback, takesMultitrack };
    this.sessions = 0;
    this.measured = undefined;
    this.missingSinceMs = performance.now();
    passThrough?.start();
    return {
      settings,
      open: (publisher) => this.open(publisher, beginEpoch),
      refused: (refusal) => this.refused(refusal),
    };
  }

  /** Stops accepting publishers. Resolves when the fallback's encoder is no longer used. */
  async stop(): Promise<void> {
    const { reception } = this;
    this.reception = undefined;
    this.sessions = 0;
    this.forget();
    reception?.passThrough?.dispose();
    await reception?.fallback.end();
  }

  /**
   * Whether the broadcast continues without an encoder: there is a publisher, or there was one, whose last frame is repeated.
   */
  get carries(): boolean {
    return this.current !== undefined || this.sessions > 0;
  }

  status(): IngestStatus[] {
    const { reception } = this;
    if (reception === undefined) return [];
    return ingestsOf(reception.config).map(({ id, key }) => {
      const ingest = { id, url: this.liveServer.ingestUrl ?? '', hasMadeKey: key === undefined };
      if (!isInput(reception, id)) {
        return { ...ingest, state: 'waiting', bitrateKbps: 0, sessions: 0, advice: [] };
      }
      const measures = this.current?.session.measures() ?? this.measured;
      const { skewMs, bitrateKbps = 0, tracks: _, ...rest } = measures ?? {};
      return {
        ...ingest,
        state: this.state(),
        ...rest,
        ...{ skewMs, bitrateKbps: this.current === undefined ? 0 : bitrateKbps, sessions: this.sessions },
        advice: measures === undefined ? [] : this.adviceOn(measures),
      };
    });
  }

  /** The input's state if it is an ingest; undefined if it is not. */
  inputStatus(): InputStatus | undefined {
    const { input } = this.reception?.config ?? {};
    if (input?.type !== 'ingest') return undefined;
    const state = this.state();
    return {
      name: printable(`ingest ${input.ingest}`),
      state: state === 'live' ? 'delivering' : state,
      missingMs: state === 'live' ? 0 : Math.round(performance.now() - this.missingSinceMs),
      loops: false,
    };
  }

  dispose(): void {
    this.forget();
    this.reception?.passThrough?.dispose();
    this.reception = undefined;
  }

  private state(): IngestState {
    if (this.current?.session.isDelivering === true) return 'live';
    return this.sessions === 0 ? 'waiting' : 'lost';
  }

  private async open(
    { ingest, session: number, program, address }: IngestOpenParams,
    beginEpoch: (options?: EpochOptions) => EpochWriter,
  ): Promise<MediaAddress> {
    const { reception } = this;
    if (reception?.passThrough === undefined || !isInput(reception, ingest)) {
      throw new BulkheadError(ErrorCodes.ingestRefused, `the broadcast does not use the ingest "${ingest}"`, {
        where: `ingests.${ingest}`,
        remedy: 'Name it as the "input" of the configuration.',
      });
    }
    this.forget();
    const socket = this.sockets.open();
    const session = new PublisherSession(socket, beginEpoch, `ingests.${ingest}`);
    const advising = setTimeout(() => this.advise(session, ingest), ADVISE_AFTER_MS);
    const current: Current = { number, session, advising, joined: false };
    this.current = current;
    const from = `${printable(program)} at ${printable(address)}`;
    this.log.info(`ingest ${ingest}: a publisher has connected: ${from}`);
    session.onDidJoin(() => this.joined(ingest, current));
    session.onDidFallSilent(() => this.lost(ingest, 'is connected but sends no frames'));
    reception.passThrough.take(session, (reason) => this.ended(ingest, number, session, reason));
    return socket.address;
  }

  private joined(ingest: string, current: Current): void {
    if (current.joined) {
      this.notify('info', ingest, 'The publisher is on air again.');
      return;
    }
    current.joined = true;
    this.sessions += 1;
    const { session } = current;
    const { videoCodec, audioCodec, width, height } = session.measures();
    const size = width === undefined ? '' : ` ${width}×${height}`;
    const sound = audioCodec === undefined ? 'no sound' : audioCodec;
    this.notify('info', ingest, `The publisher is on air: ${videoCodec ?? 'video'}${size}, ${sound}.`);
  }

  private ended(
    ingest: string,
    number: number,
    session: PublisherSession,
    reason: BulkheadError | undefined,
  ): void {
    this.measured = session.measures();
    if (this.current?.session === session) {
      clearTimeout(this.current.advising);
      this.current = undefined;
    }
    if (reason === undefined) {
      this.lost(ingest, 'has disconnected');
    } else {
      this.liveServer.endPublisher(number, reason);
      this.missingSinceMs = performance.now();
      this.notify('warning', ingest, reason.sentence, reason.code);
    }
  }

  private lost(ingest: string, what: string): void {
    this.missingSinceMs = performance.now();
    this.notify('warning', ingest, `The publisher ${what}. The broadcast stays on air until it is back.`);
  }

  private adviceOn(measures: StreamMeasures): string[] {
    return publisherAdvice(measures, this.reception?.takesMultitrack() === true);
  }

  private advise(session: PublisherSession, ingest: string): void {
    for (const advice of this.adviceOn(session.measures())) this.notify('warning', ingest, advice);
  }

  private refused({ ingest, address, error }: IngestRefusedParams): void {
    if (!this.refusals.take()) return;
    const { message, remedy, code } = error;
    const sentence = printable(`${message} (from ${address}). ${remedy ?? ''}`.trim());
    this.notify('warning', ingest, `A publisher was refused: ${sentence}`, code);
  }

  private notify(
    severity: NoticeParams['severity'],
    ingest: string | undefined,
    message: string,
    code?: string,
  ): void {
    const source = ingest ?? 'ingest';
    this.notices.notice({ severity, source, message });
    this.log[severity === 'warning' ? 'warn' : severity](`${source}: ${message}`, { code });
  }

  private forget(): void {
    clearTimeout(this.current?.advising);
    this.current = undefined;
  }
}

function isInput({ config: { input } }: Reception, ingest: string): boolean {
  return input.type === 'ingest' && input.ingest === ingest;
}

/** A fallback is played until the publisher returns. */
function fallbackOf(config: BroadcastConfig): ReturnType<typeof encodeSettingsOf> {
  const settings = encodeSettingsOf(config);
  return 'loop' in settings.input ? { ...settings, input: { ...settings.input, loop: true } } : settings;
}
