import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HlsConfig, RelayConfig, WhipConfig } from '../../../config/relay-output-schema.js';
import { parseRelayUrl } from '../../../config/relay-url.js';
import { isExtraKind, type StreamTag } from '../../../media/stream-tag.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../../../protocol/errors.js';
import type { RelaySecrets, RelayTarget } from '../../../protocol/relay.js';
import type { MediaSession } from '../media-session.js';
import {
  type Destination,
  NoAnswerError,
  type OutputTimings,
  type PublishAttempt,
} from '../published-output.js';

/** Launches a relay, and resolves when it has connected. */
export type OpenRelay = (start: readonly StreamTag[], signal: AbortSignal) => Promise<MediaSession>;

const TIMINGS: OutputTimings = {
  // Its protocol gives up sooner; this is for a computer that hardly gets to start it.
  openMs: 30_000,
  holdMs: 0,
  settleMs: 300,
  // A relay's protocol waits for its network: what stands still for longer is stuck.
  stallMs: 8_000,
  mostStallMs: 8_000,
  sustainedMs: 5_000,
  sustainedBytes: 4096,
  reconnectRequestMs: 10_000,
};
/** A player may take as long as it likes until it connects: as long as a timer can wait, ms. */
const NO_DEADLINE_MS = 0x7fffffff;
/** An upload counts as live with its first segment, which is as long as the settings say and then has to be taken, ms. */
const UPLOAD_MS = 600_000;
/** Segments go on with what the last finished one has not. Receivers of the others take a stream at its own pace, and could not catch up. */
const SEGMENTS_CATCH_UP_MS = 20_000;
/** How often it is looked whether the stream has begun, ms. */
const LOOK_MS = 50;

const PERMANENT: ReadonlySet<ErrorCode> = new Set([
  ErrorCodes.configInvalid,
  ErrorCodes.outputRefused,
  ErrorCodes.outputAuthFailed,
  ErrorCodes.outputTls,
  ErrorCodes.outputCodec,
  ErrorCodes.storageFailed,
  ErrorCodes.ffmpegNotFound,
  ErrorCodes.ffmpegUnsupported,
  ErrorCodes.platformUnsupported,
]);

/** Where a relay sends the stream. */
export class RelayDestination implements Destination {
  readonly timings: OutputTimings;
  readonly catchUpMs: number;
  /** A relay takes everything at once, and its protocol drops what the network does not carry. */
  readonly tellsFlow = false;
  private readonly where: string;

  constructor(
    id: string,
    readonly shownUrl: string,
    target: RelayTarget,
    private readonly startingPoint: () => StreamTag[],
    private readonly openRelay: OpenRelay,
  ) {
    this.where = `outputs.${id}`;
    this.catchUpMs = 'folder' in target ? SEGMENTS_CATCH_UP_MS : 0;
    const waits = target.kind === 'srt' && target.mode === 'listener';
    this.timings = {
      ...TIMINGS,
      ...(waits ? { openMs: NO_DEADLINE_MS } : {}),
      ...(target.kind === 'hls-push' ? { settleMs: UPLOAD_MS } : {}),
    };
  }

  /** MPEG-TS has a place for further tracks, but receivers expect one of each. */
  takes({ kind }: StreamTag): boolean {
    return !isExtraKind(kind);
  }

  attempt(): PublishAttempt {
    return {
      open: async (signal) => this.openRelay(await this.beginning(signal), signal),
      failed: (error) => this.located(error),
      isPermanent: ({ code }) => PERMANENT.has(code),
      stalled: (seconds) =>
        this.error(
          ErrorCodes.outputStalled,
          `the relay to ${this.shownUrl} has taken no data for ${Math.round(seconds)} s`,
          'The network or the other side is stuck; Bulkhead starts another relay.',
        ),
      closedAtOnce: () =>
        this.error(
          ErrorCodes.outputClosed,
          `${this.shownUrl} accepted the stream and closed the connection at once`,
          'Check its settings; Bulkhead keeps trying.',
        ),
      slow: () =>
        this.error(
          ErrorCodes.outputSlow,
          `${this.shownUrl} receives too slowly; its viewers miss frames`,
          'Set a lower "video.bitrateKbps", or find what else uses the upload of this connection.',
        ),
    };
  }

  /** The stream from its latest keyframe on: a relay cannot connect before it has seen the tracks. */
  private async beginning(signal: AbortSignal): Promise<StreamTag[]> {
    for (;;) {
      const tags = this.startingPoint().filter((tag) => this.takes(tag));
      const kinds = new Set(tags.map(({ kind }) => kind));
      if (kinds.has('keyframe') && (kinds.has('audio') || !kinds.has('audio-header'))) return tags;
      await delay(LOOK_MS, undefined, { signal }).catch(() => {
        throw this.error(
          ErrorCodes.outputStalled,
          'there has been nothing to send yet',
          'The output connects as soon as the broadcast has a keyframe.',
        );
      });
    }
  }

  private located(error: unknown): BulkheadError {
    if (error instanceof NoAnswerError) {
      return this.error(
        ErrorCodes.outputUnreachable,
        `${this.shownUrl} did not respond`,
        'Check the address, the network and the firewall. Bulkhead keeps trying.',
      );
    }
    const { code, message, remedy, cause } = BulkheadError.from(error);
    return new BulkheadError(code, message, { where: this.where, remedy, cause });
  }

  private error(code: ErrorCode, message: string, remedy: string): BulkheadError {
    return new BulkheadError(code, message, { where: this.where, remedy });
  }
}

/** The settings as a relay gets them, and what of them may be secret. */
export function relayTarget(config: RelayConfig): {
  readonly target: RelayTarget;
  readonly secrets: RelaySecrets;
  readonly shownUrl: string;
} {
  if (config.type === 'hls') return hlsTarget(config);
  if (config.type === 'whip') return whipTarget(config);
  const address = parseRelayUrl(config.url);
  const { host, port } = address;
  const shownUrl = `${config.type}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (config.type) {
    case 'srt': {
      const { mode, latencyMs, key: streamId, passphrase } = config;
      return {
        target: { kind: 'srt', ...address, mode, latencyMs },
        secrets: { passphrase, streamId },
        shownUrl,
      };
    }
    case 'rist': {
      const { profile, bufferMs, passphrase } = config;
      return { target: { kind: 'rist', ...address, profile, bufferMs }, secrets: { passphrase }, shownUrl };
    }
    case 'udp':
      return { target: { kind: 'udp', ...address, ttl: config.ttl }, secrets: {}, shownUrl };
  }
}

function hlsTarget({
  folder,
  url = '',
  key = '',
  username,
  password = '',
  tlsCaFile,
  segmentSeconds,
  playlistSegments,
}: HlsConfig): ReturnType<typeof relayTarget> {
  const segments = { segmentSeconds, playlistSegments };
  if (folder !== undefined) {
    return { target: { kind: 'hls', folder, ...segments }, secrets: {}, shownUrl: folder };
  }
  const address = new URL(url.trim().replaceAll('{key}', encodeURIComponent(key)));
  const authorization =
    username === undefined ? undefined : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return {
    target: { kind: 'hls-push', folder: temporaryFolder(), server: address.host, tlsCaFile, ...segments },
    secrets: { url: address.href, authorization },
    // The path may be a key as well.
    shownUrl: `${address.origin}/***`,
  };
}

/** That the relay makes. Its name shows whose it is, and nobody can guess it. */
function temporaryFolder(): string {
  return join(tmpdir(), `bulkhead-hls-${process.pid}-${randomBytes(8).toString('hex')}`);
}

function whipTarget({ url, key, tlsCaFile }: WhipConfig): ReturnType<typeof relayTarget> {
  const inAddress = url.includes('{key}');
  const address = new URL(url.trim().replaceAll('{key}', encodeURIComponent(key ?? '')));
  return {
    target: { kind: 'whip', server: address.host, tlsCaFile },
    secrets: {
      url: address.href,
      authorization: key === undefined || inAddress ? undefined : `Bearer ${key.trim()}`,
    },
    // The path may be a key as well.
    shownUrl: `${address.origin}/***`,
  };
}
