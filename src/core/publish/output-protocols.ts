import { inject, injectable, multiInject } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { delayBytes, MOST_SECONDS_IN_MEMORY } from '../../config/output-delay.js';
import { type OutputVideo, renditionKey } from '../../config/output-video.js';
import type { OutputConfig, VideoConfig } from '../../config/schema.js';
import type { StreamTag } from '../../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { DelayRings } from './delay/delay-rings.js';
import { DelayedOutput, type DelayOnDisk } from './delay/delayed-output.js';
import type { Output } from './output.js';

/** What a delay leaves to others on its disk, bytes. */
const KEPT_FREE_BYTES = 200e6;

export const OutputFactory = Symbol('OutputFactory');

/**
 * Creates an output from its configuration, which contains the secrets.
 *
 * @param startingPoint what a session begins with: metadata, headers, the GOP so far
 * @throws {BulkheadError} `config.invalid`
 */
export type OutputFactory = (
  config: OutputConfig,
  startingPoint: () => StreamTag[],
  context: OutputContext,
) => Output;

/** What outputs know of the broadcast. */
export interface OutputContext {
  /** The ffmpeg of the configuration. */
  readonly ffmpeg?: string | undefined;
  /** Where delays above a minute are kept, if not in the usual place. */
  readonly delayFolder?: string | undefined;
  /** What is encoded, video and sound, kbit/s; undefined for what publishers send. */
  readonly kbps?: number | undefined;
  /** How the programme is encoded. */
  readonly video: VideoConfig;
  readonly encodes: MoreEncodes;
  /** Says something about this output to the streamer. */
  readonly notify: (severity: 'info' | 'warning', message: string) => void;
}

/** Has the programme encoded otherwise as well. */
export interface MoreEncodes {
  /** How many more encodes can be made. */
  readonly spare: number;
  /**
   * Has these encodes made until it is disposed of.
   *
   * @param take takes the stream of each, by its place, with the programme's sound: headers first, then from a keyframe on
   */
  request(videos: readonly OutputVideo[], take: (place: number, tag: StreamTag) => void): Disposable;
}

export const OutputProtocol = Symbol('OutputProtocol');

/**
 * A publishing protocol. A new one is a class of this kind, a binding in the composition root, and a branch of
 * `OutputSchema`.
 */
export interface OutputProtocol {
  /** The types of the outputs that it makes. Unique among protocols. */
  readonly types: readonly OutputConfig['type'][];
  readonly create: OutputFactory;
}

/** Finds the protocol of an output by its type. */
@injectable()
export class OutputProtocols {
  private readonly byType = new Map<OutputConfig['type'], OutputProtocol>();

  constructor(
    @multiInject(OutputProtocol) protocols: readonly OutputProtocol[],
    @inject(DelayRings) private readonly rings: Pick<DelayRings, 'use'>,
  ) {
    for (const protocol of protocols) {
      for (const type of protocol.types) {
        if (this.byType.has(type))
          throw new Error(`two output protocols are for outputs of the type ${type}`);
        this.byType.set(type, protocol);
      }
    }
  }

  readonly create: OutputFactory = (config, startingPoint, context) => {
    const protocol = this.byType.get(config.type);
    const { delaySeconds = 0 } = config;
    if (protocol !== undefined) {
      const create = (start: () => StreamTag[]) => protocol.create(config, start, context);
      return delaySeconds > 0
        ? new DelayedOutput(delaySeconds, startingPoint, create, this.onDisk(config, context))
        : create(startingPoint);
    }
    const known = [...this.byType.keys()].map((type) => `"${type}"`).join(', ');
    throw new BulkheadError(ErrorCodes.configInvalid, `no output protocol is for outputs of this type`, {
      where: `outputs.${config.id}`,
      remedy: `Use one of these types: ${known}.`,
    });
  };

  /** Undefined for a delay that is kept in memory. */
  private onDisk(config: OutputConfig, { delayFolder, kbps = 0 }: OutputContext): DelayOnDisk | undefined {
    const { delaySeconds = 0 } = config;
    if (delaySeconds <= MOST_SECONDS_IN_MEMORY && delayFolder === undefined) return undefined;
    const use = () => this.rings.use(renditionKey(config) ?? '', delayFolder);
    return { use, neededBytes: delayBytes(delaySeconds, kbps) + KEPT_FREE_BYTES };
  }
}
