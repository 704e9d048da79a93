import type { Disposable } from 'vscode-jsonrpc';
import { withDeadline } from '../../../base/with-deadline.js';
import type { EnhancedBroadcasting } from '../../../config/enhanced-broadcasting.js';
import type { RtmpConfig } from '../../../config/schema.js';
import { codecOf } from '../../../config/video-codec.js';
import { isExtraKind, type StreamTag } from '../../../media/stream-tag.js';
import { BulkheadError } from '../../../protocol/errors.js';
import type { OutputContext } from '../output-protocols.js';
import type { PublicationEnd } from '../publication.js';
import type { Destination, OutputTimings, PublishAttempt } from '../published-output.js';
import { type OpenMediaSession, RtmpDestination } from '../rtmp/rtmp-output.js';
import { RtmpSession } from '../rtmp/rtmp-session.js';
import { secretsOf } from '../rtmp/server-reason.js';
import { askConfiguration, NoConfigurationError } from './ask-configuration.js';
import { chooseTracks } from './choose-tracks.js';
import { configurationRequest, readAnswer } from './client-configuration.js';
import { MultitrackStream, type MultitrackStreamHooks } from './multitrack-stream.js';
import { plainText } from './plain-text.js';
import { type PublishAddress, publishAddress } from './publish-address.js';

/** How long encoders may take until all tracks have begun, ms: they are started, and begin with the programme's next keyframe. */
const READY_MS = 20_000;
/** How often a server may accept the tracks and close at once. */
const MOST_CLOSED = 2;

/** Why the programme alone is published, as the streamer reads it. */
class NoTracksError extends Error {
  override readonly name = 'NoTracksError';
}

/** What the tracks are, and where they are published to. */
interface Multitrack {
  readonly stream: MultitrackStream;
  readonly destination: RtmpDestination;
}

export interface EnhancedHooks extends Pick<MultitrackStreamHooks, 'onTag'> {
  /** The session with several tracks has to end. */
  onGiveUp(): void;
}

/**
 * Where the tracks go, or else the programme. With the first attempt, the platform is asked what it wants; what it has answered counts until a server
 * refuses it. Where several tracks turn out to be impossible, the programme is published alone from then on, which is said once.
 */
export class EnhancedDestination implements Destination, Disposable {
  readonly timings: OutputTimings;
  hooks: EnhancedHooks | undefined;
  private readonly single: RtmpDestination;
  private multitrack: Multitrack | undefined;
  /** Whether several tracks have been live. */
  private isProven = false;
  private isSingle = false;
  /** Why the platform could not be asked, which it will be with the next attempt. */
  private unanswered: string | undefined;
  private closedAtOnce = 0;

  /** @throws {BulkheadError} `config.invalid` for an invalid address */
  constructor(
    private readonly config: RtmpConfig,
    private readonly enhanced: EnhancedBroadcasting,
    private readonly startingPoint: () => StreamTag[],
    private readonly context: OutputContext,
    private readonly openSession: OpenMediaSession = RtmpSession.open,
  ) {
    this.single = new RtmpDestination(config, openSession);
    const { timings } = this.single;
    this.timings = { ...timings, openMs: 2 * timings.openMs + READY_MS };
  }

  get stream(): MultitrackStream | undefined {
    return this.multitrack?.stream;
  }

  get shownUrl(): string {
    return this.single.shownUrl;
  }

  /** A session of several tracks begins where they have a keyframe together. */
  get catchUpMs(): number {
    return this.multitrack === undefined ? this.single.catchUpMs : 0;
  }

  /** A bitrate that follows the network would change one track of several. */
  get tellsFlow(): boolean {
    return this.multitrack === undefined;
  }

  takes({ kind }: StreamTag): boolean {
    return this.multitrack !== undefined || !isExtraKind(kind);
  }

  attempt(last: PublicationEnd | undefined): PublishAttempt {
    if (last?.kind === 'lost' && last.atOnce) this.wasClosedAtOnce();
    let inner = (this.multitrack?.destination ?? this.single).attempt(last);
    let mayHelp = false;
    return {
      open: async (signal) => {
        if (this.multitrack === undefined && !this.isSingle) {
          const multitrack = await this.prepare(signal);
          inner = (multitrack?.destination ?? this.single).attempt(undefined);
        }
        return inner.open(signal);
      },
      failed: (error) => {
        const failure = inner.failed(error);
        mayHelp = inner.isPermanent(failure) && this.wasRefused(failure);
        return failure;
      },
      isPermanent: (error) => inner.isPermanent(error) && !mayHelp,
      stalled: (seconds) => inner.stalled(seconds),
      closedAtOnce: () => inner.closedAtOnce(),
      slow: () => inner.slow(),
    };
  }

  /** What is published is on air. */
  wentLive(): void {
    if (this.multitrack !== undefined) this.isProven = true;
    else if (this.unanswered !== undefined) this.giveUp(this.unanswered);
  }

  dispose(): void {
    this.isSingle = true;
    this.drop();
  }

  private async prepare(signal: AbortSignal): Promise<Multitrack | undefined> {
    try {
      const multitrack = await this.ask(signal);
      this.multitrack = multitrack;
      await this.begun(multitrack.stream, signal);
      this.unanswered = undefined;
      return multitrack;
    } catch (error) {
      if (signal.aborted) this.drop();
      signal.throwIfAborted();
      if (error instanceof NoConfigurationError) this.unanswered = error.message;
      else this.giveUp(error instanceof NoTracksError ? error.message : BulkheadError.from(error).message);
      return undefined;
    }
  }

  /** @throws NoConfigurationError, NoTracksError */
  private async ask(signal: AbortSignal): Promise<Multitrack> {
    const { enhanced, context, single } = this;
    const { video, encodes, notify } = context;
    const { streamKey, secure } = single.configured;
    if (codecOf(video.encoder) !== 'h264') throw new NoTracksError('"video.encoder" is none of H.264');
    if (encodes.spare === 0)
      throw new NoTracksError('other outputs take the encodes that a broadcast may have');
    const maxTracks = Math.min(enhanced.maxTracks, encodes.spare + 1);
    const body = configurationRequest(streamKey, { ...enhanced, maxTracks, video });
    const text = await askConfiguration(enhanced.url, body, single.configured, signal);
    const answer = readAnswer(text);
    const secrets = secretsOf(single.configured);
    if (answer.kind === 'refused') {
      throw new NoTracksError(`the platform says: ${plainText(answer.reason.html, secrets)}`);
    }
    if (answer.kind === 'invalid') {
      throw new NoTracksError(`the platform's answer cannot be used: ${answer.problem}`);
    }
    const { configuration, warning } = answer;
    if (warning !== undefined) notify('warning', `The platform says: ${plainText(warning.html, secrets)}`);
    const limits = { video, maxTracks, maxBitrateKbps: enhanced.maxBitrateKbps, spare: encodes.spare };
    const { tracks, problems } = chooseTracks(configuration.encoder_configurations, limits);
    if (tracks.length < 2) throw new NoTracksError(reasonOf(problems));
    const address = publishAddress(configuration, streamKey, secure);
    if (address === undefined) {
      throw new NoTracksError(`the platform names no ${secure ? 'RTMPS' : 'RTMP'} address`);
    }
    const destination = this.destinationAt(address);
    const sizes = tracks.map(
      ({ width, height, bitrateKbps }) => `${width}x${height} at ${bitrateKbps} kbit/s`,
    );
    const leftOut = problems.length === 0 ? '' : `. Others are left out: ${problems.join('; ')}`;
    notify('info', `Enhanced Broadcasting with ${tracks.length} video tracks: ${sizes.join(', ')}${leftOut}`);
    const stream = new MultitrackStream(tracks, { encodes, fps: video.fps }, this.startingPoint(), {
      onTag: (tag) => this.hooks?.onTag(tag),
      onShort: () => {
        this.giveUp('this computer is too slow for all tracks; "maxTracks" sets fewer');
        this.hooks?.onGiveUp();
      },
    });
    return { stream, destination };
  }

  private destinationAt({ url, key }: PublishAddress): RtmpDestination {
    const login = { username: undefined, password: undefined };
    try {
      const options = { ...this.config, ...login, url, key, multitrack: true };
      return new RtmpDestination(options, this.openSession, this.single.configured);
    } catch {
      throw new NoTracksError('the platform names an address that is none');
    }
  }

  private async begun({ ready }: MultitrackStream, signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await withDeadline(Promise.race([ready, aborted]), READY_MS, () => {
      throw new NoTracksError(
        `not all tracks have begun within ${READY_MS / 1000} s; this computer may be too slow, for which "maxTracks" sets fewer`,
      );
    });
    signal.throwIfAborted();
  }

  /** The server may close because of the tracks. */
  private wasClosedAtOnce(): void {
    if (this.multitrack === undefined || this.isProven) return;
    this.closedAtOnce += 1;
    if (this.closedAtOnce >= MOST_CLOSED) this.giveUp('the server accepts the tracks, and closes at once');
  }

  /**
   * A server has refused what the platform has configured. If it has worked before, it is asked for anew.
   *
   * @returns whether the next attempt is another one
   */
  private wasRefused({ message }: BulkheadError): boolean {
    if (this.multitrack === undefined) return false;
    if (this.isProven) this.drop();
    else this.giveUp(message);
    this.isProven = false;
    return true;
  }

  private giveUp(reason: string): void {
    if (this.isSingle) return;
    this.isSingle = true;
    this.drop();
    this.context.notify(
      'warning',
      `Enhanced Broadcasting is not used: ${reason}. One video track is published.`,
    );
  }

  private drop(): void {
    this.multitrack?.stream.dispose();
    this.multitrack = undefined;
  }
}

function reasonOf(problems: readonly string[]): string {
  return problems.length === 0
    ? 'the platform asks for one track only'
    : `of the tracks that the platform asks for, too few can be made: ${problems.join('; ')}`;
}
