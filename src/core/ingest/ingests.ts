import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { printable } from '../../base/printable.js';
import { RateLimiter } from '../../base/rate-limiter.js';
import { decodedIngestsOf, encodeSettingsOf, ingestsOf } from '../../config/ingests.js';
import type { BroadcastConfig } from '../../config/schema.js';
import type { StreamTag } from '../../media/stream-tag.js';
import type { NoticeParams } from '../../protocol/control.js';
import type { MediaAddress } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { IngestOpenParams, IngestRefusedParams } from '../../protocol/ingest.js';
import type { IngestSettings } from '../../protocol/live-server.js';
import type { InputStatus } from '../../protocol/status/encoder-status.js';
import type { IngestStatus } from '../../protocol/status/ingest-status.js';
import { Log } from '../log/log.js';
import { MediaSockets } from '../media-sockets/media-sockets.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { EncoderStub } from '../stubs/encoder-stub.js';
import { hashKey, type IngestHandler, LiveServerStub } from '../stubs/live-server-stub.js';
import type { EpochOptions, EpochWriter } from '../timeline/timeline.js';
import { StubbedFallback } from './fallback-encoder.js';
import { ingestKey } from './ingest-keys.js';
import { MeasuredPublisher } from './measured-publisher.js';
import { PassThrough } from './pass-through.js';
import { type IngestServices, type PublisherTarget, UsedIngest } from './used-ingest.js';

/** Limits the reports of refusals, since any program can try keys. */
const REFUSALS = { burst: 5, perSecond: 0.1 };

/** A tag of a publisher, before it is decoded. */
export interface PublishedTag {
  readonly ingest: string;
  readonly tag: StreamTag;
  /** What `performance.now()` was at the time 0 of its timestamps. */
  readonly beganAtMs: number;
}

/** State of one broadcast with ingests. */
interface Reception {
  readonly config: BroadcastConfig;
  /** The ingests that it uses, by id. */
  readonly used: ReadonlyMap<string, UsedIngest>;
  /** Those of them that are decoded. */
  readonly decoded: ReadonlyMap<string, MeasuredPublisher>;
  /** Encodes the fallback of what is passed through. */
  readonly fallback: StubbedFallback;
}

/**
 * Accepts publishers for the broadcast. Each one accepted by the live server gets a media socket: what is the input is passed through as an
 * epoch on the timeline; what is decoded as a source is measured here, and read by the encoder from the live server.
 */
@injectable()
export class Ingests implements Disposable {
  private reception: Reception | undefined;
  private readonly refusals = new RateLimiter(REFUSALS);
  private readonly publishedEmitter = new Emitter<PublishedTag>();
  /** What is published to ingests that are decoded, as it has come. */
  readonly onDidPublish: Event<PublishedTag> = this.publishedEmitter.event;

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
    const decoded = decodedIngestsOf(config);
    return Promise.all(
      ingestsOf(config).map(async (ingest) => {
        const { id, secondPublisher, maxBitrateKbps } = ingest;
        const key = hashKey(await ingestKey(ingest));
        return { id, secondPublisher, maxBitrateKbps, key, decoded: decoded.includes(id) };
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
    const { input } = config;
    const fallback = new StubbedFallback(this.encoder, config.ffmpeg);
    const services: IngestServices = {
      sockets: this.sockets,
      log: this.log,
      notify: (...notice) => this.notify(...notice),
      endPublisher: (session, reason) => this.liveServer.endPublisher(session, reason),
      takesMultitrack,
    };
    const targets = new Map<string, PublisherTarget>();
    let passThrough: PassThrough | undefined;
    if (input.type === 'ingest') {
      passThrough = new PassThrough({ fallback: fallbackOf(config), encoder: fallback, beginEpoch });
      targets.set(input.ingest, passThrough);
    }
    const decoded = new Map(
      decodedIngestsOf(config).map((id) => {
        const publisher = new MeasuredPublisher((tag, beganAtMs) =>
          this.publishedEmitter.fire({ ingest: id, tag, beganAtMs }),
        );
        return [id, publisher] as const;
      }),
    );
    for (const [id, publisher] of decoded) targets.set(id, publisher);
    const used = Array.from(targets, ([id, target]) => [id, new UsedIngest(id, target, services)] as const);
    this.reception = { config, fallback, used: new Map(used), decoded };
    passThrough?.start();
    return {
      settings,
      open: (publisher) => this.open(publisher),
      refused: (refusal) => this.refused(refusal),
    };
  }

  /** Stops accepting publishers. Resolves when the fallback's encoder is no longer used. */
  async stop(): Promise<void> {
    const { reception } = this;
    this.dispose();
    await reception?.fallback.end();
  }

  /**
   * Whether the broadcast continues without an encoder: there is a publisher that is passed through, or there was one, whose last frame is
   * repeated.
   */
  get carries(): boolean {
    return this.usedOnes().some(({ passesThrough, hasHadPublisher }) => passesThrough && hasHadPublisher);
  }

  status(): IngestStatus[] {
    const { reception } = this;
    if (reception === undefined) return [];
    return ingestsOf(reception.config).map(({ id, key }) => {
      const ingest = { id, url: this.liveServer.ingestUrl ?? '', hasMadeKey: key === undefined };
      const used = reception.used.get(id)?.status();
      return { ...ingest, ...(used ?? { state: 'waiting', bitrateKbps: 0, sessions: 0, advice: [] }) };
    });
  }

  /** What a recording of an ingest that is decoded begins with. */
  headersOf(ingest: string): readonly StreamTag[] {
    return this.reception?.decoded.get(ingest)?.snapshot() ?? [];
  }

  /** The input's state if it is an ingest; undefined if it is not. */
  inputStatus(): InputStatus | undefined {
    const { config, used } = this.reception ?? {};
    if (config?.input.type !== 'ingest') return undefined;
    const { ingest } = config.input;
    const { state = 'waiting', missingMs = 0 } = used?.get(ingest) ?? {};
    return {
      name: printable(`ingest ${ingest}`),
      state: state === 'live' ? 'delivering' : state,
      missingMs,
      loops: false,
    };
  }

  dispose(): void {
    const used = this.usedOnes();
    this.reception = undefined;
    for (const ingest of used) ingest.dispose();
  }

  private usedOnes(): UsedIngest[] {
    return [...(this.reception?.used.values() ?? [])];
  }

  private async open(publisher: IngestOpenParams): Promise<MediaAddress> {
    const { ingest } = publisher;
    const used = this.reception?.used.get(ingest);
    if (used !== undefined) return used.open(publisher);
    throw new BulkheadError(ErrorCodes.ingestRefused, `the broadcast does not use the ingest "${ingest}"`, {
      where: `ingests.${ingest}`,
      remedy: 'Name it as the "input" of the configuration, or in the one of its "sources" that is on air.',
    });
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
}

/** A fallback is played until the publisher returns. */
function fallbackOf(config: BroadcastConfig): ReturnType<typeof encodeSettingsOf> {
  const settings = encodeSettingsOf(config);
  return 'loop' in settings.input ? { ...settings, input: { ...settings.input, loop: true } } : settings;
}
