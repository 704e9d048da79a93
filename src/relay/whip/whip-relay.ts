import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { rootCertificates } from 'node:tls';
import { withDeadline } from '../../base/with-deadline.js';
import type { FfmpegExit } from '../../encoder/ffmpeg-errors.js';
import { findFfmpeg } from '../../encoder/ffmpeg-resolver.js';
import { LogForwarder } from '../../encoder/log-forwarder.js';
import { parseAudioPayload } from '../../media/audio-payload.js';
import { FlvDemuxer, type FlvTag } from '../../media/flv-demuxer.js';
import { avcConfigOf, parseVideoPayload } from '../../media/video-payload.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { PartLogNotification } from '../../protocol/lifecycle.js';
import {
  RelayEndedNotification,
  RelayOpenedNotification,
  RelayProgressNotification,
  type RelaySecrets,
  type RelayStarted,
  type RelayStartParams,
  type WhipTarget,
} from '../../protocol/relay.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import type { RunningRelay } from '../running-relay.js';
import { FeedbackWatch } from './feedback-watch.js';
import { MediaSender } from './media-sender.js';
import { OpusEncoder } from './opus-encoder.js';
import { OFFERED, Peer, type WebRtcLibrary } from './peer.js';
import { acceptedTracks, announcesBFrames, checkAccepted, profileLevelId } from './session-description.js';
import { loadWebRtc } from './web-rtc-library.js';
import { offerSession, type WhipSession } from './whip-endpoint.js';

/** How often progress and RTCP reports are sent, ms. */
const REPORT_MS = 500;
/** How long it may take, once the server has answered, until media can be sent, ms. */
const CONNECT_MS = 10_000;

const B_FRAMES = new BulkheadError(
  ErrorCodes.outputCodec,
  'the stream has B-frames, which players of WebRTC cannot show',
  {
    remedy:
      'Set "bFrames" to 0 in "video", or in the encoder that publishes; or give the output a "video" of its own.',
  },
);

/** Relays one stream by WHIP: H.264 as it is, sound as Opus. */
export class WhipRelay implements RunningRelay {
  private readonly forwarder: LogForwarder;
  private readonly abort = new AbortController();
  private readonly watch = new FeedbackWatch();
  private readonly sender: MediaSender;
  private library: WebRtcLibrary | undefined;
  private ffmpeg = '';
  private secrets: RelaySecrets = {};
  private videoHeader: Buffer | undefined;
  private audioHeader: Buffer | undefined;
  private peer: Peer | undefined;
  private session: WhipSession | undefined;
  private opus: OpusEncoder | undefined;
  private timer: NodeJS.Timeout | undefined;
  private connecting: Promise<void> | undefined;
  private isOpen = false;
  private hasTaken = false;
  private over = false;

  constructor(
    private readonly connection: RpcConnection,
    private readonly media: Duplex,
    private readonly target: WhipTarget,
  ) {
    this.forwarder = new LogForwarder(connection);
    this.sender = new MediaSender((kind, packet) => this.peer?.send(kind, packet));
  }

  /** @throws BulkheadError */
  async start({ ffmpegPath, videoCodec }: RelayStartParams, secrets: RelaySecrets): Promise<RelayStarted> {
    if (videoCodec !== 'h264') {
      throw new BulkheadError(ErrorCodes.outputCodec, 'only H.264 can be sent by WHIP', {
        remedy: 'Set the "encoder" of "video" to one of H.264, such as "libx264".',
      });
    }
    this.secrets = secrets;
    this.library = await loadWebRtc();
    this.ffmpeg = findFfmpeg(ffmpegPath);
    const demuxer = new FlvDemuxer((tag) => this.take(tag));
    this.media.on('data', (chunk: Buffer) => {
      try {
        demuxer.push(chunk);
      } catch (error) {
        void this.end(BulkheadError.from(error));
      }
    });
    this.media.once('end', () => void this.end(undefined));
    return { ffmpegPid: 0 };
  }

  expectEnd(): void {}

  dispose(): void {
    this.over = true;
    this.abort.abort();
    clearInterval(this.timer);
    this.opus?.dispose();
    this.peer?.dispose();
    this.media.destroy();
  }

  private take({ kind, timestampMs, payload }: FlvTag): void {
    if (this.over || kind === 'script') return;
    // What is there to know the tracks by has the time 0, from which the core has moved the stream.
    const isStream = timestampMs !== 0;
    if (kind === 'audio') {
      const what = parseAudioPayload(payload);
      if (what === 'header') this.audioHeader = payload;
      if (what === 'frame' && isStream) this.takeSound(payload, timestampMs);
      return;
    }
    const { kind: what } = parseVideoPayload(payload);
    if (what === 'header') {
      this.videoHeader = payload;
      this.sender.takeHeader(payload);
    } else if (!isStream) {
      this.connecting ??= this.connect().catch((error) => this.end(BulkheadError.from(error)));
    } else if (this.isOpen) {
      this.hasTaken = true;
      if (!this.sender.takeFrame(payload, timestampMs)) void this.end(B_FRAMES);
    }
  }

  private takeSound(payload: Buffer, timestampMs: number): void {
    if (!this.isOpen) return;
    this.hasTaken = true;
    this.opus?.push(payload, timestampMs);
  }

  /** Offers what the stream has, and waits until it can be sent. @throws BulkheadError */
  private async connect(): Promise<void> {
    const { library, target, videoHeader, audioHeader, sender } = this;
    const config = videoHeader && avcConfigOf(videoHeader);
    if (library === undefined || config === undefined) {
      throw new BulkheadError(ErrorCodes.mediaInvalid, 'the stream has no header of H.264');
    }
    if (announcesBFrames(config)) throw B_FRAMES;
    const { server, tlsCaFile } = target;
    const hasAudio = audioHeader !== undefined;
    const peer = new Peer(
      library,
      {
        video: { ssrc: sender.video.ssrc, profile: profileLevelId(config) },
        audio: hasAudio ? { ssrc: sender.audio.ssrc } : undefined,
      },
      (packet) => this.watch.take(packet, performance.now(), Date.now()),
    );
    this.peer = peer;
    const ca = tlsCaFile === undefined ? undefined : [...rootCertificates, readFileSync(tlsCaFile, 'utf8')];
    const { url = '', authorization } = this.secrets;
    const offer = await peer.offer();
    this.session = await offerSession(offer, { url, authorization, ca, server }, this.abort.signal);
    const { answer } = this.session;
    const accepted = acceptedTracks(answer, OFFERED);
    sender.video.use(checkAccepted(accepted, hasAudio, server));
    sender.audio.use(accepted.audio ?? 0);
    peer.accept(answer, server);
    const connected = await withDeadline(peer.connected, CONNECT_MS, () => false);
    if (!connected) {
      throw new BulkheadError(
        ErrorCodes.outputUnreachable,
        `${server} has accepted the stream, but its media cannot be reached`,
        { remedy: 'Check that UDP is not blocked by a firewall, here or there. Bulkhead keeps trying.' },
      );
    }
    if (this.over) return;
    void peer.lost.then(() => this.lose(`${server} has ended the connection, or it was lost`));
    if (audioHeader !== undefined) this.startOpus(audioHeader);
    this.isOpen = true;
    this.timer = setInterval(() => this.report(), REPORT_MS);
    this.connection.sendNotification(RelayOpenedNotification.type, {});
  }

  private startOpus(header: Buffer): void {
    const opus = new OpusEncoder({
      ffmpeg: this.ffmpeg,
      header,
      onLog: (line) => this.forwarder.take(line, (text) => text),
      onPacket: (packet, seconds) => this.sender.takeSound(packet, seconds),
    });
    this.opus = opus;
    void opus.ended.then((exit) => this.end(explainOpusEnd(exit)));
  }

  private report(): void {
    const now = performance.now();
    this.sender.report(now, Date.now());
    const { hasReports, roundTripMs } = this.watch;
    if (this.hasTaken) {
      const rtt = roundTripMs === undefined ? {} : { roundTripMs };
      this.connection.sendNotification(RelayProgressNotification.type, { delivered: hasReports, ...rtt });
    }
    this.hasTaken = false;
    for (const message of this.watch.news()) {
      this.connection.sendNotification(PartLogNotification.type, { level: 'debug', message });
    }
    if (this.watch.isSilent(now)) this.lose(`${this.target.server} reports nothing any more`);
  }

  private lose(message: string): void {
    const remedy =
      'Bulkhead reconnects automatically; if it happens often, check the server and the network.';
    void this.end(new BulkheadError(ErrorCodes.outputClosed, message, { remedy }));
  }

  /** Has the server end its session, too: else it may take the next one for another publisher's. */
  private async end(error: BulkheadError | undefined): Promise<void> {
    if (this.over) return;
    this.over = true;
    clearInterval(this.timer);
    this.abort.abort();
    await this.session?.end();
    this.peer?.dispose();
    this.opus?.dispose();
    this.connection.sendNotification(RelayEndedNotification.type, {
      ...(error === undefined ? {} : { error: error.toData() }),
    });
  }
}

function explainOpusEnd({ log, code, signal, spawnError }: FfmpegExit): BulkheadError {
  if (spawnError !== undefined) {
    return new BulkheadError(ErrorCodes.ffmpegFailedToStart, `ffmpeg does not start: ${spawnError.message}.`);
  }
  const lines = log.map(({ text }) => text);
  if (lines.some((text) => /Unknown encoder/.test(text))) {
    return new BulkheadError(ErrorCodes.ffmpegUnsupported, 'This ffmpeg cannot encode Opus.', {
      remedy: 'Install a complete ffmpeg, or name one as "ffmpeg" in the configuration.',
    });
  }
  return new BulkheadError(
    ErrorCodes.processFailed,
    `the ffmpeg that encodes the sound has ended (${signal ?? `code ${code}`})`,
    { remedy: 'Bulkhead starts another one. If this repeats, see its log.' },
  );
}
