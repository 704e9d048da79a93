import { injectable, multiInject } from 'inversify';
import type { OutputConfig } from '../../config/schema.js';
import type { StreamTag } from '../../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { DelayedOutput } from './delay/delayed-output.js';
import type { Output } from './output.js';

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

/** What is the same for all outputs of a broadcast. */
export interface OutputContext {
  /** The ffmpeg of the configuration. */
  readonly ffmpeg?: string | undefined;
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

  constructor(@multiInject(OutputProtocol) protocols: readonly OutputProtocol[]) {
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
        ? new DelayedOutput(delaySeconds, startingPoint, create)
        : create(startingPoint);
    }
    const known = [...this.byType.keys()].map((type) => `"${type}"`).join(', ');
    throw new BulkheadError(ErrorCodes.configInvalid, `no output protocol is for outputs of this type`, {
      where: `outputs.${config.id}`,
      remedy: `Use one of these types: ${known}.`,
    });
  };
}
