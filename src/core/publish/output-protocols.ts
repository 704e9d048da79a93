import { injectable, multiInject } from 'inversify';
import type { OutputConfig } from '../../config/schema.js';
import type { StreamTag } from '../../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { Output } from './output.js';

export const OutputFactory = Symbol('OutputFactory');

/**
 * Creates an output from its configuration, which contains the secrets.
 *
 * @param startingPoint what a session begins with: metadata, headers, the GOP so far
 * @throws {BulkheadError} `config.invalid`
 */
export type OutputFactory = (config: OutputConfig, startingPoint: () => StreamTag[]) => Output;

export const OutputProtocol = Symbol('OutputProtocol');

/**
 * A publishing protocol. A new one is a class of this kind, a binding in the composition root, and a branch of
 * `OutputSchema`.
 */
export interface OutputProtocol {
  /** Its URL schemes, in lower case, without `://`. Unique among protocols. */
  readonly schemes: readonly string[];
  readonly create: OutputFactory;
}

/** Finds the protocol of an output by its address' scheme. */
@injectable()
export class OutputProtocols {
  private readonly byScheme = new Map<string, OutputProtocol>();

  constructor(@multiInject(OutputProtocol) protocols: readonly OutputProtocol[]) {
    for (const protocol of protocols) {
      for (const scheme of protocol.schemes) {
        if (this.byScheme.has(scheme)) throw new Error(`two output protocols have the scheme ${scheme}`);
        this.byScheme.set(scheme, protocol);
      }
    }
  }

  readonly create: OutputFactory = (config, startingPoint) => {
    const [scheme = ''] = config.url.trim().split('://', 1);
    const protocol = this.byScheme.get(scheme.toLowerCase());
    if (protocol !== undefined) return protocol.create(config, startingPoint);
    const known = [...this.byScheme.keys()].map((name) => `${name}://`).join(', ');
    // The address is not repeated: it may be a key in the wrong place.
    throw new BulkheadError(ErrorCodes.configInvalid, 'no output protocol has addresses like this one', {
      where: `outputs.${config.id}`,
      remedy: `Use an address that begins with one of these: ${known}.`,
    });
  };
}
