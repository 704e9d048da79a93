import type { Disposable } from 'vscode-jsonrpc';
import { printable } from '../../base/printable.js';
import type { NoticeParams } from '../../protocol/control.js';
import type { MediaAddress } from '../../protocol/encoder.js';
import type { BulkheadError } from '../../protocol/errors.js';
import type { IngestOpenParams } from '../../protocol/ingest.js';
import type { IngestStatus } from '../../protocol/status/ingest-status.js';
import type { Log } from '../log/log.js';
import type { MediaSockets } from '../media-sockets/media-sockets.js';
import type { EpochOptions, EpochWriter } from '../timeline/timeline.js';
import { publisherAdvice } from './publisher-advice.js';
import { PublisherSession } from './publisher-session.js';
import type { StreamMeasures } from './stream-meter.js';

/** Delay after which advice about a publisher's stream is reported, ms. */
const ADVISE_AFTER_MS = 15_000;

/** What becomes of the stream that is published to an ingest. */
export interface PublisherTarget extends Disposable {
  /** Whether it is passed through, and not decoded. */
  readonly passesThrough: boolean;
  /** Opens the epoch of a publisher. */
  beginEpoch(options: EpochOptions): EpochWriter;
  /** Takes a publisher, which is disposed of at its end, in place of the previous one, which is disconnected. */
  take(publisher: PublisherSession, onEnd: (reason: BulkheadError | undefined) => void): void;
}

/** What the ingests of a broadcast have in common. */
export interface IngestServices {
  readonly sockets: MediaSockets;
  readonly log: Log;
  readonly notify: (
    severity: NoticeParams['severity'],
    ingest: string,
    message: string,
    code?: string,
  ) => void;
  /** Disconnects a publisher; the reason is sent to it. */
  readonly endPublisher: (session: number, reason: BulkheadError) => void;
  /** Whether some output takes all tracks of a publisher. */
  readonly takesMultitrack: () => boolean;
}

/** The publisher of an ingest. */
interface Current {
  readonly number: number;
  readonly session: PublisherSession;
  readonly advising: NodeJS.Timeout;
  /** Whether it has been on air. */
  joined: boolean;
}

type MeasuredStatus = Omit<IngestStatus, 'id' | 'url' | 'hasMadeKey'>;

/** An ingest that the broadcast uses: its publisher, what that sends, and what the streamer is told about it. */
export class UsedIngest implements Disposable {
  private current: Current | undefined;
  /** Publishers of this broadcast that have been on air, and the measurements of the last one. */
  private sessions = 0;
  private measured: StreamMeasures | undefined;
  private missingSinceMs = performance.now();

  constructor(
    private readonly id: string,
    private readonly target: PublisherTarget,
    private readonly services: IngestServices,
  ) {}

  /** Whether there is a publisher, or there was one. */
  get hasHadPublisher(): boolean {
    return this.current !== undefined || this.sessions > 0;
  }

  get passesThrough(): boolean {
    return this.target.passesThrough;
  }

  /** How long nothing has been delivered, ms; 0 while something is. */
  get missingMs(): number {
    return this.state === 'live' ? 0 : Math.round(performance.now() - this.missingSinceMs);
  }

  get state(): IngestStatus['state'] {
    if (this.current?.session.isDelivering === true) return 'live';
    return this.sessions === 0 ? 'waiting' : 'lost';
  }

  /** Accepts a publisher. @returns where to send its FLV */
  open({ session: number, program, address }: IngestOpenParams): Promise<MediaAddress> {
    const { id, target, services } = this;
    this.forget();
    const socket = services.sockets.open();
    const session = new PublisherSession(socket, (options) => target.beginEpoch(options), `ingests.${id}`);
    const advising = setTimeout(() => this.advise(session), ADVISE_AFTER_MS);
    const current: Current = { number, session, advising, joined: false };
    this.current = current;
    services.log.info(
      `ingest ${id}: a publisher has connected: ${printable(program)} at ${printable(address)}`,
    );
    session.onDidJoin(() => this.joined(current));
    session.onDidFallSilent(() => this.lost('is connected but sends no frames'));
    target.take(session, (reason) => this.ended(number, session, reason));
    return socket.address;
  }

  status(): MeasuredStatus {
    const measures = this.current?.session.measures() ?? this.measured;
    const { skewMs, bitrateKbps = 0, tracks: _, ...rest } = measures ?? {};
    return {
      state: this.state,
      ...rest,
      ...{ skewMs, bitrateKbps: this.current === undefined ? 0 : bitrateKbps, sessions: this.sessions },
      advice: measures === undefined ? [] : this.adviceOn(measures),
    };
  }

  dispose(): void {
    this.forget();
    this.target.dispose();
  }

  private joined(current: Current): void {
    const verb = this.passesThrough ? 'is on air' : 'delivers';
    if (current.joined) {
      this.services.notify('info', this.id, `The publisher ${verb} again.`);
      return;
    }
    current.joined = true;
    this.sessions += 1;
    const { videoCodec, audioCodec, width, height } = current.session.measures();
    const size = width === undefined ? '' : ` ${width}×${height}`;
    const what = `${videoCodec ?? 'video'}${size}, ${audioCodec ?? 'no sound'}`;
    this.services.notify('info', this.id, `The publisher ${verb}: ${what}.`);
  }

  private ended(number: number, session: PublisherSession, reason: BulkheadError | undefined): void {
    this.measured = session.measures();
    if (this.current?.session === session) this.forget();
    if (reason === undefined) {
      this.lost('has disconnected');
    } else {
      this.services.endPublisher(number, reason);
      this.missingSinceMs = performance.now();
      this.services.notify('warning', this.id, reason.sentence, reason.code);
    }
  }

  private lost(what: string): void {
    this.missingSinceMs = performance.now();
    this.services.notify(
      'warning',
      this.id,
      `The publisher ${what}. The broadcast stays on air until it is back.`,
    );
  }

  private adviceOn(measures: StreamMeasures): string[] {
    const { passesThrough, services } = this;
    return publisherAdvice(measures, { passesThrough, takesMultitrack: services.takesMultitrack() });
  }

  private advise(session: PublisherSession): void {
    for (const advice of this.adviceOn(session.measures())) this.services.notify('warning', this.id, advice);
  }

  private forget(): void {
    clearTimeout(this.current?.advising);
    this.current = undefined;
  }
}
