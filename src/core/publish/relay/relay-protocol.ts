import { inject, injectable } from 'inversify';
import { findPassphraseProblem, type RelayConfig } from '../../../config/relay-output-schema.js';
import type { OutputConfig } from '../../../config/schema.js';
import { isHeaderKind } from '../../../media/stream-headers.js';
import type { StreamTag } from '../../../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { CoreOptions } from '../../core-options.js';
import { Log } from '../../log/log.js';
import { PartLaunchers } from '../../processes/part-launcher.js';
import type { Output } from '../output.js';
import type { OutputContext, OutputProtocol } from '../output-protocols.js';
import { PublishedOutput } from '../published-output.js';
import { RelayDestination, relayTarget } from './relay-destination.js';
import { RelaySession } from './relay-session.js';

/** SRT, RIST, UDP, HLS and WHIP, which relay processes send. */
@injectable()
export class RelayProtocol implements OutputProtocol {
  readonly types = ['srt', 'rist', 'udp', 'hls', 'whip'] as const;
  /** Outputs that write into a folder, by it. */
  private readonly folders = new Map<string, string>();

  constructor(
    @inject(PartLaunchers) private readonly launchers: Pick<PartLaunchers, 'relay'>,
    @inject(CoreOptions) private readonly options: Pick<CoreOptions, 'logLevel'>,
    @inject(Log) private readonly log: Log,
  ) {}

  create(config: OutputConfig, startingPoint: () => StreamTag[], { ffmpeg }: OutputContext): Output {
    const relay = config as RelayConfig;
    checkPassphrase(relay);
    const { target, secrets, shownUrl } = relayTarget(relay);
    const { id } = config;
    const open = async (start: readonly StreamTag[], signal: AbortSignal) => {
      const release = target.kind === 'hls' ? this.claim(target.folder, id) : () => {};
      const options = {
        ...{ launcher: this.launchers.relay, logLevel: this.options.logLevel, target, secrets },
        ffmpegPath: ffmpeg,
        log: (level: 'trace' | 'debug' | 'info' | 'warn' | 'error', message: string, pid: number) =>
          this.log[level](`output ${id}: ${message}`, { pid }),
      };
      try {
        const session = await RelaySession.open(options, start, signal);
        void session.ended.then(release);
        return session;
      } catch (error) {
        release();
        throw error;
      }
    };
    return new PublishedOutput(
      id,
      new RelayDestination(id, shownUrl, target, startingPoint, open),
      // Receivers of WebRTC would stay behind by all that comes at once: there the stream begins with its next keyframe.
      target.kind === 'whip' ? () => startingPoint().filter(({ kind }) => isHeaderKind(kind)) : startingPoint,
    );
  }

  /** @throws BulkheadError `config.invalid` for a folder that another output writes into */
  private claim(folder: string, id: string): () => void {
    const other = this.folders.get(folder);
    if (other !== undefined && other !== id) {
      throw new BulkheadError(ErrorCodes.configInvalid, `the output "${other}" writes into the same folder`, {
        remedy: 'Choose another "folder".',
      });
    }
    this.folders.set(folder, id);
    return () => {
      if (this.folders.get(folder) === id) this.folders.delete(folder);
    };
  }
}

/** @throws BulkheadError `config.invalid` */
function checkPassphrase({ id, ...settings }: RelayConfig): void {
  const problem =
    'passphrase' in settings && settings.passphrase !== undefined
      ? findPassphraseProblem(settings.passphrase)
      : undefined;
  if (problem === undefined) return;
  throw new BulkheadError(ErrorCodes.configInvalid, problem, {
    where: `outputs.${id}`,
    remedy: 'Set another "passphrase", the same on both sides.',
  });
}
